"""Everything worn, put together from the outfit."""

from genkei_train.characters.bodices import bodice
from genkei_train.characters.body import TORSO, Figurine, Piece
from genkei_train.characters.coats import coat
from genkei_train.characters.legwear import legwear
from genkei_train.characters.ornaments import bow
from genkei_train.characters.paint import plain
from genkei_train.characters.skirts import CLOTH, skirt
from genkei_train.characters.tops import dress, sailor, shirt
from genkei_train.characters.wraps import wraps


def garments(f: Figurine) -> list[Piece]:
    """Everything worn, from the inside out."""
    wear, palette = f.spec.outfit, f.spec.palette
    pieces = list(legwear(f))
    if wear.top == "sailor":
        pieces += sailor(f)
    elif wear.top == "dress":
        pieces += dress(f)
    elif wear.top == "shirt":
        pieces += shirt(f)
    else:
        pieces += bodice(f)
    if wear.skirt != "none":
        pieces.append(skirt(f))
    if wear.coat:
        pieces += coat(f)
    pieces += wraps(f)
    if wear.chest_ribbon:
        knot = f.torso.point(0.0, f.m.shoulder - f.m.mix(0.040, 0.062), CLOTH + 0.012)
        size = f.m.mix(0.062, 0.050)
        pieces += [
            Piece(form, "accessory", plain(palette.accent), TORSO) for form in bow(knot, size, tails=True)
        ]
    return pieces
