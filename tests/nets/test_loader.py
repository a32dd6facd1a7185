"""Weights are the ones on record or are refused; a net takes what it was made for or says why not."""

import hashlib
import re

import numpy as np
import pytest

from genkei.nets.loader import REGISTRY, load, records

onnx = pytest.importorskip(
    "onnx", reason="making a net to test with needs the extra: pip install 'genkei[train]'"
)


def tiny(path) -> bytes:
    """A net that adds its two inputs, of two channels each."""
    kind, shape = onnx.TensorProto.FLOAT, ["b", 2, "s", "s"]
    values = [onnx.helper.make_tensor_value_info(name, kind, shape) for name in ("left", "right", "total")]
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Add", ["left", "right"], ["total"])], "sum", values[:2], values[2:]
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    content = onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return content


@pytest.fixture
def registry(tmp_path):
    content = tiny(tmp_path / "weights" / "sum.onnx")
    (tmp_path / "weights.toml").write_text(f"""
[sum]
file = "weights/sum.onnx"
sha256 = "{hashlib.sha256(content).hexdigest()}"
bytes = {len(content)}
multiple = 4
outputs = ["total"]
[sum.inputs]
left = 2
right = 2
""")
    return tmp_path / "weights.toml"


def ones(batch: int = 1, channels: int = 2, side: int = 8) -> np.ndarray:
    return np.ones((batch, channels, side, side), np.float32)


def test_a_net_answers_by_name(registry):
    net = load("sum", registry, threads=1)
    said = net(left=ones(3), right=2 * ones(3))
    assert list(said) == ["total"]
    np.testing.assert_array_equal(said["total"], 3 * ones(3))
    strided = np.ones((1, 8, 8, 2), np.float32).transpose(0, 3, 1, 2)
    np.testing.assert_array_equal(net(left=strided, right=strided)["total"], 2 * ones())


def test_a_corrupt_file_is_refused(registry):
    file = registry.parent / "weights" / "sum.onnx"
    content = bytearray(file.read_bytes())
    content[10] ^= 1
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"sum\.onnx is corrupt or was swapped"):
        load("sum", registry)


def test_a_cut_off_file_is_refused_with_its_size(registry):
    file = registry.parent / "weights" / "sum.onnx"
    whole = file.read_bytes()
    file.write_bytes(whole[:-9])
    with pytest.raises(
        ValueError, match=f"it has {len(whole) - 9} bytes, .* on record are {len(whole)} bytes"
    ):
        load("sum", registry)


def test_a_missing_file_is_named(registry):
    file = registry.parent / "weights" / "sum.onnx"
    file.unlink()
    with pytest.raises(ValueError, match=re.escape(f"the weights of the sum net are missing at {file}")):
        load("sum", registry)


def test_an_unknown_name_is_refused(registry):
    with pytest.raises(ValueError, match=r"there is no net called 'voxel' in .*; there are sum"):
        load("voxel", registry)


def test_a_missing_or_broken_list_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"the list of nets .* is missing"):
        load("sum", tmp_path / "weights.toml")
    (tmp_path / "weights.toml").write_text("[sum")
    with pytest.raises(ValueError, match="is no list of nets"):
        load("sum", tmp_path / "weights.toml")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "the sum net takes left, right, given were none"),
        ({"left": ones()}, "takes left, right, given were left"),
        ({"left": ones(), "right": ones(), "behind": ones()}, "given were left, right, behind"),
        (
            {"left": ones()[0], "right": ones()},
            r"left must be float32 \[batch, 2, side, side\], is float32 \[2, 8",
        ),
        (
            {"left": ones(), "right": ones().astype(np.uint8)},
            r"right must be float32 .* is uint8 \[1, 2, 8, 8\]",
        ),
        ({"left": ones(channels=3), "right": ones()}, r"left must be .* is \[1, 3, 8, 8\]"),
        ({"left": ones()[..., :4], "right": ones()}, r"left must be .* is \[1, 2, 8, 4\]"),
        ({"left": ones(side=6), "right": ones()}, "a side that 4 divides"),
        ({"left": ones(0), "right": ones()}, r"is \[0, 2, 8, 8\]"),
        ({"left": ones(1), "right": ones(2)}, "share batch and side"),
        ({"left": ones(side=4), "right": ones()}, "share batch and side"),
    ],
)
def test_wrong_inputs_are_refused(registry, arrays, message):
    with pytest.raises(ValueError, match=message):
        load("sum", registry)(**arrays)


@pytest.mark.parametrize("name", sorted(records()))
def test_the_weights_in_the_wheel_load_and_run(name):
    net = load(name, threads=1)
    pictures = {
        n: np.zeros((1, channels, 64, 64), np.float32) for n, channels in net.record["inputs"].items()
    }
    assert all(np.isfinite(value).all() for value in net(**pictures).values())


def test_the_weights_in_the_wheel_are_small():
    assert sum(record["bytes"] for record in records().values()) <= 30e6
    files = {file.name for file in (REGISTRY.parent / "weights").glob("*")}
    assert files == {record["file"].split("/")[-1] for record in records().values()}


@pytest.mark.parametrize(("said", "threads"), [("3", 3), ("2,4", 2), ("", 0), ("many", 0)])
def test_threads_follow_the_command_line(monkeypatch, said, threads):
    from genkei.nets import loader

    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert loader._threads_set() == threads
