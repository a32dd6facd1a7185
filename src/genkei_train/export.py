"""The averaged weights of a checkpoint as an ONNX file, and its record in weights.toml.

    python -m genkei_train.export --checkpoint FOLDER/checkpoint.pt --out src/genkei/nets/weights/solid.onnx

The weights are stored in half precision and computed with in single, where that moves the answers little.
"""

import hashlib
import io
import json
import subprocess
import tomllib
import warnings
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnx  # pyright: ignore[reportMissingImports]
import torch  # pyright: ignore[reportMissingImports]
from google.protobuf.message import DecodeError  # pyright: ignore[reportMissingImports]
from onnx import helper, numpy_helper  # pyright: ignore[reportMissingImports]
from torch import Tensor, nn  # pyright: ignore[reportMissingImports]

from genkei_train.train import Options as Settings
from genkei_train.train import load_averaged, read_checkpoint
from genkei_train.unet import MULTIPLE, OUTPUTS, UNet

TOLERANCE = 1e-3
"""Of probabilities, unit vectors and crop units."""
OPSET = 17
CONVENTION = (
    "float32 [batch, channels, side, side], side a multiple of 32, 0..1, sRGB; "
    "RGBA: colours multiplied by alpha; a view that is not given: zeros"
)
"""Stands in the file."""
FOLDERS = ("data", "out", "held", "start", "photographs", "resume")
"""Options of a training that say where, not how."""
SMALL = 1024
"""Arrays with fewer numbers stay float32: halving them saves nothing."""
BY_ITSELF, AMONG, OVER = ("occupancy", "lines", "alpha"), ("parts", "parts_back"), ("joints",)
"""Logits that become probabilities: each by itself, among the channels, over the pixels."""


@dataclass(frozen=True)
class Options:
    checkpoint: Path
    out: Path
    """The file; its name without .onnx is the net's name. The record goes into weights.toml one folder up."""
    store: Literal["auto", "fp16", "fp32"] = "auto"
    """Precision of the stored weights; `auto`: fp16 if it moves no answer by more than 1e-3 on average."""
    licence: str = "Apache-2.0"


class _Ordered(nn.Module):
    """Outputs as a tuple, as the exporter wants them."""

    def __init__(self, net: UNet):
        super().__init__()
        self.net = net

    def forward(self, *pictures: Tensor) -> tuple[Tensor, ...]:
        return tuple(self.net(*pictures).values())


def to_onnx(net: UNet) -> onnx.ModelProto:
    """The net as float32 ONNX; batch and side are free."""
    names, outputs = list(net.net.inputs), list(OUTPUTS[net.architecture.net])
    example = tuple(torch.rand(2, c, 2 * MULTIPLE, 2 * MULTIPLE) for c in net.net.inputs.values())
    axes = {n: {0: "batch", 2: "side", 3: "side"} for n in names} | {n: {0: "batch"} for n in outputs}
    file: Any = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # the exporter fears that our shapes are fixed; the parity test proves not
        torch.onnx.export(
            _Ordered(net).eval(), example, file, input_names=names, output_names=outputs, dynamic_axes=axes,
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    model = onnx.load_from_string(file.getvalue())
    helper.set_model_props(
        model, {"architecture": json.dumps(net.architecture.record()), "inputs": CONVENTION}
    )
    return model


def halved(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same net, its large weights stored as float16 and cast back to float32 when it is loaded."""
    smaller = onnx.ModelProto()
    smaller.CopyFrom(model)
    casts = []
    for weight in smaller.graph.initializer:
        array = numpy_helper.to_array(weight)
        if array.dtype != np.float32 or array.size < SMALL:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(array.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=onnx.TensorProto.FLOAT))
    nodes = [*casts, *smaller.graph.node]
    del smaller.graph.node[:]
    smaller.graph.node.extend(nodes)
    return smaller


def weights_of(path: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """An exported file's architecture and weights by their names in the net, float32: to train on from.

    The exporter keeps most names; norms it splits into a Mul and an Add, whose nodes' paths tell whose they
    are. ValueError if the file is none of ours.
    """
    try:
        model = onnx.load(str(path))
        properties = {one.key: one.value for one in model.metadata_props}
        architecture = json.loads(properties["architecture"])
    except (OSError, KeyError, ValueError, DecodeError) as error:
        raise ValueError(f"{path} is no net that genkei exported ({error}); give one of its .onnx") from error
    owner = {
        name: _module(node.name) + {"Mul": ".weight", "Add": ".bias"}[node.op_type]
        for node in model.graph.node
        if node.op_type in ("Mul", "Add")
        for name in node.input
        if name.startswith("onnx::")
    }
    found = {}
    for weight in model.graph.initializer:
        array = numpy_helper.to_array(weight).astype(np.float32)
        name = owner.get(weight.name, weight.name.removeprefix("net.").removesuffix(".half"))
        found[name] = torch.from_numpy(array.reshape(-1) if weight.name in owner else array.copy())
    return architecture, found


def _module(path: str) -> str:
    """ "/net/encoder.1/encoder.1.0/norm1/Mul" -> "encoder.1.0.norm1"."""
    parts = path.split("/")[2:-1]
    while len(parts) > 1 and parts[1].startswith(parts[0] + "."):
        parts = parts[1:]
    return ".".join(parts)


def probabilities(maps: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Outputs with logits turned into probabilities; the others are what they are."""
    return {name: _probability(name, torch.from_numpy(value)).numpy() for name, value in maps.items()}


def _probability(name: str, value: Tensor) -> Tensor:
    if name in BY_ITSELF:
        return value.sigmoid()
    if name in AMONG:
        return value.softmax(1)
    return value.flatten(2).softmax(-1) if name in OVER else value


def rounded(net: UNet) -> UNet:
    """The same net, its large weights rounded as `halved` stores them."""
    copy = net.architecture.build().eval()
    weights = net.state_dict().items()
    copy.load_state_dict({n: v.half().float() if v.numel() >= SMALL else v for n, v in weights})
    return copy


def answers(net: UNet, pictures: list[np.ndarray]) -> dict[str, np.ndarray]:
    """What torch says, logits as probabilities."""
    with torch.no_grad():
        maps = net(*(torch.from_numpy(p) for p in pictures))
    return probabilities({name: value.numpy() for name, value in maps.items()})


def ran(net: UNet, content: bytes, pictures: list[np.ndarray]) -> dict[str, np.ndarray]:
    """What onnxruntime says, logits as probabilities."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = list(OUTPUTS[net.architecture.net])
    found = session.run(names, dict(zip(net.net.inputs, pictures, strict=True)))
    return probabilities({name: np.asarray(value) for name, value in zip(names, found, strict=True)})


def largest(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> dict[str, float]:
    return {name: float(np.abs(a[name] - b[name]).max()) for name in a}


def shown(net: UNet, side: int, batch: int) -> list[np.ndarray]:
    """Pictures to compare answers on: smooth colours, cut out by a disc as a drawing is by its silhouette."""
    rng = np.random.default_rng(side)
    y, x = np.mgrid[:side, :side] / side - 0.5
    found = []
    for channels in net.net.inputs.values():
        waves = rng.uniform(-9, 9, (batch, channels, 3))
        right, down, start = np.moveaxis(waves, -1, 0)[..., None, None]
        picture = 0.5 + 0.5 * np.sin(right * x + down * y + start)
        if channels == 4:
            picture[:, 3] = x**2 + y**2 < 0.2
            picture[:, :3] *= picture[:, 3:]
        found.append(picture.astype(np.float32))
    return found


@dataclass(frozen=True)
class Exported:
    content: bytes
    precision: str
    """The weights are stored in."""
    parity: dict[str, float]
    """Largest difference of each output between onnxruntime and torch, both with the weights as stored."""
    rounding: dict[str, float]
    """Mean difference of each output that storing in half precision made."""


def export(net: UNet, store: str) -> Exported:
    """The net as a file; ValueError if onnxruntime's answers differ from torch's by more than TOLERANCE."""
    pictures = [shown(net, side, batch) for side, batch in ((192, 1), (64, 2))]
    exact, kept = answers(net, pictures[0]), answers(rounded(net), pictures[0])
    moved = {name: float(np.abs(exact[name] - kept[name]).mean()) for name in exact}
    precision = store if store != "auto" else "fp16" if max(moved.values()) <= TOLERANCE else "fp32"
    plain = to_onnx(net)
    content = (halved(plain) if precision == "fp16" else plain).SerializeToString()
    stored = rounded(net) if precision == "fp16" else net
    each = [largest(ran(net, content, p), answers(stored, p)) for p in pictures]
    worst = {name: max(e[name] for e in each) for name in exact}
    name = max(worst, key=worst.__getitem__)
    if not worst[name] <= TOLERANCE:
        raise ValueError(
            f"{name} of the file differs from torch by {worst[name]:.2g}, allowed is {TOLERANCE}"
        )
    return Exported(content, precision, worst, moved if precision == "fp16" else dict.fromkeys(moved, 0.0))


def describe(record: dict, made: Exported, options: Options) -> dict:
    """The entry of weights.toml for a checkpoint's record and the file made of it."""
    net = load_averaged(record)
    trained = json.loads(record["options"])
    held = record["history"][-1] if record["history"] else {}
    return {
        "file": f"{options.out.parent.name}/{options.out.name}",
        "sha256": hashlib.sha256(made.content).hexdigest(),
        "bytes": len(made.content),
        "stored": made.precision,
        "licence": options.licence,
        "commit": _commit(),
        "recipe": recipe(trained),
        "steps": record["step"],
        "multiple": MULTIPLE,
        "outputs": list(OUTPUTS[net.architecture.net]),
        "inputs": dict(net.net.inputs),
        "held_out": {name: float(f"{value:.4g}") for name, value in held.items()},
    }  # fmt: skip


def recipe(trained: dict) -> str:
    """The command of a training without its folders: the net, the minutes and whatever isn't default."""
    usual = asdict(Settings(Path(), Path()))
    told = {}
    for name, value in trained.items():
        if isinstance(usual.get(name), dict):
            told |= {f"{name}.{key}": one for key, one in value.items() if one != usual[name].get(key)}
        elif name in ("net", "minutes") or (name not in FOLDERS and value != usual.get(name)):
            told[name.replace("_", "-")] = value
    return "python -m genkei_train.train " + " ".join(f"--{name} {value}" for name, value in told.items())


def _commit() -> str:
    """The commit of the recipe; "unknown" outside a checkout."""
    done = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "unknown"


def write_registry(path: Path, name: str, entry: dict) -> None:
    """Renews one net's entry of a weights.toml and leaves the others."""
    entries = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    entries[name] = entry
    lines = ["# The nets in the wheel; written by genkei_train.export, read by genkei.nets.loader."]
    for net in sorted(entries):
        lines += ["", f"[{net}]"]
        tables = {k: v for k, v in entries[net].items() if isinstance(v, dict)}
        lines += [f"{k} = {json.dumps(v)}" for k, v in entries[net].items() if k not in tables]
        for table, values in tables.items():
            lines += ["", f"[{net}.{table}]", *(f"{k} = {json.dumps(v)}" for k, v in values.items())]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def main(options: Options) -> None:
    record = read_checkpoint(options.checkpoint)
    made = export(load_averaged(record), options.store)
    entry = describe(record, made, options)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_bytes(made.content)
    write_registry(options.out.parent.parent / "weights.toml", options.out.stem, entry)
    size = len(made.content) / 1e6
    print(f"{options.out}: {size:.2f} MB, weights in {made.precision}, {record['step']} steps")
    print("onnxruntime off torch, at most: " + _row(made.parity))
    print("rounding of the weights, on average: " + _row(made.rounding))


def _row(values: dict[str, float]) -> str:
    return "  ".join(f"{name} {value:.2g}" for name, value in values.items())


if __name__ == "__main__":
    import tyro

    main(tyro.cli(Options, description=__doc__))
