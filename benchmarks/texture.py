"""Times of the texture stage and colour error of given and unseen views: `python benchmarks/texture.py`.

Paints a sphere and the demo character from renders of their true paint and prints a markdown table. PSNR is
over pixels that both pictures cover; the first, unreported run compiles and caches the kernels.
"""

import resource
import time

import numpy as np

from genkei.geometry.field import Grid, surface
from genkei.geometry.render import render
from genkei.texture import Paint, Projective, Xatlas
from genkei.types import Camera, Character, Mesh, Rig, View
from genkei_train.characters.build import build_character
from genkei_train.characters.cast import CAST

VIEW_PX = 1024
DIAGONALS = (45, 135, 225, 315)


def sphere() -> Character:
    """About 50k triangles with a smooth pattern, unwrapped like any mesh."""
    axis = np.arange(-0.5, 0.5, 1 / 92, dtype=np.float32)
    field = np.sqrt(axis[:, None, None] ** 2 + axis[:, None] ** 2 + axis**2) - 0.4
    grid = Grid(field.astype(np.float32), np.array([-0.5, 0, -0.5], np.float32), 1 / 92)
    mesh = surface(grid)
    uv = Projective()(mesh, (), 1024).uv
    rows = np.linspace(0, 60, 1024)
    pattern = 0.5 + 0.4 * np.sin(rows[:, None] + np.array([0.0, 1, 2]))[None] * np.cos(rows[:, None, None])
    texture = (pattern * 255).astype(np.uint8)
    drawn = np.ones((1024, 1024), np.float32)
    parts = np.zeros(len(mesh.faces), np.int32)
    return Character(mesh, uv, texture, drawn, parts, ("body",), Rig.empty(len(mesh.vertices)))


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    both = (a[..., 3] > 0.99) & (b[..., 3] > 0.99)
    return float(-10 * np.log10(((a[both, :3] - b[both, :3]) ** 2).mean() + 1e-12))


def view(character: Character, azimuth: float) -> View:
    camera = Camera.orthographic(azimuth)
    return View(render(character.mesh, character.uv, character.texture, camera, VIEW_PX), camera)


def mean_psnr(painted: Character, truth: Character, azimuths: tuple[int, ...]) -> float:
    return float(np.mean([psnr(view(painted, a).rgba, view(truth, a).rgba) for a in azimuths]))


def row(name: str, truth: Character, azimuths: tuple[int, ...], paint: Paint) -> str:
    views = tuple(view(truth, a) for a in azimuths)
    wall, cpu = time.perf_counter(), time.process_time()
    painting = paint.explain(truth.mesh, views)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    given = mean_psnr(painting.character, truth, azimuths)
    unseen = mean_psnr(painting.character, truth, DIAGONALS)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    charts = int(painting.atlas.chart.max()) + 1
    return (
        f"| {name} | {len(truth.mesh.faces)} | {len(azimuths)} | {painting.atlas.method} | {charts} | "
        f"{wall:.1f} | {cpu:.1f} | {painting.seen_share:.2f} | {given:.1f} | {unseen:.1f} | {peak:.2f} |"
    )


def unwrap_row(name: str, mesh: Mesh, backend: Projective | Xatlas) -> str:
    start = time.perf_counter()
    atlas = backend(mesh, (), 2048)
    asked = type(backend).__name__
    return (
        f"| {name} | {len(mesh.faces)} | {asked} | {atlas.method} | {int(atlas.chart.max()) + 1} | "
        f"{time.perf_counter() - start:.1f} | {atlas.note} |"
    )


def main() -> None:
    solids = {"sphere": sphere(), "hana": build_character(CAST["hana"], cells=150)}
    ball = solids["sphere"]
    Paint(size=256)(ball.mesh, (view(ball, 0),))
    print(
        "| solid | triangles | views | atlas | charts | wall s | CPU s | seen | PSNR given | 45° | peak GB |"
    )
    print("|" + "---|" * 11)
    for name, truth in solids.items():
        for azimuths in ((0,), (0, 180), (0, 90, 180, 270)):
            print(row(name, truth, azimuths, Paint()), flush=True)
    print("\n| solid | triangles | asked | used | charts | wall s | note |\n|" + "---|" * 7)
    for name, truth in solids.items():
        for backend in (Projective(), Xatlas(limit_s=60)):
            print(unwrap_row(name, truth.mesh, backend), flush=True)


if __name__ == "__main__":
    main()
