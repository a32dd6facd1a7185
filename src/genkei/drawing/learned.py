"""The character chosen by a net, for backgrounds that no smooth colour explains."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32
from PIL import Image

from genkei.drawing.cutout import REMEDY, Cutout
from genkei.drawing.edge import subject_colour
from genkei.drawing.pieces import main_pieces
from genkei.drawing.resample import box_of
from genkei.geometry.crop import FILL

MatteNet = Callable[..., Mapping[str, np.ndarray]]
ROUNDS = 3
"""Looks at the picture: each one frames what the last one found."""
GUIDE_PX = 768
"""Longer side at which the net's soft edge is fitted to the picture's own edges."""


@dataclass(frozen=True)
class Learned:
    """Cuts the character out of a picture of anything (the matte net of `genkei.nets`, guided edges)."""

    side_px: int = 192
    """Side of the square the net sees."""
    most_unsure: float = 0.35
    """Area in which the net can't decide, over the character's, above which the picture is refused."""
    least_share: float = 0.01
    """Share of the picture that the character must cover."""
    net: MatteNet | None = None
    """A callable like `genkei.nets.Net`; None: the net in the wheel."""

    def __call__(self, rgba: Float32[np.ndarray, "h w 4"]) -> Cutout:
        """ValueError, with what was measured, when no character can be told from the rest."""
        rgb = rgba[..., :3] * rgba[..., 3:] + (1 - rgba[..., 3:])
        net = self.net or _shipped()
        height, width = rgb.shape[:2]
        square = _square(0, 0, width, height, 1.0)
        chance = np.zeros((height, width), np.float32)
        for _ in range(ROUNDS):
            chance = self._look(net, rgb, square)
            subject = main_pieces(chance > 0.5)
            if subject.mean() < self.least_share:
                raise ValueError(
                    f"no character was found: the net sees one on {subject.mean():.2%} of the picture"
                    f" (wanted {self.least_share:.0%}). {REMEDY}"
                )
            box = box_of(subject)
            square = _square(*box, FILL)
        unsure = float(((chance > 0.15) & (chance < 0.85)).sum() / max(int((chance > 0.5).sum()), 1))
        if unsure > self.most_unsure:
            raise ValueError(
                f"the character can't be told from the background: the net is unsure on an area of"
                f" {unsure:.0%} of the character's (limit {self.most_unsure:.0%}). {REMEDY}"
            )
        alpha = fitted(chance * _near(subject), rgb)
        colour = subject_colour(rgb.astype(np.float32), alpha)
        colour[alpha <= 0] = 0
        note = (
            f"the background was removed by a net, unsure on an area of {unsure:.0%} of the character's:"
            " check the outline"
        )
        return Cutout(np.dstack([colour, alpha]).astype(np.float32), "net", 0.0, (note,))

    def _look(
        self, net: MatteNet, rgb: Float32[np.ndarray, "h w 3"], square: tuple[float, float, float]
    ) -> Float32[np.ndarray, "h w"]:
        """How likely each pixel is character, from a look at a square of the picture and its mirror image."""
        from scipy.special import expit

        left, top, size = square
        height, width = rgb.shape[:2]
        picture = Image.fromarray((np.clip(rgb, 0, 1) * 255).astype(np.uint8))
        reach = round(size)
        ground = Image.new("RGB", (reach, reach))
        ground.paste(_padded(picture, round(left), round(top), reach))
        seen = np.asarray(ground.resize((self.side_px, self.side_px), Image.Resampling.BOX), np.float32) / 255
        paper = np.stack([seen, seen[:, ::-1]]).transpose(0, 3, 1, 2)
        logits = np.asarray(net(paper=np.ascontiguousarray(paper))["alpha"])[:, 0]
        found = expit((logits[0] + logits[1][:, ::-1]) / 2)
        whole = Image.fromarray(found.astype(np.float32)).resize((reach, reach), Image.Resampling.BICUBIC)
        out = np.zeros((height, width), np.float32)
        x0, y0 = max(round(left), 0), max(round(top), 0)
        x1, y1 = min(round(left) + reach, width), min(round(top) + reach, height)
        part = np.asarray(whole)[y0 - round(top) : y1 - round(top), x0 - round(left) : x1 - round(left)]
        out[y0:y1, x0:x1] = np.clip(part, 0, 1)
        return out


def _shipped() -> MatteNet:
    from genkei.nets.loader import load

    return load("matte")


def _square(left: float, top: float, right: float, bottom: float, fill: float) -> tuple[float, float, float]:
    """Left, top and side of the square in which the box's longer side fills its share."""
    side = max(right - left, bottom - top) / fill
    return (left + right - side) / 2, (top + bottom - side) / 2, side


def _padded(picture: Image.Image, left: int, top: int, side: int) -> Image.Image:
    """The square of the picture; beyond its borders the border's pixels go on."""
    width, height = picture.size
    columns = np.clip(np.arange(left, left + side), 0, width - 1)
    rows = np.clip(np.arange(top, top + side), 0, height - 1)
    return Image.fromarray(np.asarray(picture)[rows][:, columns])


def _near(subject: np.ndarray) -> np.ndarray:
    """1 on and close to the subject: what the net saw elsewhere is another thing."""
    from scipy.ndimage import binary_dilation

    small = subject[::4, ::4]
    grown = np.asarray(binary_dilation(small, iterations=max(2, small.shape[0] // 100)), np.float32)
    full = np.repeat(np.repeat(grown, 4, 0), 4, 1)
    return full[: subject.shape[0], : subject.shape[1]]


def fitted(
    chance: Float32[np.ndarray, "h w"], rgb: Float32[np.ndarray, "h w 3"]
) -> Float32[np.ndarray, "h w"]:
    """The soft map moved onto the picture's edges: a guided filter (He et al. 2010) whose linear model is
    solved at GUIDE_PX and applied at full size, then its middle tones steepened."""
    from scipy.ndimage import uniform_filter

    height, width = chance.shape
    scale = min(1.0, GUIDE_PX / max(height, width))
    small = (max(round(width * scale), 8), max(round(height * scale), 8))

    def resized(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        return np.asarray(Image.fromarray(plane.astype(np.float32)).resize(size, Image.Resampling.BILINEAR))

    guides = [resized(rgb[..., k], small) for k in range(3)]
    target = resized(chance, small)
    radius = max(3, max(small) // 90)

    def mean(plane: np.ndarray) -> np.ndarray:
        return uniform_filter(plane, 2 * radius + 1, mode="nearest")

    means = [mean(g) for g in guides]
    middle = mean(target)
    covariance = np.stack([mean(g * target) - m * middle for g, m in zip(guides, means, strict=True)], -1)
    spread = np.empty((*target.shape, 3, 3), np.float32)
    for i in range(3):
        for j in range(3):
            spread[..., i, j] = mean(guides[i] * guides[j]) - means[i] * means[j] + (1e-3 if i == j else 0)
    slope = np.linalg.solve(spread, covariance[..., None])[..., 0]
    offset = middle - sum(slope[..., k] * means[k] for k in range(3))
    slope = [mean(slope[..., k]) for k in range(3)]
    out = resized(mean(offset), (width, height))
    for k in range(3):
        out = out + resized(slope[k], (width, height)) * rgb[..., k]
    steep = np.clip((out - 0.5) * 1.6 + 0.5, 0, 1)
    steep[chance < 0.03] = 0
    steep[chance > 0.97] = 1
    return steep.astype(np.float32)
