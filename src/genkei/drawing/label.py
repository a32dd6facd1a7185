"""Which side does each figure of a sheet show? The joint assignment that the evidence supports best."""

from dataclasses import dataclass
from itertools import permutations, product

import numpy as np
from jaxtyping import Float64, Int

from genkei.drawing.evidence import Evidence, register
from genkei.drawing.names import name_of

LABELS = (0.0, 90.0, 180.0, 270.0, 45.0, 315.0, 135.0, 225.0)
"""Azimuths that can be found; the four cardinal ones first."""
MOST_FIGURES = 8
HABITS = {
    1: ((0,),),
    2: ((0, 180), (0, 90), (0, 270)),
    3: ((0, 90, 180), (0, 270, 180), (90, 0, 180), (270, 0, 180)),
    4: ((0, 90, 180, 270), (0, 270, 180, 90), (270, 180, 90, 0), (270, 0, 90, 180), (0, 45, 90, 180)),
    5: ((0, 45, 90, 135, 180), (0, 315, 270, 225, 180)),
}
"""Orders in which artists (and the 2 x 2 sheets of view generators) put their views: a tie breaker."""
W_SYMMETRY, W_FACE, W_LOOKS, W_MIRROR, W_HABIT, W_WIDTH = 2.0, 1.2, 1.5, 2.0, 0.25, 0.6
"""Weights of the clues, hand-set on drawn and real four-view sets; a score of 1 is a clear clue."""
OBLIQUE_COST = 0.6
"""A three-quarter label must beat a cardinal one by this."""
TWICE_COST = 1.2
"""Two figures with one label must beat a second label by this."""


@dataclass(frozen=True)
class Labelled:
    """One figure's side, why, and how sure."""

    azimuth: float
    reason: str
    certainty: float


def label(evidence: tuple[Evidence, ...]) -> tuple[Labelled, ...]:
    """One label a figure, in order; two may get the same one. ValueError above `MOST_FIGURES`."""
    count = len(evidence)
    if count > MOST_FIGURES:
        raise ValueError(
            f"{count} figures were found, a turnaround has at most {MOST_FIGURES}. Crop the sheet to the"
            " views of one character in one costume"
        )
    if count == 1:
        return (Labelled(0.0, "the only drawing is taken as the front", 0.9),)
    single, pairs = _single_scores(evidence), _pair_scores(evidence)
    choices = _choices(count)
    scores = _scores(choices, single, pairs)
    best = int(np.argmax(scores))
    out = []
    for figure, chosen in enumerate(choices[best]):
        rival = scores[choices[:, figure] != chosen].max()
        certainty = 1 / (1 + np.exp(-2.5 * (scores[best] - rival)))
        azimuth = LABELS[chosen]
        reason = _reason(figure, azimuth, choices[best], evidence, pairs)
        out.append(Labelled(azimuth, reason, round(float(certainty), 2)))
    return tuple(out)


def faceness(evidence: tuple[Evidence, ...]) -> Float64[np.ndarray, "n"]:
    """-1 the back of a head, 1 a face, each against the other figures of the sheet."""
    parts = []
    for measure, floor in (("skin", 1.0), ("eyes", 0.15), ("detail", 1.0)):
        values = np.array([getattr(e, measure) for e in evidence], np.float64)
        span = max(float(values.max() - values.min()), floor)
        parts.append((values - (values.max() + values.min()) / 2) / span * 2)
    return np.clip(0.5 * parts[0] + 0.25 * parts[1] + 0.25 * parts[2], -1, 1)


def _single_scores(evidence: tuple[Evidence, ...]) -> Float64[np.ndarray, "n l"]:
    symmetry = np.array([e.symmetry for e in evidence])
    width = np.array([e.width for e in evidence])
    looks = np.array([e.looks_right for e in evidence])
    face = faceness(evidence)
    broad = (width - width.min()) / max(float(width.max() - width.min()), 0.15) * 2 - 1
    even = np.clip((symmetry - 0.82) / 0.1, -1, 1)
    facing_us = W_SYMMETRY * even + W_WIDTH * broad - 0.5 * W_LOOKS * np.abs(looks)
    columns = []
    for azimuth in LABELS:
        angle = np.radians(azimuth)
        frontal = abs(np.cos(angle))
        score = facing_us * (2 * frontal - 1) if frontal in (0.0, 1.0) else facing_us * (2 * frontal**2 - 1)
        score = score + W_FACE * face * np.cos(angle) - W_LOOKS * looks * np.sin(angle)
        columns.append(score - (OBLIQUE_COST if azimuth % 90 else 0.0))
    return np.stack(columns, 1)


def _pair_scores(evidence: tuple[Evidence, ...]) -> Float64[np.ndarray, "n n"]:
    """IoU of each figure with the mirror image of each other one, less the mean: only differences tell."""
    count = len(evidence)
    out = np.zeros((count, count))
    for i in range(count):
        for j in range(i + 1, count):
            mirrored = evidence[j].silhouette[:, ::-1].copy()
            out[i, j] = out[j, i] = register(mirrored, evidence[i].silhouette)[0]
    return out


def _choices(count: int) -> Int[np.ndarray, "k n"]:
    """Every assignment of labels worth scoring; repeats only while there are few figures."""
    if count <= 4:
        return np.array(list(product(range(len(LABELS)), repeat=count)))
    return np.array(list(permutations(range(len(LABELS)), count)))


def _scores(
    choices: Int[np.ndarray, "k n"], single: Float64[np.ndarray, "n l"], pairs: Float64[np.ndarray, "n n"]
) -> Float64[np.ndarray, "k"]:
    count = choices.shape[1]
    azimuths = np.array(LABELS)[choices]
    total = single[np.arange(count), choices].sum(1)
    typical = pairs[np.triu_indices(count, 1)].mean()
    for i in range(count):
        for j in range(i + 1, count):
            opposite = np.abs(np.abs(azimuths[:, i] - azimuths[:, j]) - 180) < 1
            mirror_twins = (np.abs((azimuths[:, i] + azimuths[:, j]) % 360) < 1) & (azimuths[:, i] % 180 != 0)
            agreement = W_MIRROR * (pairs[i, j] - min(typical, 0.8)) / 0.15
            total = total + np.where(opposite | mirror_twins, np.clip(agreement, -1.5, 1.5), 0)
            total = total - TWICE_COST * (choices[:, i] == choices[:, j])
    total = total + 0.8 * (azimuths == 0).any(1)
    for habit in HABITS.get(count, ()):
        total = total + W_HABIT * (azimuths == np.array(habit)).all(1)
    return total


def _reason(
    figure: int,
    azimuth: float,
    choice: Int[np.ndarray, "n"],
    evidence: tuple[Evidence, ...],
    pairs: Float64[np.ndarray, "n n"],
) -> str:
    """The clues that speak about this figure, in plain words."""
    own = evidence[figure]
    face = faceness(evidence)[figure]
    said = [f"its outline is {own.symmetry:.0%} symmetric"]
    if azimuth in (0.0, 45.0, 315.0):
        said.append("it shows a face" if face > 0 else "no clear face, but less like a back than the others")
    elif azimuth in (135.0, 180.0, 225.0):
        said.append("no face is seen" if face < 0 else "a face-like patch, but less than on the front")
    if azimuth % 180 and abs(own.looks_right) > 0.1:
        said.append(f"face and toes point to picture-{'right' if own.looks_right > 0 else 'left'}")
    for other, index in enumerate(choice):
        if other != figure and abs(abs(LABELS[index] - azimuth) - 180) < 1:
            said.append(f"it mirrors the {name_of(LABELS[index])} ({pairs[figure, other]:.0%} overlap)")
    return f"{name_of(azimuth)}: " + ", ".join(said)
