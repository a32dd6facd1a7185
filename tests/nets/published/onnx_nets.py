"""Tiny matte nets in ONNX form with the ports of published ones: what is darker than paper is character."""

from pathlib import Path

import numpy as np
import onnx

from genkei.nets.published.table import Model

STEEP, PALEST = 40.0, 0.1
"""logit = STEEP (1 - mean of rgb - PALEST)."""


def darkness(rgb: np.ndarray) -> np.ndarray:
    """What the tiny nets answer to colours 0..1 in the last axis, as 0..1."""
    return 1 / (1 + np.exp(-STEEP * (1 - PALEST - rgb.mean(-1))))


def write_matte(
    path: Path, model: Model, *, ports: tuple[str, str] = ("", ""), kind: int = onnx.TensorProto.FLOAT
) -> Path:
    """A net like `model`: its ports and sizes (-1 stays free), reading back colours as its row normalises."""
    shapes = {name: [None if n == -1 else n for n in shape] for name, shape in model.keys}
    taken, given = (next(s for n, s in shapes.items() if n.startswith(w)) for w in ("input:", "output:"))
    picture = ports[0] or next(n for n in shapes if n.startswith("input:")).removeprefix("input:")
    plane = ports[1] or next(n for n in shapes if n.startswith("output:")).removeprefix("output:")
    plane = plane.replace("*", "output_image")
    std, mean = np.array(model.run["std"]), np.array(model.run["mean"])
    weight = (-STEEP / 3 * std).reshape(1, 3, 1, 1)
    bias = np.array([STEEP * (1 - PALEST - mean.mean())])
    as_kind = np.float32 if kind == onnx.TensorProto.FLOAT else np.float16
    nodes = [onnx.helper.make_node("Conv", [picture, "w", "b"], ["logit"])]
    last = "Identity" if model.run["output"] == "sigmoid" else "Sigmoid"
    nodes.append(onnx.helper.make_node(last, ["logit"], [plane]))
    graph = onnx.helper.make_graph(
        nodes,
        "darkness",
        [onnx.helper.make_tensor_value_info(picture, kind, taken)],
        [onnx.helper.make_tensor_value_info(plane, kind, given)],
        [onnx.numpy_helper.from_array(a.astype(as_kind), n) for n, a in (("w", weight), ("b", bias))],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    path.write_bytes(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString())
    return path


def write_oval(path: Path, model: Model) -> Path:
    """A net like `model`, of a fixed size, that takes the same upright oval for character in any picture."""
    shapes = {name.partition(":")[::2]: shape for name, shape in model.keys}
    (picture, taken), (plane, given) = (
        next((name, shape) for (kind, name), shape in shapes.items() if kind == wanted)
        for wanted in ("input", "output")
    )
    height, width = given[2:]
    y, x = np.mgrid[:height, :width]
    inside = ((y + 0.5) / height - 0.5) ** 2 / 0.42**2 + ((x + 0.5) / width - 0.5) ** 2 / 0.25**2 < 1
    zero, oval = np.zeros((1, 1, 1, 1), np.float32), inside.astype(np.float32)[None, None]
    axes = np.array([1], np.int64)
    nodes = [
        onnx.helper.make_node("ReduceSum", [picture, "axes"], ["sum"]),
        onnx.helper.make_node("Mul", ["sum", "zero"], ["nothing"]),
        onnx.helper.make_node("Add", ["nothing", "oval"], [plane]),
    ]
    kind = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        nodes,
        "oval",
        [onnx.helper.make_tensor_value_info(picture, kind, [1, *taken[1:]])],
        [onnx.helper.make_tensor_value_info(plane, kind, [1, *given[1:]])],
        [onnx.numpy_helper.from_array(a, n) for n, a in (("zero", zero), ("oval", oval), ("axes", axes))],
    )
    opset = [onnx.helper.make_opsetid("", 17)]
    path.write_bytes(onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString())
    return path
