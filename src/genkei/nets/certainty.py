"""How sure the net is that a picture shows one standing character.

A logistic model of a few shares; benchmarks/certainty.py prints its weights (held-out labelled pictures
against pictures of something else) and the table of what it tells apart.
"""

import numpy as np
from jaxtyping import Float

from genkei.geometry.camera import turned_deg
from genkei.geometry.crop import cut
from genkei.nets.look import Look

MEASURES = ("joints", "paint")
WEIGHTS = (6.66, 4.60)
BIAS = -7.16
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


def measures(look: Look) -> Float[np.ndarray, "2"]:
    """Shares 0..1 in the order of MEASURES: how sharp the joints' heat maps are; `painted`.

    How sure the parts are and how upright the body is told nothing beside them.
    """
    return np.array([float(look.joints.sharpness.mean()), painted(look)])


def painted(look: Look) -> float:
    """Whether the picture has even areas, as drawings have and noise has not; at twice the net's size."""
    picture = cut(look.view, look.crop, 2 * len(look.mask))[:3]
    inside = look.mask.repeat(2, 0).repeat(2, 1)[1:, 1:]
    if not inside.any():
        return 0.0
    down, right = np.diff(picture, axis=1)[:, :, 1:], np.diff(picture, axis=2)[:, 1:]
    step = np.abs(down).max(0) + np.abs(right).max(0)
    return min(float((step[inside] < EVEN).mean()) / PAINTED, 1.0)
