"""What published transformers are made of, as functions of a state dict: every name is the checkpoint's own.

A network is a layout (what its file must hold) and functions that read it; device and precision come with the
tensors. So no class stands between the file and the equation, and no library's renaming can break a load.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

Weights = Mapping[str, "Tensor"]
Layout = dict[str, tuple[int, ...]]
"""Shape of every tensor by name."""


def under(weights: Weights, prefix: str) -> dict[str, "Tensor"]:
    """The tensors whose names start with `prefix`, without it."""
    return {name[len(prefix) :]: tensor for name, tensor in weights.items() if name.startswith(prefix)}


def placed(prefix: str, layout: Layout) -> Layout:
    """The layout with `prefix` before every name."""
    return {prefix + name: shape for name, shape in layout.items()}


def linear_layout(name: str, inputs: int, outputs: int, bias: bool = True) -> Layout:
    """Of a fully connected layer."""
    layout: Layout = {f"{name}.weight": (outputs, inputs)}
    return layout | {f"{name}.bias": (outputs,)} if bias else layout


def norm_layout(name: str, width: int) -> Layout:
    """Of a layer or group norm."""
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def linear(weights: Weights, name: str, x: "Tensor") -> "Tensor":
    """x W^T + b on the last axis; without b where the file has none."""
    from torch.nn.functional import linear as apply

    return apply(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"))


def layer_norm(weights: Weights, name: str, x: "Tensor", eps: float) -> "Tensor":
    """Zero mean and unit variance over the last axis, then scaled and shifted."""
    from torch.nn.functional import layer_norm as apply

    return apply(x, x.shape[-1:], weights[f"{name}.weight"], weights[f"{name}.bias"], eps)


def attention(query: "Tensor", key: "Tensor", value: "Tensor", heads: int) -> "Tensor":
    """softmax(q k^T / sqrt(d)) v per head; [b, n, heads d], [b, m, heads d] twice -> [b, n, heads d]."""
    from torch.nn.functional import scaled_dot_product_attention

    q, k, v = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (query, key, value))
    return scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
