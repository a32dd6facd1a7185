"""Importing genkei costs nothing; every module can be imported; the version is told once."""

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest

import genkei
from tests.test_arrows import modules

HEAVY = (
    "scipy", "numba", "trimesh", "skimage", "manifold3d", "lib3mf", "xatlas", "embreex", "igl", "torch",
    "onnxruntime", "point_cloud_utils", "shapely", "rich", "tyro",
)  # fmt: skip


def loaded_after(statement: str) -> set[str]:
    """Top-level names of the modules in a fresh interpreter that has run `statement`."""
    code = f"{statement}\nimport sys\nprint(' '.join({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("module", ["genkei", "genkei.types", "genkei.pipeline"])
def test_no_heavy_package_is_loaded(module):
    assert loaded_after(f"import {module}") & set(HEAVY) == set()


def test_help_loads_no_array_library():
    loaded = loaded_after("from genkei.apps.cli import main\nmain(['--help'])")
    assert loaded & {*HEAVY, "numpy"} == {"tyro"}


def test_the_check_can_fail():
    assert "scipy" in loaded_after("import scipy.ndimage")


@pytest.mark.parametrize("name", [name for name, _ in modules() if name.startswith("genkei.")])
def test_every_module_imports(name):
    if not name.endswith("__main__"):
        importlib.import_module(name.removesuffix(".__init__"))


def test_lazy_names_are_the_pipelines():
    from genkei import pipeline

    assert genkei.make is pipeline.make
    assert genkei.printify is pipeline.printify
    assert {"make", "printify", "read", "Recipe"} <= set(dir(genkei))
    with pytest.raises(AttributeError, match="no attribute 'bake'"):
        _ = genkei.bake  # pyright: ignore[reportAttributeAccessIssue]


def test_version_is_the_packages():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
    assert genkei.__version__ == project["project"]["version"]


def test_the_command_line_knows_every_shape():
    from genkei.apps.options import FORMATS, Process, ShapeName
    from genkei.apps.outputs import WRITERS
    from genkei.figure.profiles import PROFILES
    from genkei.pipeline import SHAPES

    assert set(get_args(ShapeName)) == set(SHAPES)
    assert set(get_args(Process)) == set(PROFILES)
    assert set(FORMATS) == set(WRITERS)


def test_the_command_line_knows_every_rig():
    from genkei.apps.options import RigName
    from genkei.drawing.rigs import RIGS

    assert set(get_args(RigName)) == set(RIGS)
