"""A drawing finds its viewer round a solid of unknown front; tried with a red front and blue back."""

import re

import numpy as np
import pytest

from genkei.geometry.facing import facing, laid, turned
from genkei.geometry.mesh import face_normals
from genkei.geometry.render import render
from genkei.geometry.score import silhouette_iou
from genkei.pipeline import adopted
from genkei.types import Camera, Character, Mesh, Rig, View
from tests.shape.figures import LEFT_ARM_UP, RIGHT_ARM, figure

RED, BLUE = (0.05, 0.5), (0.95, 0.5)


@pytest.fixture(scope="module")
def solid() -> Mesh:
    return turned(figure(LEFT_ARM_UP, RIGHT_ARM), 0.0)


def painted(mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
    """Texture and uv: red where the surface looks to +z, blue elsewhere."""
    texture = np.zeros((16, 16, 3), np.uint8)
    texture[:, :8], texture[:, 8:] = (200, 40, 40), (40, 40, 200)
    front = face_normals(mesh)[:, 2] > 0
    uv = np.where(front[:, None, None], np.array(RED), np.array(BLUE)) * np.ones((1, 3, 1))
    return uv.astype(np.float32), texture


def drawing(mesh: Mesh, camera: Camera | None = None) -> View:
    uv, texture = painted(mesh)
    camera = camera or Camera.orthographic(0.0)
    return View(render(mesh, uv, texture, camera, 256), Camera.orthographic(0.0))


def test_turning_there_and_back_is_nothing(solid):
    again = turned(turned(solid, 77.0), -77.0)
    assert np.abs(again.vertices - solid.vertices).max() < 2e-3
    assert np.abs(turned(solid, 360.0).vertices - solid.vertices).max() < 1e-5


def test_what_an_azimuth_saw_is_the_front_afterwards(solid):
    uv, texture = painted(solid)
    aside = render(solid, uv, texture, Camera.orthographic(60.0), 128)
    front = render(turned(solid, 60.0), uv, texture, Camera.orthographic(0.0), 128)
    shifts = [silhouette_iou(np.roll(front, s, 1)[..., 3] > 0.5, aside[..., 3] > 0.5) for s in range(-6, 7)]
    assert max(shifts) > 0.97


@pytest.mark.parametrize("turn", [0.0, 100.0, 180.0])
def test_the_turn_is_found(solid, turn):
    """180 degrees: the outline alone would be as good mirrored; the raised arm and the colours decide."""
    uv, texture = painted(solid)
    found = facing(turned(solid, -turn), uv, texture, drawing(solid))
    assert abs((found.turn_deg - turn + 180) % 360 - 180) < 5
    assert found.overlap > 0.95 and found.colour_error < 8


def test_scale_and_offset_are_found(solid):
    place = np.array([0.93, 0.03, 0.02])
    uv, texture = painted(solid)
    found = facing(solid, uv, texture, drawing(solid, laid(Camera.orthographic(0.0), place)))
    assert found.overlap > 0.95
    point = np.array([0.1, 0.7, 0.0, 1.0])
    wanted = laid(Camera.orthographic(0.0), place).world_to_clip @ point
    assert np.abs(found.camera.world_to_clip @ point - wanted).max() < 0.02


def character(mesh: Mesh) -> Character:
    """Unwrapped one face a cell, all grey: the drawing must paint it."""
    count = int(np.ceil(np.sqrt(len(mesh.faces))))
    row, column = np.divmod(np.arange(len(mesh.faces)), count)
    corner = np.array([[0.1, 0.1], [0.9, 0.1], [0.1, 0.9]], np.float32)
    uv = (np.stack([column, row], 1)[:, None] + corner) / count
    texture = np.full((1024, 1024, 3), 128, np.uint8)
    return Character(
        mesh, uv.astype(np.float32), texture, np.ones((1024, 1024), np.float32),
        np.zeros(len(mesh.faces), np.int32), ("figure",), Rig.empty(len(mesh.vertices)),
    )  # fmt: skip


def test_an_adopted_model_shows_the_drawing_in_front_and_its_own_paint_behind(solid):
    got, notes = adopted(character(turned(solid, -90.0)), drawing(solid))
    told = re.match(r"turned by (\d+) degrees .* overlap by (\d+)%", notes[0])
    assert told and abs(int(told[1]) - 90) < 5 and int(told[2]) > 95
    front = render(got.mesh, got.uv, got.texture, Camera.orthographic(0.0), 128)
    back = render(got.mesh, got.uv, got.texture, Camera.orthographic(180.0), 128)
    red = front[front[..., 3] > 0.9][:, :3]
    assert np.median(red[:, 0]) > 0.7 and np.median(red[:, 2]) < 0.25
    assert np.abs(np.median(back[back[..., 3] > 0.9][:, :3], 0) - 0.5).max() < 0.02
    assert 0.1 < got.drawn.mean() < 0.7


def test_another_character_is_refused(solid):
    wide = np.zeros((128, 128, 4), np.float32)
    wide[:, 10:118] = (0.5, 0.5, 0.5, 1)
    with pytest.raises(ValueError, match=r"overlaps the model's by \d+% at best.*wanted 60%"):
        adopted(character(solid), View(wide, Camera.orthographic(0.0)))
