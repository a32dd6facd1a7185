"""Data sets of labelled pictures: shards that any number of workers write, byte for byte the same for a seed.

    python -m genkei_train.data --out out/data --shards 300 --models ../shared/data [--engine ray]

A shard is a zip of samples (each an .npz) with its SHA-256 beside it; a rerun makes only shards that are
missing, cut off or changed. The data folder's index.json says which characters may be trained on; the
identities of a fold, and every model whose licence forbids training, only appear in data made with `--held`.
"""

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, fields, replace
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Literal

import numpy as np

from genkei_train.characters.build import build_character
from genkei_train.characters.catalogue import random_spec
from genkei_train.drawn import random_style
from genkei_train.poses import REST, random_pose, random_proportions
from genkei_train.real import load_real
from genkei_train.render import Prepared, Sample, Shot, frame, prepare, random_shot, take
from genkei_train.solids import fewest_closings, sealed
from genkei_train.subjects import JOINTS, Subject, of_character, recombined, warped
from genkei_train.toys.build import build_toy, known_joints
from genkei_train.toys.catalogue import random_toy

FOLDS = (
    ("sd_yuko", "sd_jack", "kaykit_knight"),
    ("unitychan", "kaykit_rogue"),
    ("sd_marie", "sd_toko", "goblin"),
    ("gene", "kaykit_barbarian"),
)
"""Identities held out together; one head is never on both sides."""
SUBJECTS_PER_SHARD, SAMPLES_PER_SUBJECT = 4, 8
NECK = JOINTS.index("neck")
WEIGHT = {"unitychan": 2.0, "gene": 3.0, "goblin": 0.5}
"""How often an anime identity's models are drawn; 1 where it isn't named."""


@dataclass(frozen=True)
class Plan:
    """What a data set is made of; two data sets of equal plans are equal byte for byte."""

    seed: int = 0
    side: int = 192
    """Pixels of a picture's side, a multiple of 32."""
    models: str = ""
    """The data folder with index.json; empty: our own characters and toys only."""
    fold: int = 0
    held: bool = False
    """Only held-out characters, for measuring; no recombination, mostly as they stand."""
    own: float = 0.5
    anime: float = 0.32
    cc0: float = 0.18
    toys: float = 0.2
    """Shares of the families, of their sum."""
    cells: int = 120
    """Resolution of our own characters."""

    def __post_init__(self) -> None:
        if self.side % 32:
            raise ValueError(f"the side is {self.side} px, wanted a multiple of 32")
        if not 0 <= self.fold < len(FOLDS):
            raise ValueError(f"there is no fold {self.fold}; there are 0 to {len(FOLDS) - 1}")
        if self.models and not (Path(self.models) / "index.json").is_file():
            raise ValueError(f"{self.models} holds no index.json; point --models at the data folder")
        if self.held and not self.models:
            raise ValueError("held-out characters come from the data folder; give --models")


@dataclass(frozen=True)
class Entry:
    """A model of the data folder."""

    path: Path
    family: Literal["anime", "cc0"]
    identity: str


def entries(plan: Plan) -> list[Entry]:
    """The models a plan may draw from: trainable ones outside its fold, or exactly the others."""
    if not plan.models:
        return []
    root = Path(plan.models)
    out = []
    for model in json.loads((root / "index.json").read_text())["models"]:
        path = root / model["file"]
        held = not model["train"] or model["identity"] in FOLDS[plan.fold]
        if held == plan.held:
            family = "anime" if path.parent.name == "models" else "cc0"
            out.append(Entry(path, family, model["identity"]))
    return out


def shard(plan: Plan, index: int) -> list[Sample]:
    """The samples of one shard: a few subjects, each in several poses and pictures."""
    rng = np.random.default_rng([plan.seed, index, int(plan.held)])
    samples = []
    pool = entries(plan)
    while len(samples) < SUBJECTS_PER_SHARD * SAMPLES_PER_SUBJECT:
        try:
            prepared = prepare(_subject(plan, pool, rng))
        except ValueError as error:
            if "found no bone" in str(error) or "nothing but a head" in str(error):
                continue  # a rig without names we know teaches nothing: draw another
            raise
        samples += list(_pictures(plan, prepared, rng))
    return samples


def _pictures(plan: Plan, prepared: Prepared, rng: np.random.Generator) -> Iterator[Sample]:
    for _ in range(SAMPLES_PER_SUBJECT):
        own = int(rng.integers(1 << 31))
        hand = np.random.default_rng(own)
        rest = hand.random() < (0.5 if plan.held else 0.2)
        pose = REST if rest else random_pose(hand)
        if rest and not plan.held:
            pose = replace(REST, scale=random_proportions(hand))
        shot = random_shot(hand)
        if plan.held and hand.random() < 0.5:
            shot = Shot()
        if prepared.subject.family == "toys":  # a bust cut of a toy that is mostly head shows no face
            shot = replace(shot, cut=min(shot.cut, 0.8 * float(prepared.subject.joints[NECK, 1])))
        yield take(prepared, pose, shot, random_style(hand), plan.side, hand, own)


def _subject(plan: Plan, pool: list[Entry], rng: np.random.Generator) -> Subject:
    families = [f for f in ("anime", "cc0") if any(e.family == f for e in pool)]
    shares = {"own": plan.own, "toys": plan.toys, "anime": plan.anime, "cc0": plan.cc0}
    names = ([] if plan.held else ["own", "toys"]) + families
    weight = np.array([shares[n] for n in names])
    family = str(rng.choice(names, p=weight / weight.sum()))
    if family == "own":
        return _own(plan, rng)
    if family == "toys":
        return _toy(plan, rng)
    subject = _real(_drawn(pool, family, rng))
    if plan.held:
        return subject
    if family == "anime" and rng.random() < 0.4:
        other = _real(_drawn(pool, "anime" if rng.random() < 0.75 else "cc0", rng))
        subject = recombined(subject, other, float(np.exp(rng.normal(0.05, 0.15))))
        subject = replace(subject, family="anime")
    subject = _stretched(subject, rng)
    return warped(subject, rng, float(rng.uniform(0.0, 0.02)))


def _own(plan: Plan, rng: np.random.Generator) -> Subject:
    seed = int(rng.integers(1 << 31))
    character = build_character(random_spec(seed), cells=plan.cells, texture_px=1024, smoothing=2)
    return warped(of_character(character, f"own-{seed}"), rng, float(rng.uniform(0.0, 0.012)))


def _toy(plan: Plan, rng: np.random.Generator) -> Subject:
    seed = int(rng.integers(1 << 31))
    spec = random_toy(seed)
    character = build_toy(spec, cells=plan.cells, texture_px=1024, smoothing=2)
    subject = replace(of_character(character, f"toy-{seed}", "toys"), known=known_joints(spec))
    return warped(subject, rng, float(rng.uniform(0.0, 0.012)))


def _drawn(pool: list[Entry], family: str, rng: np.random.Generator) -> Entry:
    mine = [e for e in pool if e.family == family]
    weight = np.array([WEIGHT.get(e.identity, 1.0) for e in mine])
    return mine[int(rng.choice(len(mine), p=weight / weight.sum()))]


@cache
def _real(entry: Entry) -> Subject:
    """Read once a worker: trials of sealing and the cut of see-through faces cost four pictures."""
    subject = load_real(entry.path, entry.family, entry.identity)
    return replace(subject, closings=_closings(subject))


def _closings(subject: Subject) -> int:
    """As few closings as stop the solid's leaks."""
    points, _, _ = frame(subject, Shot(), 192)
    return 1 + fewest_closings([int(sealed(points, subject.soup.faces, 96, k).sum()) for k in (1, 2, 3)])


def _stretched(subject: Subject, rng: np.random.Generator) -> Subject:
    """Another width and depth; character height stays."""
    factor = np.exp(rng.normal(0, [0.05, 0.0, 0.07])).astype(np.float32)
    soup = replace(subject.soup, vertices=subject.soup.vertices * factor)
    return replace(subject, soup=soup, joints=subject.joints * factor)


def packed(samples: list[Sample]) -> bytes:
    """A shard's bytes: the same for the same samples on every machine of one kind."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, sample in enumerate(samples):
            member = io.BytesIO()
            arrays = {f.name: np.asarray(getattr(sample, f.name)) for f in fields(sample)}
            with zipfile.ZipFile(member, "w", zipfile.ZIP_STORED) as inner:
                for name, array in arrays.items():
                    one = io.BytesIO()
                    np.lib.format.write_array(one, array, allow_pickle=False)
                    inner.writestr(zipfile.ZipInfo(f"{name}.npy"), one.getvalue())
            entry = zipfile.ZipInfo(f"{number:03d}.npz")
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, member.getvalue(), compresslevel=1)
    return out.getvalue()


def write_shard(plan: Plan, index: int, folder: Path) -> Path:
    """Make one shard and put it in place whole; its hash follows once it stands."""
    path = folder / f"shard-{index:05d}.zip"
    data = packed(shard(plan, index))
    for name, content in (
        (path, data),
        (path.with_suffix(".sha256"), hashlib.sha256(data).hexdigest().encode()),
    ):
        part = name.with_suffix(f".part{os.getpid()}")
        part.write_bytes(content)
        part.replace(name)
    return path


def is_whole(path: Path) -> bool:
    """The shard stands with the hash it was written with."""
    seal = path.with_suffix(".sha256")
    if not path.is_file() or not seal.is_file():
        return False
    return hashlib.sha256(path.read_bytes()).hexdigest() == seal.read_text().strip()


class Folder:
    """Random access to the samples of a folder of shards; a plain dict of arrays each."""

    def __init__(self, path: Path, first: tuple[Path, ...] = ()) -> None:
        """`first`: shards whose samples come first, in this order."""
        finished = [p for p in sorted(path.glob("shard-*.zip")) if p.with_suffix(".sha256").is_file()]
        self.path, self.shards = path, [*first, *(p for p in finished if p not in set(first))]
        if not self.shards:
            raise ValueError(f"{path} holds no finished shard; make some with python -m genkei_train.data")
        self.per_shard = SUBJECTS_PER_SHARD * SAMPLES_PER_SUBJECT

    def grown(self) -> "Folder":
        """With the shards that were finished meanwhile; the samples known so far keep their places."""
        return Folder(self.path, tuple(self.shards))

    def __len__(self) -> int:
        return len(self.shards) * self.per_shard

    def sample(self, index: int) -> dict[str, np.ndarray]:
        """Arrays of sample `index` by their names in Sample; ValueError when its shard is damaged."""
        path = self.shards[index // self.per_shard]
        try:
            with zipfile.ZipFile(path) as archive:
                raw = archive.read(f"{index % self.per_shard:03d}.npz")
        except (zipfile.BadZipFile, KeyError, OSError) as error:
            raise ValueError(f"{path} is damaged ({error}); run the command that made it again") from error
        with np.load(io.BytesIO(raw)) as arrays:
            return {name: arrays[name] for name in arrays.files}


def open_folder(path: Path | str) -> Folder:
    return Folder(Path(path))


@dataclass(frozen=True)
class Options(Plan):
    """Make a data set of labelled pictures."""

    out: Path = Path("out/data")
    shards: int = 100
    first: int = 0
    workers: int = 2
    engine: Literal["local", "ray"] = "local"
    """`ray`: every shard a task of the cluster that `ray.init()` finds, tried again when a worker is lost."""

    @property
    def plan(self) -> Plan:
        return Plan(**{f.name: getattr(self, f.name) for f in fields(Plan)})


def make(options: Options) -> int:
    """Write what is missing; the number of shards written."""
    options.out.mkdir(parents=True, exist_ok=True)
    stated = json.dumps(
        {f.name: getattr(options.plan, f.name) for f in fields(Plan)}, indent=1, sort_keys=True
    )
    record = options.out / "plan.json"
    if record.exists() and record.read_text() != stated:
        raise ValueError(f"{options.out} was made by another plan (see {record}); choose another folder")
    record.write_text(stated)
    wanted = range(options.first, options.first + options.shards)
    missing = [k for k in wanted if not is_whole(options.out / f"shard-{k:05d}.zip")]
    run = _with_ray if options.engine == "ray" else _with_processes
    done = 0
    for path in run(options, missing):
        done += 1
        print(f"{done}/{len(missing)} {path.name}", flush=True)
    return done


def _with_processes(options: Options, missing: list[int]) -> Iterator[Path]:
    if options.workers <= 1:
        for k in missing:
            yield write_shard(options.plan, k, options.out)
        return
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        jobs = [pool.submit(write_shard, options.plan, k, options.out) for k in missing]
        for job in as_completed(jobs):
            yield job.result()


def _with_ray(options: Options, missing: list[int]) -> Iterator[Path]:
    """Shards as tasks; a task whose worker died runs again elsewhere."""
    try:
        import ray  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ValueError("the engine ray needs the extra: pip install 'genkei[ray]'") from error
    if not ray.is_initialized():
        ray.init(log_to_driver=False)
    task = ray.remote(num_cpus=1, max_retries=5)(write_shard)
    waiting = [task.remote(options.plan, k, options.out.resolve()) for k in missing]
    while waiting:
        ready, waiting = ray.wait(waiting)
        yield from ray.get(ready)


if __name__ == "__main__":
    import tyro

    print(f"{make(tyro.cli(Options, description=__doc__))} shards written")
