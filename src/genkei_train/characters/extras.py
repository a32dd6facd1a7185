"""Everything that is neither body, hair nor clothes."""

from genkei_train.characters.beasts import ears, horns, tail, wings
from genkei_train.characters.body import Figurine, Piece
from genkei_train.characters.carried import carried
from genkei_train.characters.hats import hat


def extras(f: Figurine) -> list[Piece]:
    """Hat, ears, horns, tail, wings and what is carried."""
    return [*hat(f), *ears(f), *horns(f), *tail(f), *wings(f), *carried(f)]
