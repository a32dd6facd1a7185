"""Normals and light by models and by pictures: axes and signs, laws on a sphere, refusals."""

import json

import numpy as np
import pytest
from PIL import Image

from genkei.apps.cli import main
from genkei.drawing.imported import axes_of, with_depth, with_normals
from genkei.drawing.priors import Delight, Inflated, Predicted
from genkei.types import Camera, Sheet, View
from tests.apps.drawings import draw_girl


def ball(side: int = 64) -> tuple[View, np.ndarray]:
    """A grey ball seen from the front, and its unit normals."""
    y, x = (np.mgrid[:side, :side] + 0.5 - side / 2) / (0.4 * side)
    inside = x**2 + y**2 < 1
    z = np.sqrt(np.maximum(1 - x**2 - y**2, 0))
    normals = np.where(inside[..., None], np.stack([x, -y, z], -1), [0, 0, 1.0]).astype(np.float32)
    rgba = np.dstack([np.full((side, side, 3), 0.5), inside]).astype(np.float32)
    return View(rgba, Camera.orthographic(0.0)), normals


def sheet() -> tuple[Sheet, np.ndarray]:
    view, normals = ball()
    return Sheet((view,), (), (), (Inflated()(view),)), normals


def off_deg(cue, normals, mask) -> float:
    return float(np.degrees(np.arccos(np.clip((cue.value * normals).sum(-1)[mask], -1, 1))).mean())


def test_a_models_normals_are_taken_as_they_are():
    view, normals = ball()
    cue = Predicted(lambda rgb: {"normals": normals})(view)
    assert off_deg(cue, normals, view.mask) < 1.5
    assert not cue.confidence[~view.mask].any()


def test_a_models_depth_becomes_slopes():
    view, normals = ball()
    far = (1 - normals[..., 2:]).astype(np.float32)
    cue = Predicted(lambda rgb: {"depth": far}, relief=0.48)(view)
    assert off_deg(cue, normals, view.mask & (normals[..., 2] > 0.5)) < 5
    flat = Predicted(lambda rgb: {"depth": far * 0})(view)
    assert (flat.value[view.mask] == [0, 0, 1]).all()


def test_models_of_other_jobs_are_refused():
    view, _ = ball()
    with pytest.raises(ValueError, match="the model says albedo; wanted one that says depth or normals"):
        Predicted(lambda rgb: {"albedo": rgb})(view)
    with pytest.raises(ValueError, match="the model says depth; wanted one that says albedo"):
        Delight(lambda rgb: {"depth": rgb})(view)
    with pytest.raises(ValueError, match="sees the whole character black"):
        Delight(lambda rgb: {"albedo": rgb * 0})(view)


def test_light_leaves_and_brightness_stays():
    view, normals = ball()
    light = (0.3 + 0.7 * normals[..., 2:]).astype(np.float32)
    lit = View(np.dstack([view.rgba[..., :3] * light, view.rgba[..., 3]]).astype(np.float32), view.camera)
    dark = np.full_like(view.rgba[..., :3], 0.2)
    found = Delight(lambda rgb: {"albedo": dark})(lit)
    assert found.rgba[view.mask, :3].std() < 1e-5
    wanted = np.median(lit.rgba[view.mask, :3].mean(-1))
    assert abs(found.rgba[view.mask, :3].mean() - wanted) < 1e-3
    assert (found.rgba[..., 3] == view.rgba[..., 3]).all()


def save(path, planes, deep=False):
    top = 65535 if deep else 255
    Image.fromarray((np.clip(planes, 0, 1) * top).round().astype(np.uint16 if deep else np.uint8)).save(path)
    return path


@pytest.mark.parametrize("axes", ["+x+y+z", "+x-y+z", "-x+y+z", "+z+y-x"])
def test_normal_pictures_of_any_axes_say_the_same(tmp_path, axes):
    given, normals = sheet()
    planes = np.empty_like(normals)
    for channel in range(3):
        sign, name = axes[2 * channel], axes[2 * channel + 1]
        planes[..., channel] = normals[..., "xyz".index(name)] * (1 if sign == "+" else -1)
    found = with_normals(given, "front", save(tmp_path / "n.png", planes / 2 + 0.5), axes)
    assert off_deg(found.normals[0], normals, given.views[0].mask) < 2
    assert "front: normals from a picture handed in" in found.notes


@pytest.mark.parametrize(("near", "deep"), [("white", False), ("black", False), ("white", True)])
def test_depth_pictures_of_either_sign_say_the_same(tmp_path, near, deep):
    given, normals = sheet()
    plane = normals[..., 2] if near == "white" else 1 - normals[..., 2]
    found = with_depth(given, "front", save(tmp_path / "d.png", plane, deep), near, relief=0.48)
    inner = given.views[0].mask & (normals[..., 2] > 0.5)
    assert off_deg(found.normals[0], normals, inner) < 8


def test_pictures_that_do_not_fit_are_refused(tmp_path):
    given, normals = sheet()
    front = save(tmp_path / "n.png", normals / 2 + 0.5)
    with pytest.raises(ValueError, match=r"looks away from the viewer, so the axes are not \+x\+y-z"):
        with_normals(given, "front", front, "+x+y-z")
    with pytest.raises(ValueError, match="there is no back view; there are front"):
        with_normals(given, "back", front)
    with pytest.raises(ValueError, match="does not exist"):
        with_normals(given, "front", tmp_path / "no.png")
    with pytest.raises(ValueError, match="is grey, and normals need three colours"):
        with_normals(given, "front", save(tmp_path / "g.png", normals[..., 2]))
    with pytest.raises(ValueError, match="64 x 32 px; wanted a square"):
        with_normals(given, "front", save(tmp_path / "w.png", normals[:32]))
    with pytest.raises(ValueError, match="is flat over the character"):
        with_depth(given, "front", save(tmp_path / "f.png", np.ones((64, 64))))
    (tmp_path / "t.png").write_text("text")
    with pytest.raises(ValueError, match="is no picture that can be read"):
        with_normals(given, "front", tmp_path / "t.png")
    for word in ("xyz", "+x+y", "+x+x+z", "*x+y+z"):
        with pytest.raises(ValueError, match="names no axes"):
            axes_of(word)


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["a.png", "--normals", "front=n.png"], 2, "are made of cut-outs: run genkei views first"),
        (["--from", "views", "--prior", "m"], 2, "--prior and --delight work on a drawing"),
        (["a.png", "--prior", "no/where"], 1, "downloads nothing: run `hf download no/where`"),
    ],
)
def test_wrong_words(capsys, tmp_path, words, code, says):
    draw_girl(tmp_path / "a.png")
    words = [str(tmp_path / word) if word == "a.png" else word for word in words]
    assert main(["views", *words, "-o", str(tmp_path / "o")]) == code
    assert says in " ".join(capsys.readouterr().err.split())


def test_the_command_line_takes_models_and_pictures(tmp_path, monkeypatch):
    pytest.importorskip("diffusers", reason="needs the extra: pip install 'genkei[diffusion]'")
    from genkei.nets.published import recognise
    from tests.nets.published.tiny_marigold import tiny_rows, write

    monkeypatch.setattr(recognise, "models", tiny_rows)
    folders = {job: str(write(tmp_path / job, job, 1)) for job in ("normals", "intrinsics")}
    drawing, one, two = str(draw_girl(tmp_path / "girl.png")), tmp_path / "one", tmp_path / "two"
    words = ["--prior", folders["normals"], "--delight", folders["intrinsics"], "-o", str(one), "--quiet"]
    assert main(["views", drawing, *words]) == 0
    notes = json.loads((one / "run.json").read_text())["notes"]
    assert any("light was taken out" in note for note in notes)
    flat = save(tmp_path / "n.png", np.broadcast_to([0.5, 0.5, 1.0], (64, 64, 3)))
    words = ["--from", str(one / "views"), "--normals", f"front={flat}", "-o", str(two), "--quiet"]
    assert main(["views", *words]) == 0
    kept = np.asarray(Image.open(two / "views" / "front_normals.png"))
    assert np.abs(kept[512, 512, :3].astype(int) - [128, 128, 255]).max() <= 2
    assert main(["views", *words[:2], "--normals", "front", "-o", str(tmp_path / "o")]) == 2
