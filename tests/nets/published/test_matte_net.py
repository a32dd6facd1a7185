"""Matte nets that differ by rows alone: the same answer through every row, refusals with the next step."""

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="making nets to test with needs: pip install 'genkei[train]'")

from genkei.nets.published.matte_net import framed, load_matte, meaning, normalised  # noqa: E402
from genkei.nets.published.table import models, named  # noqa: E402
from tests.nets.published.files import write_model, write_safetensors  # noqa: E402
from tests.nets.published.onnx_nets import darkness, write_matte  # noqa: E402

ROWS = [m for m in models().values() if m.job == "matte" and m.run]


def card() -> np.ndarray:
    """White paper with four flat patches; the darkest and the lightest reach 0 and 1."""
    rgb = np.ones((120, 90, 3), np.float32)
    for k, colour in enumerate(([0, 0, 0], [0.9, 0.1, 0.2], [0.2, 0.5, 0.9], [0.9, 0.9, 0.85])):
        rgb[10 + 25 * k : 30 + 25 * k, 20:70] = colour
    return rgb


@pytest.mark.parametrize("model", ROWS, ids=lambda m: m.name)
def test_every_row_sees_the_colours_that_are_there(model, tmp_path):
    net = load_matte(write_matte(tmp_path / "x.onnx", model), model.name)
    found = net(card())
    wanted = darkness(card())
    if model.run["output"] == "range":
        wanted = (wanted - wanted.min()) / (wanted.max() - wanted.min())
    inner = np.zeros(found.shape, bool)
    for k in range(4):
        inner[14 + 25 * k : 26 + 25 * k, 25:65] = True
    inner[:5] = True
    assert found.shape == (120, 90) and found.dtype == np.float32
    assert np.abs(found - wanted)[inner].max() < 0.02


@pytest.mark.parametrize("name", ["birefnet-hr", "isnet-anime", "u2netp"])
def test_a_net_is_told_by_its_ports(tmp_path, name):
    assert load_matte(write_matte(tmp_path / "any.onnx", named(name))).model.name == name


def test_of_rows_that_differ_in_nothing_any_will_do(tmp_path):
    assert (
        load_matte(write_matte(tmp_path / "x.onnx", named("birefnet-general"))).model.run["side_px"] == 1024
    )
    assert load_matte(write_matte(tmp_path / "my-toonout.onnx", named("toonout"))).model.name == "toonout"


def test_a_free_size_is_no_fixed_one(tmp_path):
    net = load_matte(write_matte(tmp_path / "x.onnx", named("birefnet-dynamic")))
    assert (net.model.name, net.size_px) == ("birefnet-dynamic", (1024, 1024))


def test_an_export_under_other_names_is_taken_when_it_is_named(tmp_path):
    path = write_matte(tmp_path / "x.onnx", named("toonout"), ports=("pixels", "logits"))
    with pytest.raises(ValueError, match=r"no matte net that genkei knows.*--matte-model \(birefnet-general"):
        load_matte(path)
    assert load_matte(path, "toonout").model.name == "toonout"


def test_half_precision_nets_are_fed_half_precision(tmp_path):
    path = write_matte(tmp_path / "x.onnx", named("u2netp"), kind=onnx.TensorProto.FLOAT16)
    net = load_matte(path)
    assert net.kind == "F16" and net(card()).dtype == np.float32


def test_other_files_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"looks like BiRefNet as a torch file"):
        load_matte(write_model(tmp_path, named("birefnet-torch")))
    with pytest.raises(ValueError, match=r"sdxl is no matte that genkei runs; those are birefnet-general"):
        load_matte(write_matte(tmp_path / "x.onnx", named("u2netp")), "sdxl")
    weights = write_safetensors(tmp_path / "w.safetensors", {"a": (1,)})
    with pytest.raises(
        ValueError, match=r"no U2-Net small in ONNX form: .* found safetensors with inputs \[\]"
    ):
        load_matte(weights, "u2netp")
    path = write_matte(tmp_path / "y.onnx", named("u2netp"))
    raw = path.read_bytes().replace(b"Sigmoid", b"Sigmolt")
    path.write_bytes(raw)
    with pytest.raises(ValueError, match=r"onnxruntime cannot open .*get the file again"):
        load_matte(path)


def test_an_answer_of_another_size_is_refused(tmp_path):
    path = write_matte(tmp_path / "x.onnx", named("birefnet-dynamic"))
    model = onnx.load(path)
    model.graph.node[0].attribute.append(onnx.helper.make_attribute("strides", [2, 2]))
    onnx.save(model, path)
    with pytest.raises(ValueError, match=r"answered with 512 x 512 px, wanted 1024 x 1024 px"):
        load_matte(path, "birefnet-dynamic")(card())


def test_a_net_that_fails_at_work_is_refused(tmp_path):
    path = write_matte(tmp_path / "x.onnx", named("birefnet-dynamic"))
    model = onnx.load(path)
    model.graph.node[0].attribute.append(onnx.helper.make_attribute("group", 2))
    onnx.save(model, path)
    with pytest.raises(ValueError, match=r"cannot be run|cannot open"):
        load_matte(path, "birefnet-dynamic")(card())


def test_a_letterbox_keeps_the_shape_and_a_stretch_fills():
    seen, box = framed(card(), (64, 64), "letterbox")
    assert box == (8, 0, 56, 64) and not seen[:, :8].any() and not seen[:, 56:].any()
    assert framed(card(), (64, 64), "stretch")[1] == (0, 0, 64, 64)


def test_numbers_in_and_out_follow_the_row():
    seen = np.full((2, 2, 3), 0.5, np.float32)
    run = {"divide": "largest", "mean": [0.0, 0.5, 1.0], "std": [1.0, 0.5, 1.0]}
    assert normalised(seen, run)[0, 0].tolist() == [1.0, 1.0, 0.0]
    assert normalised(seen, {**run, "divide": "255"})[0, 0].tolist() == [0.5, 0.0, -0.5]
    plane = np.array([[-2.0, 0.0, 2.0]], np.float32)
    assert meaning(plane, "range").tolist() == [[0.0, 0.5, 1.0]]
    assert meaning(plane, "plain").tolist() == [[0.0, 0.0, 1.0]]
    assert meaning(plane, "sigmoid")[0, 1] == 0.5
