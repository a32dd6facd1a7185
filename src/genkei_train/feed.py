"""Labelled pictures to batches: which sample comes when, and how it is varied. Same seed, same batches."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from PIL import Image

from genkei_train.composites import composed
from genkei_train.subjects import JOINTS
from genkei_train.warps import warped

Arrays = dict[str, np.ndarray]

NEEDED = {
    "solid": (
        "picture", "behind", "lines", "parts", "parts_back", "normals", "normals_back", "depth", "occupancy",
        "canonical", "joints",
    ),
    "matte": ("paper", "picture"),
}  # fmt: skip
MIRRORED = np.array([
    JOINTS.index(n.replace("left", "right") if n.startswith("left") else n.replace("right", "left"))
    for n in JOINTS
])  # fmt: skip
"""Which joint each one becomes when left and right are swapped."""


class Samples(Protocol):
    """A folder of labelled pictures, as `genkei_train.data.open_folder` gives it."""

    def __len__(self) -> int: ...

    def sample(self, index: int, /) -> Arrays: ...


class Kept:
    """The arrays of a folder's samples that one net needs, in memory from the first reading on."""

    def __init__(self, net: str, side: int = 0) -> None:
        self.names, self.side = (*NEEDED[net], "family"), side
        self.read: dict[int, Arrays] = {}
        self.folder: Samples | None = None

    def of(self, folder: Samples) -> "Kept":
        """The same memory over a folder that may have grown; its earlier samples must be where they were."""
        self.folder = folder
        return self

    def __len__(self) -> int:
        assert self.folder is not None
        return len(self.folder)

    def sample(self, index: int, /) -> Arrays:
        assert self.folder is not None
        if index not in self.read:
            whole = self.folder.sample(index)
            needed = {name: whole[name] for name in self.names if name in whole}
            if self.side:
                needed |= {n: shrunk(needed[n], self.side) for n in ("paper", "picture") if n in needed}
            self.read[index] = needed
        return self.read[index]


@dataclass(frozen=True)
class Variation:
    """How far a sample may be changed; chances are 0..1."""

    alone: float = 0.6
    """Chance that the view from behind is withheld: most users have one drawing."""
    mirror: float = 0.5
    channels: float = 0.15
    """Chance that red, green and blue are swapped about: no net should know hair by its colour."""
    grey: float = 0.08
    gain: float = 0.25
    """Brightness of each channel changes by up to this share."""
    bend: float = 0.3
    """Exponent of the tone curve changes by up to this share."""
    noise: float = 0.02
    """Standard deviation of the strongest noise, of 1."""
    warp: float = 0.7
    """Chance that a solid's drawing is stretched and bent, with all that it means."""
    edge: float = 0.25
    """Chance that the cut-out's edge moves in or out by a pixel."""
    zoom: float = 0.6
    """Chance that a picture on paper is seen from nearer or further and off its middle."""
    compose: float = 0.85
    """Chance that a figure on paper is put before another ground, perhaps with smaller figures behind it."""


STILL = Variation(
    alone=0, mirror=0, channels=0, grey=0, gain=0, bend=0, noise=0, warp=0, edge=0, zoom=0, compose=0
)


@dataclass(frozen=True)
class Feed:
    """Batches without end from a folder that may grow while they are read."""

    open: Callable[[], Samples]
    net: str
    batch: int = 8
    seed: int = 0
    variation: Variation = Variation()
    share: dict[str, float] = field(default_factory=lambda: {"cc0": 0.35})
    """Chance that a drawn sample of a family is taken; 1 for families not named."""
    ahead: int = 2
    """Batches made ahead, each by a thread of its own."""

    def batches(self, place: "Place") -> Iterator[tuple[Arrays, "Place"]]:
        """Stacked arrays and the place after them, from `place` on."""
        with ThreadPoolExecutor(self.ahead) as pool:
            waiting: deque[tuple[Future[Arrays], Place]] = deque()
            planned = self._plans(place)
            while True:
                while len(waiting) < self.ahead:
                    samples, chosen, rng, after = next(planned)
                    waiting.append((pool.submit(self._make, samples, chosen, rng), after))
                made, after = waiting.popleft()
                yield made.result(), after

    def _plans(self, place: "Place") -> Iterator[tuple[Samples, np.ndarray, np.random.Generator, "Place"]]:
        """Each pass goes once through what the folder held when the pass began, in shuffled order."""
        while True:
            samples = self.open()
            length = place.length or len(samples)
            if not 0 < length <= len(samples):
                raise ValueError(
                    f"the folder of samples holds {len(samples)} of them, at least {length or 1} are wanted; "
                    "was it emptied, or is nothing rendered yet?"
                )
            order = np.random.default_rng([self.seed, 1, place.number]).permutation(length)
            rows = np.resize(order, (-(-length // self.batch), self.batch))
            for row in range(place.row, len(rows)):
                rng = np.random.default_rng([self.seed, 2, place.number, row])
                yield samples, rows[row], rng, Place(place.number, row + 1, length)
            place = Place(place.number + 1)

    def _make(self, samples: Samples, chosen: np.ndarray, rng: np.random.Generator) -> Arrays:
        return stack([self._one(samples, int(index), rng) for index in chosen])

    def _one(self, samples: Samples, index: int, rng: np.random.Generator) -> Arrays:
        for _ in range(8):
            sample = samples.sample(index)
            if rng.random() < self.share.get(str(sample.get("family", "")), 1.0):
                break
            index = int(rng.integers(len(samples)))
        told = truth(sample, self.net)
        if self.net == "matte" and rng.random() < self.variation.compose:
            count = int(rng.choice((0, 1, 2, 3), p=(0.5, 0.25, 0.15, 0.1)))
            others = [samples.sample(int(rng.integers(len(samples))))["picture"] for _ in range(count)]
            told["paper"], told["mask"] = composed(sample["picture"], others, rng)
            return vary(told, replace(self.variation, zoom=0.0), rng)
        return vary(told, self.variation, rng)


@dataclass(frozen=True)
class Place:
    """Where the feed is: number of the pass, batch within it, and how many samples the pass goes through."""

    number: int = 0
    row: int = 0
    length: int = 0
    """0 before a pass has begun: then all there are."""


def needed(sample: Arrays, net: str) -> Arrays:
    """The sample's arrays that `net` learns from; ValueError if one is not there."""
    missing = [name for name in NEEDED[net] if name not in sample]
    if missing:
        raise ValueError(f"a sample lacks {', '.join(missing)}; it holds {', '.join(sorted(sample))}")
    return {name: np.asarray(sample[name]) for name in NEEDED[net]}


def truth(sample: Arrays, net: str) -> Arrays:
    """The arrays `net` learns from, with `mask` u8 [s, s] (the drawing's own alpha) and `given` (1)."""
    kept = needed(sample, net)
    kept["mask"] = kept["picture"][..., 3]
    kept["given"] = np.ones((), np.float32)
    if net == "matte":
        del kept["picture"]
    return kept


def shrunk(picture: np.ndarray, side: int) -> np.ndarray:
    """u8 [s, s, c] with `side` pixels across (Pillow weighs colours by alpha)."""
    if picture.shape[2] == 3:
        return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BOX))
    return np.asarray(Image.fromarray(picture).resize((side, side), Image.Resampling.BILINEAR))


def stack(samples: list[Arrays]) -> Arrays:
    return {name: np.stack([s[name] for s in samples]) for name in samples[0]}


def vary(sample: Arrays, variation: Variation, rng: np.random.Generator) -> Arrays:
    """The sample mirrored, bent, recoloured, roughened, without its back, as chance has it."""
    if rng.random() < variation.mirror:
        sample = mirror(sample)
    sample = dict(sample)
    if "occupancy" in sample and rng.random() < variation.warp:
        sample = warped(sample, float(rng.random()), rng)
    if "paper" in sample and rng.random() < variation.zoom:
        sample = zoomed(sample, rng)
    recolour = _recolouring(variation, rng)
    for name in ("picture", "behind", "paper"):
        if name in sample:
            sample[name] = recolour(sample[name])
    if "picture" in sample and rng.random() < variation.edge:
        sample["picture"] = move_edge(sample["picture"], outwards=bool(rng.random() < 0.5))
    for name in ("picture", "paper"):
        if name in sample:
            sample[name] = _noisy(sample[name], variation.noise * rng.random() ** 2, rng)
    if rng.random() < variation.alone:
        sample["given"] = np.zeros((), np.float32)
    return sample


def zoomed(sample: Arrays, rng: np.random.Generator) -> Arrays:
    """Paper and mask from nearer (cut off) or further (the ground goes on, mirrored), off the middle."""
    side = sample["paper"].shape[0]
    scale = float(np.exp(rng.uniform(-0.3, 0.9)))
    shift = rng.uniform(-0.5, 0.5, 2) * side * max(scale - 0.9, 0.1)
    changed = dict(sample)
    rows, columns = (
        np.floor((np.arange(side) + 0.5 - side / 2) * scale + side / 2 + shift[k]).astype(int) for k in (0, 1)
    )
    outside = ((rows < 0) | (rows >= side))[:, None] | ((columns < 0) | (columns >= side))
    mirrored = [np.abs((r + side) % (2 * side) - side) for r in (rows, columns)]
    mirrored = [np.minimum(np.where(r >= side, 2 * side - 1 - r, r), side - 1) for r in mirrored]
    for name in ("paper", "mask"):
        changed[name] = np.ascontiguousarray(sample[name][mirrored[0]][:, mirrored[1]])
    # a second, mirrored figure is no figure: only ground goes on beyond the border
    twin = outside & (changed["mask"] > 0)
    changed["paper"][twin] = np.median(sample["paper"][[0, -1]].reshape(-1, 3), 0).astype(np.uint8)
    changed["mask"] = np.where(outside, 0, changed["mask"]).astype(np.uint8)
    return changed


def mirror(sample: Arrays) -> Arrays:
    """Left and right swapped, in pictures and in what they mean; twice is the sample itself."""
    turned = dict(sample)
    for name, value in sample.items():
        side = 2 if name == "depth" else 1
        if value.ndim >= 2 and name != "joints":
            turned[name] = np.ascontiguousarray(np.flip(value, side))
    for name in ("normals", "normals_back", "canonical"):
        if name in turned:
            turned[name][..., 0] *= -1
    if "joints" in turned:
        width = sample["picture"].shape[1]
        turned["joints"] = sample["joints"][MIRRORED]
        turned["joints"][:, 0] = width - turned["joints"][:, 0]
    return turned


def _recolouring(variation: Variation, rng: np.random.Generator) -> Callable[[np.ndarray], np.ndarray]:
    """One change of colours, for all pictures of a sample alike; alpha stays."""
    gains = 1 + variation.gain * rng.uniform(-1, 1, 3)
    gains *= 1 + 0.5 * variation.gain * rng.uniform(-1, 1)
    bend = np.exp(variation.bend * rng.uniform(-1, 1))
    tones = np.linspace(0, 1, 256) ** bend
    table = (np.clip(gains[:, None] * tones, 0, 1) * 255 + 0.5).astype(np.uint8)
    order = rng.permutation(3) if rng.random() < variation.channels else np.arange(3)
    grey = rng.random() < variation.grey

    def recolour(picture: np.ndarray) -> np.ndarray:
        changed = picture.copy()
        for channel in range(3):
            changed[..., channel] = table[channel][picture[..., order[channel]]]
        if grey:
            changed[..., :3] = changed[..., :3].mean(-1, keepdims=True)
        return changed

    return recolour


def move_edge(rgba: np.ndarray, outwards: bool) -> np.ndarray:
    """The cut-out one pixel wider, its colours drawn along, or one pixel narrower; u8 [s, s, 4]."""
    moved = rgba.copy()
    for shift, axis in ((1, 0), (-1, 0), (1, 1), (-1, 1)):
        beside = np.roll(rgba, shift, axis)
        if outwards:
            more = beside[..., 3] > moved[..., 3]
            moved[more] = beside[more]
        else:
            moved[..., 3] = np.minimum(moved[..., 3], beside[..., 3])
    return moved


def _noisy(picture: np.ndarray, strength: float, rng: np.random.Generator) -> np.ndarray:
    """Grain of `strength` (standard deviation, of 1) on the colours."""
    if strength < 1 / 512:
        return picture
    grain = rng.standard_normal(picture.shape[:2], np.float32)[..., None] * (255 * strength)
    noisy = picture.copy()
    noisy[..., :3] = np.clip(picture[..., :3] + grain, 0, 255)
    return noisy
