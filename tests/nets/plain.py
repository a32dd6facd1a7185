"""The published equations once more, in numpy and float64: what the fast versions must equal."""

import numpy as np
from scipy.special import erf

Arrays = dict[str, np.ndarray]


def under(w: Arrays, prefix: str) -> Arrays:
    return {name.removeprefix(prefix): array for name, array in w.items() if name.startswith(prefix)}


def linear(w: Arrays, name: str, x: np.ndarray) -> np.ndarray:
    return np.einsum("...i,oi->...o", x, w[name + ".weight"]) + w.get(name + ".bias", 0.0)


def norm(w: Arrays, name: str, x: np.ndarray, eps: float) -> np.ndarray:
    centred = x - x.mean(-1, keepdims=True)
    return (
        centred / np.sqrt((centred**2).mean(-1, keepdims=True) + eps) * w[name + ".weight"]
        + w[name + ".bias"]
    )


def gelu(x: np.ndarray) -> np.ndarray:
    return x * (1 + erf(x / np.sqrt(2))) / 2


def silu(x: np.ndarray) -> np.ndarray:
    return x / (1 + np.exp(-x))


def attend(q: np.ndarray, k: np.ndarray, v: np.ndarray, heads: int) -> np.ndarray:
    """[n, h d], [m, h d], [m, h d] -> [n, h d]."""
    q, k, v = (x.reshape(len(x), heads, -1) for x in (q, k, v))
    score = np.einsum("nhd,mhd->hnm", q, k) / np.sqrt(q.shape[-1])
    weight = np.exp(score - score.max(-1, keepdims=True))
    weight /= weight.sum(-1, keepdims=True)
    return np.einsum("hnm,mhd->nhd", weight, v).reshape(len(q), -1)


def patches(w: Arrays, picture: np.ndarray, px: int) -> np.ndarray:
    """[3, h, w] -> [patches, width]: a convolution with stride px is a product per patch."""
    c, h, wide = picture.shape
    blocks = picture.reshape(c, h // px, px, wide // px, px)
    kernel = w["embeddings.patch_embeddings.projection.weight"]
    out = np.einsum("cyixj,ocij->yxo", blocks, kernel)
    return out.reshape(-1, out.shape[-1]) + w["embeddings.patch_embeddings.projection.bias"]


def vit_block(
    w: Arrays, x: np.ndarray, heads: int, eps: float, names: tuple[str, str, str, str]
) -> np.ndarray:
    norm1, norm2, widen, narrow = names
    calm = norm(w, norm1, x, eps)
    q, k, v = (linear(w, f"attention.attention.{part}", calm) for part in ("query", "key", "value"))
    mixed = linear(w, "attention.output.dense", attend(q, k, v, heads))
    x = x + mixed * w.get("layer_scale1.lambda1", 1.0)
    wide = linear(w, narrow, gelu(linear(w, widen, norm(w, norm2, x, eps))))
    return x + wide * w.get("layer_scale2.lambda1", 1.0)


def group_norm(w: Arrays, name: str, x: np.ndarray, groups: int, eps: float) -> np.ndarray:
    """[c, n]."""
    blocks = x.reshape(groups, -1)
    mean, deviation = blocks.mean(1, keepdims=True), np.sqrt(blocks.var(1, keepdims=True) + eps)
    calm = ((blocks - mean) / deviation).reshape(x.shape)
    return calm * w[name + ".weight"][:, None] + w[name + ".bias"][:, None]


def triplane(w: Arrays, context: np.ndarray, plane: int, blocks: int, heads: int) -> np.ndarray:
    """[n, context] -> [3, features, 2 plane, 2 plane]."""
    table = w["tokenizer.embeddings"]
    start = np.moveaxis(table, 1, 0).reshape(table.shape[1], -1)
    x = linear(w, "backbone.proj_in", group_norm(w, "backbone.norm", start, 32, 1e-6).T)
    for index in range(blocks):
        b = under(w, f"backbone.transformer_blocks.{index}.")
        for number, other in ((1, None), (2, context)):
            calm = norm(b, f"norm{number}", x, 1e-5)
            seen = calm if other is None else other
            name = f"attn{number}."
            q, k, v = (
                linear(b, name + "to_q", calm),
                linear(b, name + "to_k", seen),
                linear(b, name + "to_v", seen),
            )
            x = x + linear(b, name + "to_out.0", attend(q, k, v, heads))
        value, gate = np.split(linear(b, "ff.net.0.proj", norm(b, "norm3", x, 1e-5)), 2, axis=-1)
        x = x + linear(b, "ff.net.2", value * gelu(gate))
    x = start + linear(w, "backbone.proj_out", x).T
    flat = np.moveaxis(x.reshape(len(x), 3, plane, plane), 1, 0)
    up = np.einsum("pcyx,coij->poyixj", flat, w["post_processor.upsample.weight"])
    up = up.reshape(3, up.shape[1], 2 * plane, 2 * plane)
    return up + w["post_processor.upsample.bias"][:, None, None]


def bilinear(plane: np.ndarray, x: float, y: float) -> np.ndarray:
    """Features at x (column), y (row) in -1..1, pixel centres inside, 0 beyond."""
    side = plane.shape[-1]
    column, row = ((1 + t) * side / 2 - 0.5 for t in (x, y))
    total = np.zeros(len(plane))
    for r in (int(np.floor(row)), int(np.floor(row)) + 1):
        for c in (int(np.floor(column)), int(np.floor(column)) + 1):
            if 0 <= r < side and 0 <= c < side:
                total += plane[:, r, c] * (1 - abs(row - r)) * (1 - abs(column - c))
    return total


def features(scene: np.ndarray, point: np.ndarray) -> np.ndarray:
    x, y, z = point
    return np.concatenate([bilinear(scene[0], x, y), bilinear(scene[1], x, z), bilinear(scene[2], y, z)])


def perceptron(w: Arrays, name: str, x: np.ndarray, layers: int) -> np.ndarray:
    for index in range(layers):
        x = linear(w, f"{name}.{2 * index}", silu(x) if index else x)
    return x
