"""What every backend of the shape stage promises, whatever it is: add one to the union and it is tested."""

import time
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import get_args

import numpy as np
import pytest

from genkei.geometry.mesh import component_labels, open_edges, to_manifold, volume
from genkei.geometry.score import silhouette_iou
from genkei.nets.loader import REGISTRY, records
from genkei.shape import CharacterGen, Neus, Occupancy, Shape, Splats, TripoSr
from genkei.shape.neus_fit import Pace
from genkei.types import Camera, Mesh, Sheet, View
from genkei.views import Mirrored
from tests.shape.figures import (
    ALL_SIDES,
    LEFT_ARM_FORWARD,
    LEFT_ARM_UP,
    RIGHT_ARM,
    armless,
    figure,
    mirrored,
    seen,
    silhouette,
)
from tests.shape.nets import balloon_field, balloon_net

NO_TORCH = find_spec("torch") is None


def weights_missing() -> str:
    """Why the net in the wheel cannot be asked; empty when it can."""
    return "" if "solid" in records() else f"no weights of the solid net in {REGISTRY}"


@dataclass(frozen=True)
class BalloonOccupancy:
    """Occupancy with a net that needs no weights."""

    resolution: int = 224

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        return Occupancy(resolution=self.resolution, net=balloon_net)(views)


@dataclass(frozen=True)
class BalloonTripoSr:
    """TripoSR's road with a field that needs no weights; nobody may ship the published ones."""

    resolution: int = 224

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        return TripoSr(resolution=self.resolution, net=balloon_field)(views)


@dataclass(frozen=True)
class BalloonCharacterGen:
    """CharacterGen's road from the sides that are there and their mirror images, with such a field."""

    resolution: int = 224

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        four = Mirrored()(Sheet(views, (), (), ()))
        return CharacterGen(resolution=self.resolution, net=lambda seen: balloon_field(seen[0]))(four)


@dataclass(frozen=True)
class BriefNeus:
    """NeuS for a few rounds: its full fit takes longer than a test may."""

    resolution: int = 96

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        return Neus(resolution=self.resolution, paces=(Pace(8, rays=384),), size_px=128)(views)


@dataclass(frozen=True)
class BriefSplats:
    """Few splats for a few rounds."""

    resolution: int = 64

    def __call__(self, views: tuple[View, ...]) -> Mesh:
        return Splats(resolution=self.resolution, count=800, rounds=1, size_px=64)(views)


STAND_INS = {
    TripoSr: BalloonTripoSr,
    CharacterGen: BalloonCharacterGen,
    Neus: BriefNeus,
    Splats: BriefSplats,
}
"""What stands in for backends that want a checkpoint of the user's, or minutes."""
BACKENDS = [
    pytest.param(
        STAND_INS.get(kind, kind),
        id=kind.__name__,
        marks=[
            pytest.mark.skipif(kind is Occupancy and bool(weights_missing()), reason=weights_missing()),
            pytest.mark.skipif(kind in (Neus, Splats) and NO_TORCH, reason="no extra [torch]"),
        ],
    )
    for kind in get_args(Shape)
] + [pytest.param(BalloonOccupancy, id="OccupancyBalloon")]
CASES = {
    "arms aside": lambda: seen(figure(), *ALL_SIDES),
    "an arm forward": lambda: seen(figure(LEFT_ARM_FORWARD, RIGHT_ARM), *ALL_SIDES),
    "front and left": lambda: seen(figure(), 0.0, 90.0),
    "back and right": lambda: seen(figure(), 180.0, 270.0),
    "the side misses a raised arm": lambda: (
        *seen(figure(LEFT_ARM_UP, RIGHT_ARM), 0.0),
        *seen(armless(), 90.0),
    ),
}
case = pytest.mark.parametrize("name", CASES)
backend = pytest.mark.parametrize("kind", BACKENDS)


@cache
def views_of(name: str) -> tuple[View, ...]:
    return CASES[name]()


@cache
def made(kind: type, name: str, resolution: int = 64) -> Mesh:
    return kind(resolution=resolution)(views_of(name))


def ahead(views: tuple[View, ...]) -> View:
    """The front or back view: the one outline that every backend goes by."""
    return next(view for view in views if view.name in ("front", "back"))


@backend
@case
def test_one_closed_outward_solid(kind, name):
    mesh = made(kind, name)
    assert open_edges(mesh.faces) == 0 and volume(mesh) > 0
    assert component_labels(mesh.faces).max() == 0
    assert to_manifold(mesh).volume() == pytest.approx(volume(mesh), rel=1e-4)
    assert np.isfinite(mesh.vertices).all()
    assert mesh.faces.max() + 1 == len(mesh.vertices)  # no vertex that no face uses


@backend
@case
def test_it_stands_on_the_ground_one_height_tall(kind, name):
    mesh = made(kind, name)
    cell = 1 / 64
    assert abs(mesh.vertices[:, 1].min()) < 2 * cell and abs(mesh.vertices[:, 1].max() - 1) < 2 * cell


@backend
@case
def test_it_shows_the_given_outline(kind, name):
    mesh, view = made(kind, name, 96), ahead(views_of(name))
    assert silhouette_iou(silhouette(mesh, view.camera), view.mask) >= 0.93


@backend
@pytest.mark.parametrize("name", ["arms aside", "an arm forward", "the side misses a raised arm"])
def test_no_limb_is_lost(kind, name):
    """Every pixel that is two cells inside the drawn outline has matter behind it."""
    from scipy.ndimage import binary_erosion

    mesh, view = made(kind, name, 96), ahead(views_of(name))
    shown = silhouette(mesh, view.camera)
    inner = binary_erosion(view.mask, iterations=round(2 / 96 * 256 / 1.2))
    assert inner.sum() > 1000 and (inner & ~shown).sum() <= 0.002 * inner.sum()


@backend
def test_the_same_views_give_the_same_bytes(kind):
    one, other = (kind(resolution=64)(views_of("arms aside")) for _ in range(2))
    assert one.vertices.tobytes() == other.vertices.tobytes() and one.faces.tobytes() == other.faces.tobytes()


@backend
@pytest.mark.parametrize("name", ["arms aside", "an arm forward"])
def test_mirrored_drawings_give_the_mirrored_solid(kind, name):
    opposite = {0: 0, 90: 270, 180: 180, 270: 90}
    flipped = tuple(
        View(
            np.ascontiguousarray(view.rgba[:, ::-1]),
            Camera.orthographic(opposite[round(view.camera.azimuth_deg)], view.camera.span),
        )
        for view in views_of(name)
    )
    one, other = mirrored(made(kind, name)), kind(resolution=64)(flipped)
    assert volume(other) == pytest.approx(volume(one), rel=0.02)
    for azimuth in (0, 45, 90, 135):
        camera = Camera.orthographic(azimuth)
        assert silhouette_iou(silhouette(one, camera), silhouette(other, camera)) > 0.97


@backend
def test_views_may_come_in_any_order(kind):
    one, other = made(kind, "arms aside"), kind(resolution=64)(views_of("arms aside")[::-1])
    assert volume(other) == pytest.approx(volume(one), rel=0.001)
    camera = Camera.orthographic(30)
    assert silhouette_iou(silhouette(one, camera), silhouette(other, camera)) > 0.99


@backend
def test_a_wider_paper_is_the_same_character(kind):
    pictures = tuple(
        View(
            np.pad(view.rgba, ((32, 32), (32, 32), (0, 0))), Camera.orthographic(view.camera.azimuth_deg, 1.5)
        )
        for view in views_of("arms aside")
    )
    one, other = made(kind, "arms aside"), kind(resolution=64)(pictures)
    assert volume(other) == pytest.approx(volume(one), rel=0.02)
    assert np.abs(other.vertices.max(0) - one.vertices.max(0)).max() < 1 / 64


@backend
def test_more_cells_converge(kind):
    coarse, fine = (volume(made(kind, "arms aside", cells)) for cells in (96, 144))
    assert coarse == pytest.approx(fine, rel=0.08)


@backend
def test_it_does_not_run_away(kind):
    views = views_of("arms aside")
    kind(resolution=64)(views)  # compiles
    begin = time.process_time()
    kind()(views)
    assert time.process_time() - begin < 30  # speed is measured by benchmarks, on a quiet machine


@backend
def test_no_views_are_refused_in_our_words(kind):
    with pytest.raises(ValueError, match="want"):
        kind()(())


@backend
def test_an_empty_picture_is_refused_in_our_words(kind):
    nothing = np.zeros((64, 64, 4), np.float32)
    with pytest.raises(ValueError, match="empty"):
        kind()(tuple(View(nothing, Camera.orthographic(azimuth)) for azimuth in ALL_SIDES))
