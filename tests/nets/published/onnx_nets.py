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
