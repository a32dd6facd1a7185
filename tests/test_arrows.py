"""Imports point one way: apps, pipeline, stages, nets and formats, geometry, types; never stage to stage."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
STAGES = ("drawing", "views", "shape", "texture", "rig", "figure", "photo", "stylise")
RANKS = {
    "types": 0,
    "geometry": 1,
    "formats": 2,
    "nets": 2,
    **dict.fromkeys(STAGES, 3),
    "pipeline": 4,
    "apps": 5,
}


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and absolute name of everything a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield node.lineno, module if not node.level else "." * node.level + module
            if module in ("genkei", "genkei_train") and not node.level:
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def wrong_arrows(where: str, source: str) -> list[str]:
    """Every import of the module `where` (dotted) that points up, across or out, or is relative."""
    rooms = where.split(".")
    room = rooms[1] if len(rooms) > 1 and rooms[1] in RANKS else ""
    found = []
    for line, name in imported(ast.parse(source)):
        words = name.split(".")
        target = words[1] if len(words) > 1 else ""
        if name.startswith("."):
            found.append(f"{where}:{line} imports {name} relatively")
        elif words[0] == "genkei_train" and rooms[0] == "genkei":
            found.append(f"{where}:{line} ({rooms[0]}) -> {name}: the product never needs its training")
        elif words[0] != "genkei" or rooms[0] != "genkei" or not room or target not in RANKS:
            continue
        elif RANKS[target] > RANKS[room] or (room in STAGES and target in STAGES and room != target):
            found.append(f"{where}:{line}: {room} -> {target} ({name})")
    return found


def modules() -> list[tuple[str, Path]]:
    files = sorted([*(SOURCE / "genkei").rglob("*.py"), *(SOURCE / "genkei_train").rglob("*.py")])
    return [(".".join(file.relative_to(SOURCE).with_suffix("").parts), file) for file in files]


def test_every_import_points_down():
    wrong = [arrow for name, file in modules() for arrow in wrong_arrows(name, file.read_text("utf-8"))]
    assert not wrong, "\n".join(wrong)


def test_every_room_has_a_rank():
    rooms = {name.split(".")[1] for name, _ in modules() if name.startswith("genkei.")}
    assert rooms - {"__init__", "__main__"} <= set(RANKS)


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("genkei.shape.hull", "from genkei.texture import Paint"),
        ("genkei.shape.hull", "def f():\n    import genkei.drawing.sheet"),
        ("genkei.geometry.mesh", "from genkei.formats import stl"),
        ("genkei.types", "from genkei.geometry.mesh import volume"),
        ("genkei.figure.build", "from genkei import pipeline"),
        ("genkei.formats.glb", "from genkei.apps.report import page"),
        ("genkei.pipeline", "from genkei.apps import cli"),
        ("genkei.apps.cli", "import genkei_train.characters"),
        ("genkei.shape.hull", "from .volume import carve"),
    ],
)
def test_a_wrong_arrow_is_named(where, source):
    assert len(wrong_arrows(where, source)) >= 1


@pytest.mark.parametrize(
    ("where", "source"),
    [
        ("genkei.shape.hull", "from genkei.shape.volume import carve"),
        ("genkei.shape.hull", "from genkei.geometry.mesh import volume\nfrom genkei.types import Mesh"),
        ("genkei.apps.cli", "from genkei import pipeline"),
        ("genkei_train.render", "from genkei.pipeline import make"),
    ],
)
def test_a_right_arrow_passes(where, source):
    assert wrong_arrows(where, source) == []
