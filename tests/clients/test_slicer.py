"""PrusaSlicer and admesh judge our files; broken files must fail their gate and our checks."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import manifold3d
import numpy as np
import pytest

from genkei.figure.build import Build
from genkei.figure.checks import check_mesh
from genkei.figure.palette import reduce_colours
from genkei.figure.profiles import PROFILES
from genkei.formats import slicer, stl, threemf
from genkei.formats.slicer import accepted
from genkei.geometry.mesh import volume
from genkei.types import Figure, Mesh, Part
from tests.figure.characters import doll, joined, solid

pytestmark = pytest.mark.clients
SLICER, ADMESH = slicer.program(), shutil.which("admesh")
needs_slicer = pytest.mark.skipif(
    not SLICER, reason="prusa-slicer is not installed (apt install prusa-slicer)"
)
needs_admesh = pytest.mark.skipif(not ADMESH, reason="admesh is not installed (apt install admesh)")
MACHINE = slicer.Machine(
    "fdm", (250.0, 210.0), 210.0, 0.3, filaments=4,
    more={"perimeters": 1, "fill_density": "0%", "top_solid_layers": 0, "bottom_solid_layers": 1,
          "brim_width": 0, "extruder_colour": "#FF0000;#00FF00;#0000FF;#FFFF00"},
)  # fmt: skip


def run(*command: str | Path) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, timeout=180, env=environment, check=False
    )
    told = done.stdout.decode("utf-8", "replace")  # admesh writes Latin-1
    assert done.returncode == 0, told + done.stderr.decode("utf-8", "replace")
    return told


@needs_slicer
def test_the_slicer_agrees_about_the_figure(tmp_path):
    figure = Build(height_mm=80.0)(doll())
    mesh = figure.parts[0].mesh
    palette = reduce_colours(figure, 4)
    stl.write(tmp_path / "f.stl", mesh)
    threemf.write(tmp_path / "f.3mf", figure, palette.colours, palette.faces)
    for name in ("f.stl", "f.3mf"):
        assert accepted(tmp_path / name, volume(mesh))
        (told,) = slicer.info(tmp_path / name)
        size = [float(told[f"size_{axis}"]) for axis in "xyz"]
        assert np.allclose(size, np.ptp(mesh.vertices, axis=0), atol=1e-3)


BLOCK = solid(manifold3d.Manifold.cylinder(30, 15, 15, 64))
BROKEN = {
    "a face removed": Mesh(BLOCK.vertices, BLOCK.faces[1:]),
    "two overlapping shells": joined(BLOCK, Mesh(BLOCK.vertices + np.float32([9, 0, 0]), BLOCK.faces)),
    "some faces turned": Mesh(BLOCK.vertices, np.concatenate([BLOCK.faces[:9, ::-1], BLOCK.faces[9:]])),
    "inside-out": Mesh(BLOCK.vertices, BLOCK.faces[:, ::-1].copy()),
}


@needs_slicer
@pytest.mark.parametrize("kind", BROKEN)
def test_broken_solids_fail_the_gate_and_our_checks(tmp_path, kind):
    mesh = BROKEN[kind]
    stl.write(tmp_path / "x.stl", mesh)
    ours = {check.name for check in check_mesh(mesh, PROFILES["resin"]) if not check.passed}
    assert ours & {"closed", "outward", "one piece", "self-overlap"}
    if kind != "inside-out":  # the slicer turns a whole shell silently
        assert not accepted(tmp_path / "x.stl", volume(BLOCK))


@needs_slicer
def test_painted_triangles_change_tools(tmp_path):
    bars = solid(manifold3d.Manifold.cube((20, 10, 3), True).translate((0, 0, 1.5)).refine(8))
    index = np.clip((bars.vertices[bars.faces].mean(1)[:, 0] + 10) // 5, 0, 3).astype(np.int32)
    figure = Figure(
        (Part("bar", bars, np.zeros((len(index), 3, 2), np.float32)),),
        np.zeros((4, 4, 3), np.uint8),
        3.0,
        0.0,
    )
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]], np.uint8)
    threemf.write(tmp_path / "bar.3mf", figure, colours, (index,))
    slicer.slice_part(tmp_path / "bar.3mf", MACHINE, tmp_path / "bar.gcode")
    tools = re.findall(r"^T([0-3])", (tmp_path / "bar.gcode").read_text(), re.MULTILINE)
    assert set(tools) == {"0", "1", "2", "3"} and len(tools) > 10


@needs_admesh
def test_admesh_agrees(tmp_path):
    mesh = Build(height_mm=80.0)(doll()).parts[0].mesh
    for name, tested, good in (("good", mesh, True), ("torn", Mesh(mesh.vertices, mesh.faces[1:]), False)):
        stl.write(tmp_path / f"{name}.stl", tested)
        told = run(ADMESH or "", tmp_path / f"{name}.stl")
        removed = re.search(r"Total disconnected facets\s*:\s*(\d+)", told)
        assert removed and (removed[1] == "0") is good
