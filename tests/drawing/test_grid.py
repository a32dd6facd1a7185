"""Grids and orbits of other programs become posed views: rows of a table, tested by rendering."""

import numpy as np
import pytest
from PIL import Image

from genkei.drawing.grid import SAME_DEG, read_grid
from genkei.drawing.rigs import RIGS, Rig
from genkei.drawing.sheet import Options, load_sheet, read_views, save_sheet
from genkei.geometry.camera import turned_deg
from genkei.geometry.render import render_clay
from genkei.geometry.score import silhouette_iou
from genkei.types import Camera, Mesh
from tests.shape.figures import figure

SMALL = Options(size_px=192)
CELL = 160


def standing() -> Mesh:
    return figure()


def rendered(mesh: Mesh, azimuth: float, elevation: float, width: int, height: int) -> np.ndarray:
    """The figure as a program with parallel rays would show it, 0.8 of the picture high, clear around it."""
    camera = Camera.orthographic(azimuth, 1.25, elevation)
    side = max(width, height)
    square = (render_clay(mesh, camera, side) * 255).astype(np.uint8)
    left, top = (side - width) // 2, (side - height) // 2
    return square[top : top + height, left : left + width]


def pictures(rig: Rig) -> list[np.ndarray]:
    mesh, wide = standing(), round(CELL * rig.cell_aspect)
    cameras = zip(rig.azimuths_deg, rig.elevations_deg, strict=True)
    return [rendered(mesh, a, e, max(wide, 2), CELL) for a, e in cameras]


def saved_grid(path, rig: Rig, rows: int):
    cells = pictures(rig)
    columns = len(cells) // rows
    whole = np.concatenate([np.concatenate(cells[r * columns : (r + 1) * columns], 1) for r in range(rows)])
    Image.fromarray(whole).save(path)
    return path


@pytest.mark.parametrize("name", RIGS)
def test_every_view_is_what_its_camera_sees(name, tmp_path):
    """The law of an importer: rendering the solid through the returned camera gives the picture again."""
    rig = RIGS[name]
    sheet = read_grid(saved_grid(tmp_path / "grid.png", rig, 1), name, options=SMALL)
    assert len(sheet.views) == rig.count == len(sheet.lines) == len(sheet.normals) == len(sheet.readings)
    least = 0.8 if any(rig.elevations_deg) else 0.95  # the scale of raised pictures is a guess
    for view in sheet.views:
        seen = render_clay(standing(), view.camera, SMALL.size_px)[..., 3] > 0.5
        assert silhouette_iou(seen, view.mask) > least, (view.name, view.camera.elevation_deg)


@pytest.mark.parametrize(
    ("name", "rows"), [("charactergen", 2), ("zero123plus", 3), ("era3d", 2), ("sv3d", 3)]
)
def test_a_grid_may_stand_in_any_rows_that_fit(name, rows, tmp_path):
    one = read_grid(saved_grid(tmp_path / "strip.png", RIGS[name], 1), name, options=SMALL)
    other = read_grid(saved_grid(tmp_path / "grid.png", RIGS[name], rows), name, options=SMALL)
    for a, b in zip(one.views, other.views, strict=True):
        assert np.array_equal(a.camera.world_to_clip, b.camera.world_to_clip)
        assert silhouette_iou(a.mask, b.mask) > 0.96  # a strip of 21 pictures is reduced when it is read


def test_cameras_stand_where_the_table_says(tmp_path):
    for name, rig in RIGS.items():
        assert rig.name == name and len(rig.elevations_deg) == rig.count
        assert len({round(a, 3) for a in rig.azimuths_deg}) == rig.count
        assert all(0 <= a < 360 for a in rig.azimuths_deg)
    sheet = read_grid(saved_grid(tmp_path / "g.png", RIGS["zero123plus"], 3), "zero123plus", options=SMALL)
    for view, azimuth, elevation in zip(
        sheet.views, RIGS["zero123plus"].azimuths_deg, RIGS["zero123plus"].elevations_deg, strict=True
    ):
        assert view.camera.azimuth_deg == pytest.approx(azimuth, abs=0.01)
        assert view.camera.elevation_deg == pytest.approx(elevation, abs=0.01)


def test_orbits_come_as_folders_and_animations_too(tmp_path):
    rig = RIGS["sv3d"]
    folder = tmp_path / "frames"
    folder.mkdir()
    frames = [Image.fromarray(p) for p in pictures(rig)]
    for index, frame in enumerate(frames):
        frame.save(folder / f"{index:03d}.png")
    frames[0].save(tmp_path / "turn.png", save_all=True, append_images=frames[1:])
    strip = read_grid(saved_grid(tmp_path / "strip.png", rig, 1), "sv3d", options=SMALL)
    for source in (folder, tmp_path / "turn.png"):
        sheet = read_grid(source, "sv3d", options=SMALL)
        for a, b in zip(sheet.views, strip.views, strict=True):
            assert silhouette_iou(a.mask, b.mask) > 0.96


def test_a_finer_turn_is_read_every_so_many_pictures_and_counted_by_numbers(tmp_path):
    """Cycle3D names its pictures by their angle, without zeros before it: 105 stands after 30."""
    rig = RIGS["cycle3d"]
    mesh = standing()
    for angle in range(0, 360, 15):
        Image.fromarray(rendered(mesh, angle, 0.0, CELL, CELL)).save(tmp_path / f"{angle}.png")
    found = read_grid(tmp_path, rig.name, None, SMALL)
    assert [view.camera.azimuth_deg for view in found.views] == pytest.approx(rig.azimuths_deg)
    for view in found.views:
        seen = render_clay(mesh, view.camera, SMALL.size_px)[..., 3] > 0.5
        assert silhouette_iou(seen, view.mask) > 0.95, view.name
    (tmp_path / "7.png").write_bytes((tmp_path / "0.png").read_bytes())
    with pytest.raises(ValueError, match="holds 25 pictures; an orbit of cycle3d has 12"):
        read_grid(tmp_path, rig.name, None, SMALL)


def test_drawings_win_over_the_grid(tmp_path):
    Image.fromarray(rendered(standing(), 0, 0, 256, 256)).save(tmp_path / "front.png")
    drawn = read_views({0.0: tmp_path / "front.png"}, SMALL)
    path = saved_grid(tmp_path / "grid.png", RIGS["charactergen"], 2)
    sheet = read_grid(path, "charactergen", drawn, SMALL)
    assert sheet.views[0] is drawn.views[0]
    assert [view.name for view in sheet.views] == ["front", "right", "back", "left"]
    assert all(turned_deg(view.camera.azimuth_deg, 0) >= SAME_DEG for view in sheet.views[1:])
    assert any("3 views come from grid.png" in note and "guess" in note for note in sheet.notes)


def test_a_grid_may_be_saved_corrected_and_gone_on_from(tmp_path):
    sheet = read_grid(saved_grid(tmp_path / "g.png", RIGS["zero123plus"], 3), "zero123plus", options=SMALL)
    save_sheet(sheet, tmp_path / "views")
    again = load_sheet(tmp_path / "views")
    for a, b in zip(sheet.views, again.views, strict=True):
        assert np.allclose(a.camera.world_to_clip, b.camera.world_to_clip, atol=1e-6)
        assert np.abs(a.rgba - b.rgba).max() < 0.01


def test_what_is_no_such_grid_is_refused(tmp_path):
    path = saved_grid(tmp_path / "grid.png", RIGS["charactergen"], 2)
    with pytest.raises(ValueError, match="no rig called 'dream'; known are zero123plus"):
        read_grid(path, "dream")
    with pytest.raises(ValueError, match="cannot be cut into the 4 views of unique3d"):
        read_grid(path, "unique3d")
    with pytest.raises(ValueError, match="6 of the 6 pictures are cut by their borders"):
        read_grid(path, "era3d")
    with pytest.raises(ValueError, match="is a folder; charactergen writes one picture of 4"):
        read_grid(tmp_path, "charactergen")
    with pytest.raises(ValueError, match="holds 1 pictures; an orbit of sv3d has 21"):
        read_grid(tmp_path, "sv3d")
    empty = tmp_path / "empty.png"
    Image.fromarray(np.full((CELL, 6 * CELL, 3), 255, np.uint8)).save(empty)
    with pytest.raises(ValueError, match=r"empty.png, picture 1 of 6: "):
        read_grid(empty, "wonder3d")
