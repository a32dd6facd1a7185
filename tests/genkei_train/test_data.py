"""Shards: the same bytes whoever makes them, repaired when damaged, and never a held-out head among them."""

import json
from pathlib import Path

import numpy as np
import pytest

from genkei_train.data import FOLDS, Options, Plan, entries, is_whole, make, open_folder
from genkei_train.real import joint_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
NEEDS_DATA = pytest.mark.skipif(not (DATA / "index.json").is_file(), reason=f"no character models at {DATA}")
TINY = {"side": 32, "cells": 40, "seed": 3}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shards")
    assert make(Options(**TINY, out=out, shards=1, workers=1)) == 1
    return out


def test_a_shard_holds_samples_that_read_back(folder: Path) -> None:
    data = open_folder(folder)
    assert len(data) == 32
    sample = data.sample(31)
    assert sample["picture"].shape == (32, 32, 4) and sample["occupancy"].shape == (16, 16, 10)
    assert {str(data.sample(k)["family"]) for k in range(0, 32, 8)} <= {"own", "toys"}


def test_workers_change_no_byte(folder: Path, tmp_path: Path) -> None:
    make(Options(**TINY, out=tmp_path, shards=1, workers=2))
    name = "shard-00000.zip"
    assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


def test_a_grown_folder_keeps_the_places_of_its_samples(tmp_path: Path) -> None:
    """Workers finish shards in any order; what was numbered once keeps its number."""
    for name in ("00002", "00000"):
        _seal(tmp_path, name)
    before = open_folder(tmp_path)
    _seal(tmp_path, "00001")
    after = before.grown()
    assert [p.stem for p in after.shards] == ["shard-00000", "shard-00002", "shard-00001"]
    assert len(before) == 64
    assert len(after) == 96


def _seal(folder: Path, name: str) -> None:
    for ending in ("zip", "sha256"):
        (folder / f"shard-{name}.{ending}").touch()


def test_a_damaged_shard_is_told_and_made_again(folder: Path) -> None:
    path = folder / "shard-00000.zip"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert not is_whole(path)
    with pytest.raises(ValueError, match="damaged"):
        open_folder(folder).sample(30)
    assert make(Options(**TINY, out=folder, shards=1, workers=1)) == 1
    assert path.read_bytes() == whole
    assert make(Options(**TINY, out=folder, shards=1, workers=1)) == 0


def test_refusals(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="another plan"):
        make(Options(side=64, out=folder, shards=1))
    with pytest.raises(ValueError, match="no finished shard"):
        open_folder(tmp_path)
    with pytest.raises(ValueError, match="multiple of 32"):
        Plan(side=50)
    with pytest.raises(ValueError, match="no fold 9"):
        Plan(fold=9)
    with pytest.raises(ValueError, match=r"no index\.json"):
        Plan(models=str(tmp_path))
    with pytest.raises(ValueError, match="give --models"):
        Plan(held=True)


@NEEDS_DATA
@pytest.mark.parametrize("fold", range(len(FOLDS)))
def test_no_head_is_on_both_sides(fold: int) -> None:
    train = entries(Plan(models=str(DATA), fold=fold))
    held = entries(Plan(models=str(DATA), fold=fold, held=True))
    assert not {e.identity for e in train} & {e.identity for e in held}
    assert len(train) + len(held) == len(json.loads((DATA / "index.json").read_text())["models"])


@NEEDS_DATA
def test_forbidden_models_are_never_trained_on() -> None:
    forbidden = {m["file"] for m in json.loads((DATA / "index.json").read_text())["models"] if not m["train"]}
    for fold in range(len(FOLDS)):
        assert not forbidden & {
            str(e.path.relative_to(DATA)) for e in entries(Plan(models=str(DATA), fold=fold))
        }


@pytest.mark.parametrize(
    ("bone", "joint"),
    [
        ("mixamorig:LeftArm", "leftUpperArm"), ("Character1_RightForeArm", "rightLowerArm"),
        ("左ひざ", "leftLowerLeg"),
        ("UpperLeg.R", "rightUpperLeg"), ("thigh_l", "leftUpperLeg"), ("J_Head", "head"), ("首", "neck"),
        ("右腕捩", None), ("J_L_HairTail_00", None), ("Thumb_1.L", None), ("hand_IK.L", None),
    ],
)  # fmt: skip
def test_bones_are_known_by_their_names(bone: str, joint: str | None) -> None:
    assert joint_of(bone) == joint


@NEEDS_DATA
def test_a_real_rig_becomes_a_subject() -> None:
    from genkei_train.real import load_real

    subject = load_real(DATA / "models" / "kaykit_rogue.glb", "anime", "kaykit_rogue")
    assert subject.known.sum() >= 15
    assert np.allclose(subject.weights.sum(1), 1, atol=1e-4)
    assert subject.labels.min() >= -1 and subject.labels.max() <= 5
    with pytest.raises(ValueError, match="found no bone"):
        load_real(DATA / "models_cc0" / "kenney_platformer_character.glb", "cc0", "x")
