"""How sure the net is that a picture shows one standing character.

A logistic model of a few shares; benchmarks/certainty.py prints its weights (held-out labelled pictures
against pictures of something else) and the table of what it tells apart.
"""

import numpy as np
from jaxtyping import Float

from genkei.geometry.camera import turned_deg
from genkei.geometry.crop import cut
from genkei.nets.look import Look

MEASURES = ("joints", "parts", "upright", "paint")
WEIGHTS = (4.83, 4.49, 5.86, 4.40)
BIAS = -13.69
UNSURE = 0.4
"""Certainty below which the result is marked."""
EVEN = 0.03
"""Step of a colour between neighbours, 0..1, up to which they are one area."""
PAINTED = 0.4
"""Even share of the rawest drawings, from which on it says nothing."""


def certainty(look: Look) -> float:
    """0..1 that the view shows one standing character, drawn."""
    odds = float(measures(look) @ np.array(WEIGHTS)) + BIAS
    return float(1 / (1 + np.exp(-odds)))


def certainty_of(looks: tuple[Look, ...]) -> float:
    """Of the view nearest to the front; 1 without any."""
    if not looks:
        return 1.0
    return certainty(min(looks, key=lambda look: turned_deg(look.view.camera.azimuth_deg, 0)))


def doubts(looks: tuple[Look, ...]) -> tuple[str, ...]:
    """A note when it is uncertain that the drawing shows a character."""
    sure = certainty_of(looks)
    if sure >= UNSURE:
        return ()
    return (
        f"the drawing is hard to read as one standing character (certainty {sure:.0%}, wanted {UNSURE:.0%}):"
        " its depth, parts and joints are guesses; animals, things, scenes and crowds come out wrong",
    )


def measures(look: Look) -> Float[np.ndarray, "4"]:
    """Shares 0..1 in the order of MEASURES; each is high for a character the net understands.

    How sharp the joints' heat maps are; by how much the likeliest part stands out; `upright`; `painted`.
    """
    top = np.sort(look.parts[:, look.mask], 0)[-2:]
    stands_out = float((top[1] - top[0]).mean()) if look.mask.any() else 0.0
    return np.array([float(look.joints.sharpness.mean()), stands_out, upright(look), painted(look)])


def upright(look: Look) -> float:
    """Correlation of the heights the net gives the pixels on an A-pose body with those in the picture."""
    inside = look.mask[::2, ::2]
    rows, _ = np.nonzero(inside)
    height = look.canonical[1][inside]
    if len(rows) < 10 or height.std() < 1e-6 or rows.std() < 1e-6:
        return 0.0
    return max(float(-np.corrcoef(rows, height)[0, 1]), 0.0)


def painted(look: Look) -> float:
    """Whether the picture has even areas, as drawings have and noise has not; at twice the net's size."""
    picture = cut(look.view, look.crop, 2 * len(look.mask))[:3]
    inside = look.mask.repeat(2, 0).repeat(2, 1)[1:, 1:]
    if not inside.any():
        return 0.0
    down, right = np.diff(picture, axis=1)[:, :, 1:], np.diff(picture, axis=2)[:, 1:]
    step = np.abs(down).max(0) + np.abs(right).max(0)
    return min(float((step[inside] < EVEN).mean()) / PAINTED, 1.0)
