"""Tokens of a picture to three feature planes, as LRM does it; TripoSR and CharacterGen differ by sizes.

Hong et al. 2024 (LRM): learned tokens of three planes attend to each other and to the picture, block by
block; a transposed convolution doubles the planes' side; a point's features are its places on all planes.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from genkei.nets.layers import (
    Layout,
    Weights,
    attention,
    layer_norm,
    linear,
    linear_layout,
    norm_layout,
    placed,
    under,
)

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Triplane:
    """Sizes of one published net."""

    plane: int
    """Tokens along a side of a plane."""
    channels: int
    """Of a token."""
    blocks: int
    heads: int
    head_width: int
    context: int
    """Channels of the picture's tokens."""
    features: int
    """Channels of a finished plane."""

    @property
    def layout(self) -> Layout:
        """Every tensor of tokenizer, backbone and post-processor."""
        wide = self.heads * self.head_width
        layout: Layout = {"tokenizer.embeddings": (3, self.channels, self.plane, self.plane)}
        layout |= norm_layout("backbone.norm", self.channels)
        layout |= linear_layout("backbone.proj_in", self.channels, wide)
        layout |= linear_layout("backbone.proj_out", wide, self.channels)
        for index in range(self.blocks):
            block = norm_layout("norm1", wide) | norm_layout("norm2", wide) | norm_layout("norm3", wide)
            for name, context in (("attn1", wide), ("attn2", self.context)):
                block |= linear_layout(f"{name}.to_q", wide, wide, bias=False)
                block |= linear_layout(f"{name}.to_k", context, wide, bias=False)
                block |= linear_layout(f"{name}.to_v", context, wide, bias=False)
                block |= linear_layout(f"{name}.to_out.0", wide, wide)
            block |= linear_layout("ff.net.0.proj", wide, 8 * wide) | linear_layout(
                "ff.net.2", 4 * wide, wide
            )
            layout |= placed(f"backbone.transformer_blocks.{index}.", block)
        layout["post_processor.upsample.weight"] = (self.channels, self.features, 2, 2)
        layout["post_processor.upsample.bias"] = (self.features,)
        return layout


def planes(weights: Weights, sizes: Triplane, context: "Tensor") -> "Tensor":
    """[b, n, context] of all pictures -> [b, 3, features, 2 plane, 2 plane]: the xy, xz and yz planes."""
    from torch.nn.functional import conv_transpose2d, group_norm

    table = weights["tokenizer.embeddings"]
    start = table.permute(1, 0, 2, 3).reshape(1, sizes.channels, -1).expand(len(context), -1, -1)
    backbone = under(weights, "backbone.")
    calm = group_norm(start, GROUPS, backbone["norm.weight"], backbone["norm.bias"], 1e-6)
    x = linear(backbone, "proj_in", calm.transpose(1, 2))
    for index in range(sizes.blocks):
        x = _block(under(backbone, f"transformer_blocks.{index}."), x, context, sizes.heads)
    x = start + linear(backbone, "proj_out", x).transpose(1, 2)
    flat = x.unflatten(2, (3, sizes.plane, sizes.plane)).transpose(1, 2).flatten(0, 1)
    head = under(weights, "post_processor.upsample.")
    return conv_transpose2d(flat, head["weight"], head["bias"], stride=2).unflatten(0, (-1, 3))


GROUPS = 32
"""Of the group norm before the first block."""


def _block(weights: Weights, x: "Tensor", context: "Tensor", heads: int) -> "Tensor":
    """Attention to itself, to the picture, and a gated feed-forward (GEGLU, Shazeer 2020), with shortcuts."""
    from torch.nn.functional import gelu

    calm = layer_norm(weights, "norm1", x, 1e-5)
    x = x + _attended(under(weights, "attn1."), calm, calm, heads)
    x = x + _attended(under(weights, "attn2."), layer_norm(weights, "norm2", x, 1e-5), context, heads)
    value, gate = linear(weights, "ff.net.0.proj", layer_norm(weights, "norm3", x, 1e-5)).chunk(2, -1)
    return x + linear(weights, "ff.net.2", value * gelu(gate))


def _attended(weights: Weights, x: "Tensor", context: "Tensor", heads: int) -> "Tensor":
    key, value = linear(weights, "to_k", context), linear(weights, "to_v", context)
    return linear(weights, "to_out.0", attention(linear(weights, "to_q", x), key, value, heads))


def sampled(scene: "Tensor", points: "Tensor") -> "Tensor":
    """Features [n, 3 features] of points [n, 3] in -1..1: bilinear on the planes xy, xz, yz, 0 outside."""
    import torch
    from torch.nn.functional import grid_sample

    places = torch.stack([points[:, [0, 1]], points[:, [0, 2]], points[:, [1, 2]]])[:, None]
    found = grid_sample(scene, places, mode="bilinear", padding_mode="zeros", align_corners=False)
    return found[:, :, 0].flatten(0, 1).T


def perceptron_layout(name: str, widths: tuple[int, ...]) -> Layout:
    """Of linear layers with an activation between them, which takes every second number."""
    layout: Layout = {}
    for index, (inputs, outputs) in enumerate(pairwise(widths)):
        layout |= linear_layout(f"{name}.{2 * index}", inputs, outputs)
    return layout


def perceptron(weights: Weights, name: str, x: "Tensor", layers: int) -> "Tensor":
    """Linear layers with SiLU between them, none after the last."""
    from torch.nn.functional import silu

    for index in range(layers):
        x = linear(weights, f"{name}.{2 * index}", silu(x) if index else x)
    return x
