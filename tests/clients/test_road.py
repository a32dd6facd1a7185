"""The main job's own files, from our sheet through the command line, before other people's programs."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from genkei.figure.checks import check_mesh
from genkei.figure.profiles import PROFILES
from genkei.formats import stl, threemf
from genkei.geometry.mesh import volume
from tests.clients.test_gltf import VALIDATE, node
from tests.clients.test_slicer import accepted, needs_slicer

pytestmark = pytest.mark.clients
SHEET = Path(__file__).resolve().parents[2] / "examples" / "hana" / "sheet.png"


@pytest.fixture(scope="module")
def out(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("road") / "out"
    command = [sys.executable, "-m", "genkei", "make", "--sheet", str(SHEET), "-o", str(folder), "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    return folder


def test_every_promised_file_is_there_and_on_record(out):
    promised = {"character.glb", "figure.glb", "figure.3mf", "figure.stl", "figure.obj", "figure.png"}
    record = json.loads((out / "run.json").read_text())
    assert promised | {"report.html"} <= {path.name for path in out.iterdir()}
    assert promised <= {entry["name"] for entry in record["outputs"]}
    assert [view.name for view in sorted((out / "views").glob("*_mask.png"))] == [
        f"{name}_mask.png" for name in ("back", "front", "left", "right")
    ]


def test_lib3mf_reads_the_figure_strictly(out):
    assert threemf.strict_findings(out / "figure.3mf") == ()


@needs_slicer
@pytest.mark.parametrize("name", ["figure.stl", "figure.3mf"])
def test_the_slicer_takes_the_figure_as_it_is(out, name):
    mesh = stl.read_mesh(out / "figure.stl")
    assert all(check.passed for check in check_mesh(mesh, PROFILES["resin"], name))
    assert accepted(out / name, volume(mesh))


@pytest.mark.parametrize("name", ["character.glb", "figure.glb"])
def test_the_validator_finds_nothing(out, name):
    told = node(VALIDATE, out / name)
    assert told["errors"] == 0 and told["warnings"] == 0, told["codes"]
