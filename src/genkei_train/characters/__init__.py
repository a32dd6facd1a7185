"""Parametric anime characters of our own: a specification in, a painted, rigged solid out."""
