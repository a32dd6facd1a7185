"""Hair: a cap on the skull and locks swept over it."""

import numpy as np

from genkei_train.characters.bangs import bangs, sides
from genkei_train.characters.body import HEAD, Figurine, Piece
from genkei_train.characters.forms import Form, both, clipped, column, form
from genkei_train.characters.manes import LONG, back_hair
from genkei_train.characters.ornaments import ahoge
from genkei_train.characters.paint import Paint, gloss, gradient, mixed, over
from genkei_train.characters.tails import HANGING, tied_hair


def hair(f: Figurine) -> list[Piece]:
    """Every piece of hair and what ties it."""
    spec = f.spec.hair
    fall, crown = _paints(f)
    pieces = [Piece(form, "hair", crown, HEAD) for form in (_cap(f), *bangs(f))]
    low = HANGING if spec.sides in ("long", "wavy") else HEAD
    pieces += [Piece(both(form), "hair", crown, low) for form in sides(f)]
    low = HANGING if spec.back in LONG else HEAD
    pieces += [Piece(form, "hair", crown, low) for form in back_hair(f)]
    if spec.ahoge:
        pieces.append(Piece(ahoge(f), "hair", crown, HEAD))
    return pieces + tied_hair(f, crown, fall)


def _paints(f: Figurine) -> tuple[Paint, Paint]:
    """What hangs, and what lies on the head with its gloss."""
    h, palette, spec = f.m.head, f.spec.palette, f.spec.hair
    colour = palette.hair
    base = gradient(mixed(colour, palette.accent, 0.12), colour, f.m.chin - 0.3 * h, f.m.chin + 0.5 * h)
    if palette.hair_tip:
        longest = max(0.4, spec.back_length if spec.back in LONG else 0.0)
        longest = max(longest, spec.tail_length - 0.6 if spec.tails != "none" else 0.0)
        base = gradient(palette.hair_tip, colour, f.m.chin - 0.85 * longest * h, f.m.chin + 0.35 * h)
    if not spec.gloss:
        return base, base
    shine = gloss(f.m.chin + 0.785 * h, 0.020 * h, 0.05 * h, 11, 0.02 * h)
    return base, over(base, mixed(colour, "#fff0e4", 0.42), shine)


def _cap(f: Figurine) -> Form:
    """Hair lying on the skull, open over the face and the nape."""
    h, chin = f.m.head, f.m.chin
    middle = np.array([0.0, chin + 0.42 * h, 0.0], np.float32)
    size = 1 + 1.9 * f.spec.hair.volume
    skull = column(f.skull, square=2.1)

    def distance(p: np.ndarray) -> np.ndarray:
        return size * skull.distance((p - middle) / size + middle)

    def region(p: np.ndarray) -> np.ndarray:
        hairline = chin + 0.76 * h - np.clip((0.20 * h - p[:, 2]) / (0.24 * h), 0, 1) * 0.66 * h
        return (hairline - p[:, 1]) * 0.5

    low, high = (skull.low - middle) * size + middle, (skull.high - middle) * size + middle
    return clipped(form(distance, low, high), region)
