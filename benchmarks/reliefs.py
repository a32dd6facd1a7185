"""Eight exact views of our own character Hana, with and without her true normals and depths.

    python benchmarks/reliefs.py

Chamfer distances in percent of her height, as `benchmarks/views.py --own` measures them.
"""

import time
from dataclasses import replace

import numpy as np
from scipy.spatial import KDTree

from genkei.geometry.mesh import vertex_normals
from genkei.geometry.raster import corner_values, rasterise
from genkei.geometry.render import render
from genkei.nets.look import Remembered
from genkei.shape import Poisson, Relief, Sdf
from genkei.shape.relief import relief_of
from genkei.types import Camera, Cue, Mesh, View
from genkei_train.characters.build import build_character
from genkei_train.characters.cast import CAST
from views import EIGHT, SIZE_PX, spread

RELIEF_PX = 512


def main() -> None:
    truth = build_character(CAST["hana"], cells=150)
    cameras = [Camera.orthographic(azimuth) for azimuth in EIGHT]
    views = tuple(View(render(truth.mesh, truth.uv, truth.texture, c, SIZE_PX), c) for c in cameras)
    known = tuple(relief(truth.mesh, camera) for camera in cameras)
    bare = tuple(replace(one, depth=unsure(one.depth)) for one in known)
    wanted, net = spread(truth.mesh, 0), Remembered()
    ways = {
        "Sdf": Sdf(net=net),
        "Sdf, normals": Sdf(reliefs=bare, net=net),
        "Sdf, normals and depth": Sdf(reliefs=known, net=net),
        "Poisson, normals and depth": Poisson(reliefs=known, net=net),
    }
    print("| hana, eight views | accuracy % | completeness % | F@1% | CPU s |\n|---|---|---|---|---|")
    for name, shape in ways.items():
        start = time.process_time()
        mesh = shape(views)
        cpu_s = time.process_time() - start
        found = spread(mesh, 1)
        to_truth, to_found = 100 * KDTree(wanted).query(found)[0], 100 * KDTree(found).query(wanted)[0]
        shares = float((to_truth < 1).mean()), float((to_found < 1).mean())
        f = 2 * shares[0] * shares[1] / max(sum(shares), 1e-9)
        print(
            f"| {name} | {to_truth.mean():.2f} | {to_found.mean():.2f} | {f:.2f} | {cpu_s:.1f} |", flush=True
        )


def relief(mesh: Mesh, camera: Camera) -> Relief:
    """What a renderer knows of a view."""
    hits = rasterise(mesh.vertices, mesh.faces, camera, RELIEF_PX, RELIEF_PX)
    right, up, forward = camera.axes
    normals = corner_values(hits, vertex_normals(mesh)[mesh.faces]) @ np.stack([right, up, -forward], 1)
    return relief_of(camera, -hits.depth, normals.astype(np.float32))


def unsure(cue: Cue) -> Cue:
    """The same without any confidence."""
    return Cue(cue.value, np.zeros_like(cue.confidence))


if __name__ == "__main__":
    main()
