"""Vision transformers as DINO and DINOv2 were published: a picture to a token a patch and one for the whole.

Dosovitskiy et al. 2021; Caron et al. 2021 (DINO); Oquab et al. 2023 (DINOv2: layer scale, other names). Names
of the tensors are those of the published files, which transformers 5 no longer uses for its own classes.
"""

from dataclasses import dataclass
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

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet's pixels; both nets were trained on pictures standardised so."""


@dataclass(frozen=True)
class Vit:
    """Sizes of one published net."""

    patch_px: int
    grid: int
    """Patches a side of the picture it was trained on: its position table is grid^2 + 1 long."""
    width: int
    depth: int
    heads: int
    eps: float
    """Of its layer norms."""
    second: bool
    """DINOv2: layer scale, a mask token, and a position table that is stretched by a factor."""

    @property
    def layout(self) -> Layout:
        """Every tensor of the published file."""
        wide = self.width
        layout: Layout = {"embeddings.cls_token": (1, 1, wide)}
        layout["embeddings.position_embeddings"] = (1, self.grid**2 + 1, wide)
        layout["embeddings.patch_embeddings.projection.weight"] = (wide, 3, self.patch_px, self.patch_px)
        layout["embeddings.patch_embeddings.projection.bias"] = (wide,)
        layout |= norm_layout("layernorm", wide)
        layout |= (
            {"embeddings.mask_token": (1, wide)} if self.second else linear_layout("pooler.dense", wide, wide)
        )
        names = NAMES[self.second]
        for index in range(self.depth):
            block = norm_layout(names.norm1, wide) | norm_layout(names.norm2, wide)
            for part in ("query", "key", "value"):
                block |= linear_layout(f"attention.attention.{part}", wide, wide)
            block |= linear_layout("attention.output.dense", wide, wide)
            block |= linear_layout(names.widen, wide, 4 * wide) | linear_layout(names.narrow, 4 * wide, wide)
            if self.second:
                block |= {"layer_scale1.lambda1": (wide,), "layer_scale2.lambda1": (wide,)}
            layout |= placed(f"encoder.layer.{index}.", block)
        return layout


@dataclass(frozen=True)
class Names:
    """What a block's parts are called."""

    norm1: str
    norm2: str
    widen: str
    narrow: str


NAMES = {
    False: Names("layernorm_before", "layernorm_after", "intermediate.dense", "output.dense"),
    True: Names("norm1", "norm2", "mlp.fc1", "mlp.fc2"),
}
DINO_B16 = Vit(patch_px=16, grid=14, width=768, depth=12, heads=12, eps=1e-12, second=False)
DINOV2_B14 = Vit(patch_px=14, grid=37, width=768, depth=12, heads=12, eps=1e-6, second=True)


def tokens(weights: Weights, vit: Vit, pictures: "Tensor", modulation: "Tensor | None" = None) -> "Tensor":
    """[b, 3, h, w] in 0..1 -> [b, 1 + patches, width]: the whole picture's token first, then row by row.

    `modulation` [b, depth, 2, 2 width]: scale and shift after both norms of every block, x (1 + scale) +
    shift, as LRM and CharacterGen feed the camera in; None for the plain net.
    """
    import torch
    from torch.nn.functional import gelu

    x = _embedded(weights, vit, _standardised(pictures))
    names = NAMES[vit.second]
    for index in range(vit.depth):
        block = under(weights, f"encoder.layer.{index}.")
        scale1, scale2 = (block.get(f"layer_scale{k}.lambda1", torch.ones(())) for k in (1, 2))
        before = _modulated(layer_norm(block, names.norm1, x, vit.eps), modulation, index, 0)
        mixed = attention(
            *(linear(block, f"attention.attention.{part}", before) for part in ("query", "key", "value")),
            vit.heads,
        )
        x = x + linear(block, "attention.output.dense", mixed) * scale1
        after = _modulated(layer_norm(block, names.norm2, x, vit.eps), modulation, index, 1)
        x = x + linear(block, names.narrow, gelu(linear(block, names.widen, after))) * scale2
    return layer_norm(weights, "layernorm", x, vit.eps)


def _standardised(pictures: "Tensor") -> "Tensor":
    mean, deviation = (pictures.new_tensor(c)[:, None, None] for c in (MEAN, DEVIATION))
    return (pictures - mean) / deviation


def _modulated(x: "Tensor", modulation: "Tensor | None", block: int, place: int) -> "Tensor":
    if modulation is None:
        return x
    scale, shift = modulation[:, block, place, None].chunk(2, -1)
    return x * (1 + scale) + shift


def _embedded(weights: Weights, vit: Vit, pictures: "Tensor") -> "Tensor":
    """Patches and the whole's token, each with its place added."""
    import torch
    from torch.nn.functional import conv2d

    prefix = "embeddings.patch_embeddings.projection"
    patches = conv2d(pictures, weights[f"{prefix}.weight"], weights[f"{prefix}.bias"], stride=vit.patch_px)
    rows, columns = patches.shape[2:]
    whole = weights["embeddings.cls_token"].expand(len(pictures), -1, -1)
    x = torch.cat([whole, patches.flatten(2).transpose(1, 2)], 1)
    return x + _places(weights["embeddings.position_embeddings"], vit, rows, columns)


def _places(table: "Tensor", vit: Vit, rows: int, columns: int) -> "Tensor":
    """The position table stretched to the picture's patches (bicubic), the whole's entry first."""
    import torch
    from torch.nn.functional import interpolate

    if (rows, columns) == (vit.grid, vit.grid):
        return table
    square = table[:, 1:].unflatten(1, (vit.grid, vit.grid)).permute(0, 3, 1, 2)
    # the nets behind both files were trained with a stretch of (n + 0.1) / grid, not n / grid: the tenth of a
    # patch is part of the published weights (transformers 4.35)
    factors = [(count + 0.1) / vit.grid for count in (rows, columns)]
    stretched = interpolate(square, scale_factor=factors, mode="bicubic", align_corners=False)
    return torch.cat([table[:, :1], stretched.flatten(2).transpose(1, 2)], 1)
