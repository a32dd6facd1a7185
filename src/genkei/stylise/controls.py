"""What holds the picture to the drawing: its edges, its colours, and how softly each is enforced."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

if TYPE_CHECKING:
    import torch

FADE = 0.825
"""Each block further from a ControlNet's middle counts this much less ("my prompt is more important")."""
OUTPUTS = 13
"""Blocks of the SD 1.5 ControlNet the rule was made for; SDXL's ten take its first ten factors."""
LOW, HIGH = 100 / 255, 200 / 255
"""Canny's thresholds on the gradient of a grey picture in [0, 1]."""
BLUR = 8
"""Radius in latents of the low frequencies that are kept of the drawing: 64 px."""


def soft_weights(outputs: int) -> tuple[float, ...]:
    """.825^(12 - i) for the i-th output, the mid block last: .099 ... .561 for SDXL's ten.

    ValueError for more outputs than the rule knows.
    """
    if not 1 <= outputs <= OUTPUTS:
        raise ValueError(
            f"a ControlNet with {outputs} outputs; the rule of soft weights knows 1 to {OUTPUTS}"
        )
    return tuple(FADE ** (OUTPUTS - 1 - i) for i in range(outputs))


def soften(control: "torch.nn.Module") -> Any:
    """Scale a ControlNet's outputs by `soft_weights` from now on; returns the handle that undoes it."""

    def scaled(module: Any, args: Any, output: Any) -> Any:
        down, mid = output[0], output[1]
        weights = soft_weights(len(down) + 1)
        softer = [block * weight for block, weight in zip(down, weights[:-1], strict=True)]
        return (softer, mid * weights[-1])

    return control.register_forward_hook(scaled)


def detector_px(height: int, width: int, target_height: int, target_width: int) -> int:
    """Shorter side of the picture edges are sought in: that of the target after an inner fit."""
    return round(max(target_height / height, target_width / width) * min(height, width))


def canny(rgb: Float32[np.ndarray, "h w 3"], height: int, width: int) -> Float32[np.ndarray, "ht wt 3"]:
    """White edges on black in the target's size, sought at the target's own resolution ("pixel perfect")."""
    from skimage.color import rgb2gray
    from skimage.feature import canny as edges_of
    from skimage.transform import resize

    side = detector_px(rgb.shape[0], rgb.shape[1], height, width)
    scale = side / min(rgb.shape[:2])
    small = resize(rgb, (round(rgb.shape[0] * scale), round(rgb.shape[1] * scale)), anti_aliasing=scale < 1)
    edges = edges_of(rgb2gray(small), sigma=1.0, low_threshold=LOW, high_threshold=HIGH)
    fitted = fit(np.repeat(edges[..., None], 3, -1).astype(np.float32), height, width, 0.0)
    return (fitted > 0.3).astype(np.float32)


def fit(
    picture: Float32[np.ndarray, "h w c"], height: int, width: int, ground: float = 1.0
) -> Float32[np.ndarray, "ht wt c"]:
    """The whole picture inside the target, centred, the rest of one grey."""
    from skimage.transform import resize

    scale, top, left = placed(picture.shape[0], picture.shape[1], height, width)
    tall, wide = max(round(picture.shape[0] * scale), 1), max(round(picture.shape[1] * scale), 1)
    small = resize(picture, (tall, wide), anti_aliasing=scale < 1)
    out = np.full((height, width, picture.shape[2]), ground, np.float32)
    out[top : top + tall, left : left + wide] = small
    return out


def placed(height: int, width: int, target_height: int, target_width: int) -> tuple[float, int, int]:
    """Scale, top and left of a picture fitted whole into the middle of a target."""
    scale = min(target_height / height, target_width / width)
    tall, wide = max(round(height * scale), 1), max(round(width * scale), 1)
    return scale, (target_height - tall) // 2, (target_width - wide) // 2


def box_blur(latents: "torch.Tensor", radius: int) -> "torch.Tensor":
    """Mean over (2 r + 1)^2 latents, the rim repeated outwards; [b, c, h, w]."""
    import torch.nn.functional as F

    padded = F.pad(latents, (radius,) * 4, mode="replicate")
    return F.avg_pool2d(padded, 2 * radius + 1, stride=1)


def fixed_colours(
    x0: "torch.Tensor", reference: "torch.Tensor", radius: int = BLUR, share: float = 1.0
) -> "torch.Tensor":
    """A clean latent with the drawing's low frequencies: x0 + share * (blur(reference) - blur(x0))."""
    radius = min(radius, math.ceil(min(x0.shape[-2:]) / 2))
    low = box_blur(reference.to(x0), radius) - box_blur(x0, radius)
    return x0 + share * low
