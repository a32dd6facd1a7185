"""NeuS (Wang et al. 2021, arXiv 2106.10689): what a signed distance field on a grid shows along rays.

Letters: f signed distance in heights, s sharpness (1 / heights), t place along a ray, w weights of a ray's
sections. Functions of tensors; the device comes with them.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Lattice:
    """Where values [nx * ny * nz, c] stand: sample (i, j, k) at origin + step * (i, j, k)."""

    shape: tuple[int, int, int]
    origin: tuple[float, float, float]
    step: float


def around(points: "Tensor", lattice: Lattice) -> tuple["Tensor", "Tensor"]:
    """Of points [n, 3]: the eight samples round each, z fastest, [8, n]; the way between, 0..1, [3, n]."""
    import torch

    last = points.new_tensor(lattice.shape) - 1.001
    cell = ((points - points.new_tensor(lattice.origin)) / lattice.step).clamp(min=0).minimum(last).T
    low = cell.floor()
    _, ny, nz = lattice.shape
    i, j, k = low.long()
    first = (i * ny + j) * nz + k
    offset = [(i * ny + j) * nz + k for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    return first + torch.tensor(offset, device=points.device)[:, None], cell - low


def sampled(values: "Tensor", points: "Tensor", lattice: Lattice) -> "Tensor":
    """Trilinear values [n, c] of a grid [cells, c]."""
    at, share = around(points, lattice)
    v = values.index_select(0, at.flatten()).reshape(*at.shape, -1)
    for part in share[:, :, None]:  # x, then y, then z
        half = len(v) // 2
        v = v[:half] + part * (v[half:] - v[:half])
    return v[0]


def distance(values: "Tensor", points: "Tensor", lattice: Lattice) -> tuple["Tensor", "Tensor"]:
    """f [n] and its exact gradient [n, 3] of a grid [cells]; both may be differentiated by the values."""
    import torch

    at, (x, y, z) = around(points, lattice)
    v = values.index_select(0, at.flatten()).reshape(at.shape)
    along_z = v[1::2] - v[::2]
    v = v[::2] + z * along_z
    along_y = v[1::2] - v[::2]
    v = v[::2] + y * along_y
    along_x = v[1] - v[0]
    by_y = along_y[0] + x * (along_y[1] - along_y[0])
    rows = along_z[::2] + y * (along_z[1::2] - along_z[::2])
    by_z = rows[0] + x * (rows[1] - rows[0])
    return v[0] + x * along_x, torch.stack([along_x, by_y, by_z], 1) / lattice.step


def weights(f: "Tensor", s: "Tensor | float") -> "Tensor":
    """Of f at the borders of sections [r, n + 1]: w [r, n], the paper's discrete T_i alpha_i.

    alpha_i = max((Phi_s(f_i) - Phi_s(f_i+1)) / Phi_s(f_i), 0), Phi_s the logistic function of s f. So
    1 - alpha_i is exp(min(0, log Phi_s(f_i+1) - log Phi_s(f_i))), which neither overflows nor divides by 0.
    """
    import torch
    from torch.nn.functional import logsigmoid

    level = logsigmoid(s * f)
    passed = torch.cumsum((level[:, 1:] - level[:, :-1]).clamp(max=0), 1).exp()
    before = torch.cat([torch.ones_like(passed[:, :1]), passed[:, :-1]], 1)
    return before - passed


def finer(t: "Tensor", w: "Tensor", count: int) -> "Tensor":
    """Places [r, n + 1] with `count` more where the weights [r, n] are, by their inverse distribution."""
    import torch

    share = w + 1e-3 / w.shape[1]
    share = share / share.sum(1, keepdim=True)
    upto = torch.cat([torch.zeros_like(t[:, :1]), torch.cumsum(share, 1)], 1)
    wanted = ((torch.arange(count, device=t.device) + 0.5) / count).to(t.dtype).expand(len(t), count)
    section = torch.searchsorted(upto, wanted.contiguous(), right=True).clamp(1, w.shape[1]) - 1
    low, width = (torch.gather(x, 1, section) for x in (upto, share))
    start, end = torch.gather(t, 1, section), torch.gather(t, 1, section + 1)
    new = start + (end - start) * ((wanted - low) / width).clamp(0, 1)
    return torch.sort(torch.cat([t, new], 1), 1).values


def places_along(
    values: "Tensor", start: "Tensor", way: "Tensor", t: "Tensor", lattice: Lattice, counts: tuple[int, ...]
) -> "Tensor":
    """Places t with `counts` more of them round by round, each four times as sharp as the one before."""
    import torch

    with torch.no_grad():
        s = 0.5 / lattice.step
        for count in counts:
            points = start[:, None] + way[:, None] * t[..., None]
            f = sampled(values[:, None], points.flatten(0, 1), lattice).reshape(t.shape)
            t, s = finer(t, weights(f, s), count), 4 * s
    return t
