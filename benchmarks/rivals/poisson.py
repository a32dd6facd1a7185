"""Screened Poisson reconstruction by Open3D on the inputs of benchmarks/views.py: one more row of its table.

    python benchmarks/rivals/poisson.py --models 'sd_yuko_sum' --setting four

Open3D is not a dependency: the first run installs it (450 MB) into an environment of its own,
out/rivals/open3d. It gets what a silhouette method has, oriented points of the hull of the outlines, fits a
surface to them (Kazhdan and Hoppe 2013), and its mesh is scored like any other.
"""

import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from genkei.shape import Hull
from genkei.types import Mesh
from genkei.views import Mirrored
from inputs import load_model, model_paths
from models import as_sheet, reprojection
from truth import score, score_aligned, seal_mesh
from views import EIGHT, HEAD, SIZE_PX, Row, line, means, spread_with_normals, views_of
from views import Options as Views

VERSION = "0.19.0"
WORKER = """
import sys, numpy as np, open3d as o3d
given = np.load(sys.argv[1])
cloud = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(given["points"].astype(float)))
cloud.normals = o3d.utility.Vector3dVector(given["normals"].astype(float))
solve = o3d.geometry.TriangleMesh.create_from_point_cloud_poisson
mesh, _ = solve(cloud, depth=int(sys.argv[3]), n_threads=1)
np.savez(sys.argv[2], vertices=np.asarray(mesh.vertices), faces=np.asarray(mesh.triangles))
"""


@dataclass(frozen=True)
class Options:
    """Score Open3D's screened Poisson surface."""

    models: str = "sd_yuko_sum"
    """File names without ending, wildcards and commas allowed."""
    setting: tuple[str, ...] = ("four", "drawn")
    depth: int = 8
    """Of its octree: 2^depth cells along an edge."""
    home: Path = Path("out/rivals/open3d")
    """The environment Open3D is installed into."""


def main(options: Options) -> None:
    python = environment(options.home)
    rows: list[Row] = []
    print(HEAD, flush=True)
    for path in model_paths(options.models):
        model = load_model(path, "flat", SIZE_PX, EIGHT)
        for setting in options.setting:
            given = views_of(model, path, setting, Views())
            start = time.process_time()
            hull = Hull()(Mirrored()(as_sheet(given)))
            mesh, cpu_s = poisson(python, hull, options.depth)
            cpu_s += time.process_time() - start
            found = seal_mesh(mesh, model.truth.frame).inside
            again = float(np.mean([reprojection(view, mesh) for view in given]))
            scores = score(model.truth.inside, found), score_aligned(model.truth.inside, found)
            rows.append(Row(model.name, setting, f"Open3D Poisson {options.depth}", *scores, again, cpu_s))
            print(line(rows[-1]), flush=True)
    print("\n".join(map(line, means(rows))))


def environment(home: Path) -> Path:
    """The interpreter of an environment with Open3D in it, made when it is not there."""
    python = home / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", f"open3d=={VERSION}"], check=True)
    return python


def poisson(python: Path, solid: Mesh, depth: int) -> tuple[Mesh, float]:
    """Open3D's surface through points of a solid, and the CPU seconds its process took."""
    import resource

    points, normals = spread_with_normals(solid, 0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "points.npz", Path(folder) / "mesh.npz"
        np.savez(given, points=points, normals=normals)
        subprocess.run([str(python), "-c", WORKER, str(given), str(made), str(depth)], check=True)
        with np.load(made) as stored:
            mesh = Mesh(stored["vertices"].astype(np.float32), stored["faces"].astype(np.int32))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return mesh, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main(tyro.cli(Options, description=__doc__))
