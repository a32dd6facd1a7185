"""A published net's opacity as a cut-out: colours without background, refusals, the command line."""

import json

import numpy as np
import pytest

from genkei.apps.cli import main
from genkei.drawing.edge import refined_colour
from genkei.drawing.published import Published
from genkei.nets.published.table import named
from tests.apps.drawings import draw_girl
from tests.drawing.test_matte import figure, iou, on, ramp

onnx = pytest.importorskip("onnx", reason="making nets to test with needs: pip install 'genkei[train]'")


def plain_blur_fusion(rgb, alpha, boxes):
    """The published loop of refine_foreground in words: box means as double loops over mirrored borders."""

    def mean(plane, side):
        before, after = side // 2, side - side // 2 - 1
        padded = np.pad(plane, ((before, after), (before, after), (0, 0)), mode="reflect")
        out = np.zeros_like(plane)
        for y in range(plane.shape[0]):
            for x in range(plane.shape[1]):
                out[y, x] = padded[y : y + side, x : x + side].mean((0, 1))
        return out

    a = alpha[..., None].astype(np.float64)
    image = rgb.astype(np.float64)
    front, back = image, image
    for side in boxes:
        blurred = mean(a, side)
        near = mean(front * a, side) / (blurred + 1e-5)
        back = mean(back * (1 - a), side) / (1 - blurred + 1e-5)
        front = np.clip(near + a * (image - a * near - (1 - a) * back), 0, 1)
    return front


def test_colour_is_that_of_the_published_equations():
    rng = np.random.default_rng(5)
    rgb, alpha = rng.random((20, 17, 3)).astype(np.float32), rng.random((20, 17)).astype(np.float32)
    found = refined_colour(rgb, alpha, (9, 4))
    assert np.abs(found - plain_blur_fusion(rgb, alpha, (9, 4))).max() < 1e-4


def test_background_leaves_the_edge():
    y, x = np.mgrid[:200, :200]
    alpha = np.clip((70 - np.hypot(y - 100, x - 100)) / 12, 0, 1).astype(np.float32)
    subject, behind = np.array([0.8, 0.2, 0.3]), np.array([0.1, 0.9, 0.2])
    rgb = (alpha[..., None] * subject + (1 - alpha[..., None]) * behind).astype(np.float32)
    soft = (alpha > 0.1) & (alpha < 0.9)
    before, after = (np.abs(c - subject)[soft].mean() for c in (rgb, refined_colour(rgb, alpha)))
    assert before > 0.25
    assert after < before / 10


def test_the_character_is_kept_and_what_lies_far_is_not():
    rgba = figure()
    picture = on(rgba, ramp(*rgba.shape[:2]))
    opacity = rgba[..., 3].copy()
    opacity[2:6, 2:6] = 1
    found = Published(lambda rgb: opacity)(picture)
    assert found.method == "net" and iou(found.rgba[..., 3] > 0.5, rgba[..., 3] > 0.5) > 0.999
    assert not found.rgba[:8, :8].any()


@pytest.mark.parametrize(("level", "says"), [(0.0, "0.0% of the picture"), (1.0, "100.0% of the picture")])
def test_nothing_and_all_are_refused(level, says):
    with pytest.raises(ValueError, match=says):
        Published(lambda rgb: np.full(rgb.shape[:2], level, np.float32), "the net")(
            np.ones((64, 64, 4), np.float32)
        )


def test_doubt_is_refused():
    opacity = np.zeros((64, 64), np.float32)
    opacity[8:56, 8:56] = 0.6
    with pytest.raises(ValueError, match="unsure on an area of 100%"):
        Published(lambda rgb: opacity)(np.ones((64, 64, 4), np.float32))


def test_the_command_line_cuts_out_by_a_file(tmp_path):
    from tests.nets.published.onnx_nets import write_matte

    net = write_matte(tmp_path / "u2netp.onnx", named("u2netp"))
    out = tmp_path / "out"
    words = [str(draw_girl(tmp_path / "girl.png")), "--matte", str(net)]
    assert main(["views", *words, "-o", str(out), "--quiet"]) == 0
    told = json.loads((out / "run.json").read_text())
    assert told["views"][0]["matte"] == "net"
    assert any("U2-Net small" in note for note in told["notes"])
    assert any("u2netp.onnx" in json.dumps(given) for given in told["inputs"])


def test_the_same_picture_twice_is_cut_out_the_same(tmp_path):
    from genkei.nets.published.matte_net import load_matte
    from tests.nets.published.onnx_nets import write_matte

    matte = Published(load_matte(write_matte(tmp_path / "u2netp.onnx", named("u2netp"))))
    picture = on(figure(), np.ones((*figure().shape[:2], 3)))
    assert (matte(picture).rgba == matte(picture).rgba).all()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["a.png", "--matte", "m.onnx", "--sketch"], 2, "--sketch and --matte are two ways"),
        (["--from", "views", "--matte", "m.onnx"], 2, "--matte says how a drawing is cut out"),
        (["a.png", "--matte-model", "u2netp"], 2, "--matte-model names the net in a --matte file"),
        (["a.png", "--matte", "nowhere.onnx"], 1, "nowhere.onnx does not exist"),
    ],
)
def test_wrong_words(capsys, tmp_path, words, code, says):
    assert main(["views", *words, "-o", str(tmp_path / "o")]) == code
    assert says in " ".join(capsys.readouterr().err.split())
