"""Parts of other people's characters: by name first, by place and colour where no name tells."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genkei.formats.soup import Soup
from genkei_train.characters.spec import PARTS
from genkei_train.parts import ASK, CODE, _by_name, borrowed, part_labels
from genkei_train.subjects import JOINTS

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
NEEDS_DATA = pytest.mark.skipif(not (DATA / "index.json").is_file(), reason=f"no character models at {DATA}")


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("hairband/body", "accessory"), ("hair_front/hair", "hair"), ("uwagi/body", "cloth"),
        ("Leg/body", "cloth"), ("_body_summer/SB_skin_mat", "skin"), ("_body_summer/SB_def_mat", "cloth"),
        ("_head/def_mat", "accessory"), ("mesh/服エッジ無", "cloth"), ("mesh/手肌", "skin"),
        ("mesh/ツインドリル1", "hair"), ("kutu/body", "shoes"), ("GdBotMat", None),
    ],
)  # fmt: skip
def test_names_tell_the_part(name: str, part: str | None) -> None:
    assert _by_name(name) == (None if part is None else CODE[part])


def test_a_name_that_says_nothing_is_asked_by_place_and_colour() -> None:
    assert _by_name("Cube.012/Material") == ASK


def figure(colours: list[tuple[int, int, int]], names: tuple[str, ...]) -> Soup:
    """One small triangle a name, stacked upwards."""
    count = len(names)
    corner = np.array([[0, 0, 0], [0.01, 0, 0], [0, 0.01, 0]], np.float32)
    rise = np.arange(count, dtype=np.float32)[:, None, None] * np.array([0, 0.1, 0], np.float32)
    tint = np.array([(*c, 255) for c in colours], np.uint8)
    return replace(
        Soup.plain(
            (corner + rise).reshape(-1, 3), np.arange(3 * count, dtype=np.int32).reshape(-1, 3), 1.0, "x"
        ),
        colours=np.repeat(tint[:, None], 3, 1),
        parts=np.arange(count, dtype=np.int32),
        part_names=names,
    )


def held(joint: list[str]) -> np.ndarray:
    weights = np.zeros((3 * len(joint), 17), np.float32)
    for index, name in enumerate(joint):
        weights[3 * index : 3 * index + 3, JOINTS.index(name)] = 1
    return weights


SKIN, BLUE = (230, 180, 150), (40, 60, 200)


def test_place_and_colour() -> None:
    soup = figure([SKIN, SKIN, BLUE, BLUE, SKIN], ("a", "b", "c", "d", "material skin"))
    labels = part_labels(soup, held(["head", "chest", "chest", "leftFoot", "head"]), "x")
    assert [PARTS[k] for k in labels] == ["face", "skin", "cloth", "shoes", "face"]


def test_a_silent_name_is_unknown_wherever_it_hangs() -> None:
    soup = figure([SKIN, BLUE], ("GdBotMat", "b"))
    assert part_labels(soup, held(["head", "head"]), "x").tolist() == [-1, -1]


def test_a_body_borrows_its_twins_labels_and_the_faces_colour() -> None:
    names = ("body", "body2", "face")
    soup = figure([BLUE, BLUE, SKIN], names)
    joints = np.zeros((17, 3), np.float32)
    joints[JOINTS.index("neck"), 1] = 0.2
    labels = np.array([CODE["cloth"], CODE["cloth"], CODE["face"]])
    twin = (soup, np.array([CODE["skin"], CODE["cloth"], CODE["face"]]), joints)
    larger = replace(soup, vertices=soup.vertices * 2)
    painted, found = borrowed((larger, labels, joints * 2), twin)
    assert [PARTS[k] for k in found] == ["skin", "cloth", "face"]
    assert (painted.colours[0, :, :3] == SKIN).all() and (painted.colours[1, :, :3] == BLUE).all()


@NEEDS_DATA
def test_a_chibi_in_one_piece_has_bare_legs() -> None:
    from genkei_train.real import load_real

    subject = load_real(DATA / "models" / "sd_toko_sum.glb", "anime", "sd_toko")
    assert {PARTS[k] for k in np.unique(subject.labels) if k >= 0} >= {
        "hair",
        "face",
        "skin",
        "cloth",
        "shoes",
    }
