"""What happens to a drawing between the artist and us: resampling, noise, JPEG. Never a shift or a tilt."""

from io import BytesIO

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image

from genkei.geometry.colour import to_bytes
from genkei_train.noise import blurred, smooth_noise


def degrade(
    rgb: UInt8[np.ndarray, "s s 3"] | Float32[np.ndarray, "s s 3"], rng: np.random.Generator
) -> UInt8[np.ndarray, "s s 3"]:
    """The same picture (floats in 0..1), as a scanner, an export or a website leaves it; pixels stay put.

    Three in ten come back unharmed.
    """
    picture = rgb.astype(np.float32) / np.float32(255) if rgb.dtype == np.uint8 else rgb
    if rng.random() < 0.3:
        return to_bytes(picture)
    for change, share in ((_resampled, 0.3), (_blurred, 0.3), (_toned, 0.4), (_scanned, 0.2), (_noisy, 0.2)):
        if rng.random() < share:
            picture = change(picture, rng)
    out = to_bytes(picture)
    return _jpeg(out, rng) if rng.random() < 0.6 else out


def _resampled(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Through a smaller or larger size and back."""
    side = picture.shape[0]
    other = max(int(side * rng.uniform(0.5, 1.6)), 1)
    there, back = rng.choice(
        (Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS), 2
    )
    image = Image.fromarray(to_bytes(picture)).resize((other, other), there).resize((side, side), back)
    return np.asarray(image, np.float32) / np.float32(255)


def _blurred(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Softened, or sharpened with its halo."""
    padded = np.pad(picture, ((2, 2), (2, 2), (0, 0)), mode="edge")
    soft = blurred(padded, 1)[2:-2, 2:-2]
    return picture + np.float32(rng.uniform(-0.5, 1.0)) * (soft - picture)


def _toned(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A little brighter or darker, with less contrast, with a cast."""
    gamma = np.exp(rng.uniform(-0.2, 0.2))
    gain = rng.uniform(0.9, 1.03) * (1 + rng.uniform(-0.04, 0.04, 3))
    black = rng.uniform(0, 0.05)
    return (black + (1 - black) * np.clip(picture, 0, 1) ** gamma * gain).astype(np.float32)


def _scanned(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Uneven light and the tooth of paper."""
    side = picture.shape[0]
    light = 0.05 * smooth_noise(rng, (side, side), side * 0.8) + rng.uniform(0.0, 0.03) * smooth_noise(
        rng, (side, side), 2, 2
    )
    return (picture * (0.97 + light)[..., None]).astype(np.float32)


def _noisy(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    grey = rng.random() < 0.5
    shape = (*picture.shape[:2], 1 if grey else 3)
    return picture + np.float32(rng.uniform(0.004, 0.03)) * rng.standard_normal(shape, np.float32)


def _jpeg(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    stream = BytesIO()
    quality, halved = int(rng.integers(50, 96)), int(rng.choice((0, 2)))
    Image.fromarray(picture).save(stream, "JPEG", quality=quality, subsampling=halved)
    return np.asarray(Image.open(stream)).copy()
