"""Where the pictures contradict their labels or each other, measured: nothing is put right in silence."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from genkei.drawing.evidence import Evidence, register
from genkei.drawing.label import faceness
from genkei.geometry.colour import to_lab
from genkei.types import View

MIRROR_LIMIT = 0.65
"""Opposite views of one character overlap at least this much once mirrored; below, a note is written."""
ASPECT_LIMIT = 1.35
"""Front and back of one character differ at most by this factor in width."""
ASIDE_LIMIT = 0.3
"""How far face and toes must point the wrong way for a side's label to be doubted."""
FOREIGN = 0.09
"""Share of one view in colours that another lacks: at most 0.024 for 24 pairs of views of one character; for
306 pairs of views of two at least 0.069, in the median 0.67 (benchmarks/sheets.py)."""


@dataclass(frozen=True)
class Doubt:
    """A contradiction in words, and the views (by index) whose label it makes doubtful."""

    note: str
    views: tuple[int, ...] = ()


def contradictions(views: tuple[View, ...], evidence: tuple[Evidence, ...]) -> tuple[Doubt, ...]:
    """What speaks against the views' labels, and against their showing one character."""
    doubts = list(_wrong_way(views, evidence))
    if len(views) == 1 and views[0].name == "front":
        doubts += [Doubt(note, (0,)) for note in _front_notes(views[0], evidence[0])]
    faces = {view.name: face for view, face in zip(views, faceness(evidence), strict=True)}
    if faces.get("back", 0.0) - faces.get("front", 0.0) > 0.5:
        named = tuple(k for k, view in enumerate(views) if view.name in ("front", "back"))
        note = "the back view looks more like a face than the front view; the given labels were kept"
        doubts.append(Doubt(note, named))
    for i, first in enumerate(views):
        for j in range(i + 1, len(views)):
            doubts += map(Doubt, _pair_notes(first, views[j], evidence[i], evidence[j]))
    return (*doubts, *_strangers(views))


def _wrong_way(views: tuple[View, ...], evidence: tuple[Evidence, ...]) -> list[Doubt]:
    """Side views that look the other way; a left and a right view that both do were swapped."""
    wrong = {}
    for k, (view, measured) in enumerate(zip(views, evidence, strict=True)):
        wanted = -np.sign(round(np.sin(np.radians(view.camera.azimuth_deg)), 6))
        if wanted * measured.looks_right < -ASIDE_LIMIT:
            wrong[k] = measured.looks_right
    names = {views[k].name: k for k in wrong}
    if {"left", "right"} <= set(names):
        told = " and ".join(f"{name} ({wrong[names[name]]:+.2f})" for name in ("left", "right"))
        note = f"left and right seem to be swapped: face and toes point the other way in both, {told}"
        return [Doubt(f"{note}; the given labels were kept", (names["left"], names["right"]))]
    return [Doubt(_wrong_note(views[k], looks), (k,)) for k, looks in wrong.items()]


def _wrong_note(view: View, looks_right: float) -> str:
    side = "right" if looks_right > 0 else "left"
    return (
        f"{view.name}: face and toes point to picture-{side} ({looks_right:+.2f}), as on the {side} side: it"
        " is another side than named, or mirrored; the given label was kept"
    )


def _strangers(views: tuple[View, ...]) -> list[Doubt]:
    """Views whose colours are not those of the first one, which is nearest to the front."""
    found = []
    for k in range(1, len(views)):
        share = strangeness(views[0], views[k])
        if share > FOREIGN:
            note = (
                f"{views[0].name} and {views[k].name}: {share:.0%} of one is in colours that the other lacks"
                f" (limit {FOREIGN:.0%}): another character, another costume or another light"
            )
            found.append(Doubt(note, (k,)))
    return found


def strangeness(first: View, second: View) -> float:
    """The larger share of either view that is in colours which the other lacks."""
    a, b = _paints(first), _paints(second)
    return max(_lacking(a, b), _lacking(b, a))


LAB_STEP, SAME_PAINT = 4.0, 12.0
"""CIE Lab, lightness at half weight: width of the bins, and the distance within which paints are the same."""
RARE = 0.002
"""Share of a view below which a bin is noise."""


def _paints(view: View) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n"]]:
    """The view's colours and how much of it each covers."""
    rgba = view.rgba[::2, ::2]
    lab = to_lab(rgba[rgba[..., 3] > 0.9][:, :3]) * np.array([0.5, 1, 1], np.float32)
    bins, count = np.unique(np.round(lab / LAB_STEP).astype(np.int64), axis=0, return_counts=True)
    kept = count > max(2, RARE * count.sum())
    return bins[kept] * LAB_STEP, count[kept] / max(int(count[kept].sum()), 1)


def _lacking(
    known: tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n"]],
    asked: tuple[Float[np.ndarray, "m 3"], Float[np.ndarray, "m"]],
) -> float:
    """Share of a view in colours unlike any of the other's."""
    from scipy.spatial import KDTree

    if not len(known[0]) or not len(asked[0]):
        return 0.0
    away = np.asarray(KDTree(known[0]).query(asked[0])[0])
    return float(asked[1][away > SAME_PAINT].sum())


NO_SKIN, NO_EYES = 2.0, 0.4
"""Skin and eyes, in the units of `Evidence`, below which no face is seen (fronts: at least 3.5 skin)."""
FULL_ASIDE, ASIDE, LOPSIDED = 0.8, 0.5, 0.8
"""How far a profile's face looks aside (fronts: 0.48), by itself or with an outline at most this even."""
COLOURLESS = 8.0
"""CIE chroma of all but a tenth of a line drawing: no skin is to be expected."""


def _front_notes(view: View, measured: Evidence) -> tuple[str, ...]:
    """What speaks against a lone drawing being a front."""
    chroma = np.linalg.norm(to_lab(view.rgba[view.mask, :3])[:, 1:], axis=1)
    aside = abs(measured.looks_right)
    if aside > FULL_ASIDE or (aside > ASIDE and measured.symmetry < LOPSIDED):
        side = "right" if measured.looks_right > 0 else "left"
        return (
            f"front: this looks like a profile, face and toes point to picture-{side}; it was taken as the"
            f" front all the same. If it is a side view, hand it in with --{side} beside a front view",
        )
    if measured.skin < NO_SKIN and measured.eyes < NO_EYES and np.percentile(chroma, 90) > COLOURLESS:
        return (
            "front: no face is seen; it was taken as the front all the same. If this is the back, hand it in"
            " with --back beside a front view",
        )
    return ()


def _pair_notes(first: View, second: View, a: Evidence, b: Evidence) -> list[str]:
    pair = f"{first.name} and {second.name}"
    notes = []
    same = register(b.silhouette, a.silhouette)[0]
    if same > 0.985 and float(np.abs(first.rgba - second.rgba).mean()) < 0.004:
        notes.append(f"{pair}: the same picture twice ({same:.1%} overlap); one of them is not what it says")
    if abs(abs(first.camera.azimuth_deg - second.camera.azimuth_deg) - 180) > 1:
        return notes
    mirrored = register(b.silhouette[:, ::-1].copy(), a.silhouette)[0]
    if mirrored < MIRROR_LIMIT:
        notes.append(
            f"{pair}: mirrored outlines overlap only {mirrored:.0%} (wanted {MIRROR_LIMIT:.0%}): another"
            " pose, scale or character"
        )
    ratio = max(a.width, b.width) / max(min(a.width, b.width), 1e-6)
    if ratio > ASPECT_LIMIT:
        notes.append(f"{pair}: one is {ratio:.2f} times as wide as the other (limit {ASPECT_LIMIT})")
    return notes
