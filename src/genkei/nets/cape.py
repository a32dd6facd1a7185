"""Camera pose encoding (CaPE, Kong et al. 2024, EscherNet): attention that knows relative poses alone.

The equation, written from the paper. EscherNet's own code and weights are for non-commercial, internal or
academic use; none of them are here. `genkei.nets.eschernet` runs the weights where a user has them.
"""

from typing import TYPE_CHECKING

from genkei.nets.layers import attention

if TYPE_CHECKING:
    from torch import Tensor


def posed(tokens: "Tensor", poses: "Tensor") -> "Tensor":
    """Every four channels of a token, a row vector, times its view's matrix; [b, v n, d], [b, v, 4, 4]."""
    views = poses.shape[1]
    grouped = tokens.unflatten(1, (views, -1)).unflatten(-1, (-1, 4))
    return (grouped @ poses[:, :, None]).flatten(-2).flatten(1, 2)


def posed_attention(
    query: "Tensor", key: "Tensor", value: "Tensor", poses: tuple["Tensor", "Tensor"], heads: int
) -> "Tensor":
    """softmax((q P^-T)(k P')^T / sqrt(d)) v: the poses of both views meet as P' P^-1 and no other way.

    query [b, v n, d] of views at poses[0] [b, v, 4, 4], key and value [b, w n, d] at poses[1], world to
    camera. Four divides the channels of a head, so every group of four lies in one head. Moving the world
    before all cameras changes nothing.
    """
    here, there = poses
    return attention(posed(query, here.inverse().transpose(-1, -2)), posed(key, there), value, heads)


def orbit_phases(tokens: "Tensor", places: "Tensor") -> "Tensor":
    """The form for cameras that look at one point: rotary phases; [b, v n, d], [b, v, 4].

    A place is polar angle, azimuth, distance (as radians) and 0; the channels are parted in four runs, and
    in each run neighbouring pairs are turned by its number: only differences of places reach a product.
    """
    import torch

    width, views = tokens.shape[-1], places.shape[1]
    angle = places.repeat_interleave(width // 4, -1)[:, :, None]
    grouped = tokens.unflatten(1, (views, -1))
    even, odd = grouped.unflatten(-1, (-1, 2)).unbind(-1)
    crossed = torch.stack([-odd, even], -1).flatten(-2)
    return (grouped * angle.cos() + crossed * angle.sin()).flatten(1, 2)


def orbit_attention(
    query: "Tensor", key: "Tensor", value: "Tensor", places: tuple["Tensor", "Tensor"], heads: int
) -> "Tensor":
    """`posed_attention` for cameras that look at one point: places [b, v, 4] of queries and of keys."""
    here, there = places
    return attention(orbit_phases(query, here), orbit_phases(key, there), value, heads)
