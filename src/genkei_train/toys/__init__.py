"""Parametric toys of our own: robots, animals, block people, knights, astronauts, golems and blobs."""
