"""Any picture file a person may hand in, as float RGBA."""

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

LONGEST_PX = 2048
"""Larger pictures are reduced: a view is 1024 px, so more would only cost memory."""
SHORTEST_PX = 32
"""Below this there is no drawing to speak of."""
MOST_PIXELS = 178_000_000
"""Just under Pillow's own bomb limit; a 12,000 px square scan has 144 million."""

_BROKEN = (OSError, SyntaxError, EOFError, ValueError, IndexError, struct.error, zlib.error)


@dataclass(frozen=True)
class Picture:
    """A picture as read, and how it came from its file."""

    rgba: Float32[np.ndarray, "h w 4"]
    source: str
    """File name, for messages and reports."""
    reduction: float
    """Pixels of the file per pixel here; 1 unless the file was larger than `LONGEST_PX`."""


def read_picture(path: Path | str) -> Float32[np.ndarray, "h w 4"]:
    """sRGB, straight alpha, upright, at most `LONGEST_PX` on the long side; ValueError says what is wrong."""
    return read_file(path).rgba


def read_file(path: Path | str) -> Picture:
    """Like `read_picture`, with the file's name and the reduction beside the pixels."""
    path = Path(path)
    _refuse_bad_file(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as opened:
                _refuse_bad_size(path, opened.size)
                full = max(opened.size)
                opened.seek(0)
                if full > 2 * LONGEST_PX:
                    opened.draft("RGB", (LONGEST_PX, LONGEST_PX))
                opened.load()
                picture = ImageOps.exif_transpose(opened)
    except UnidentifiedImageError as error:
        raise ValueError(
            f"{path} is not a picture: it begins with {_head(path)!r}. Wanted PNG, JPEG, WebP, GIF, TIFF or"
            " another picture file; if it has the wrong ending, open it in a paint program and save it as PNG"
        ) from error
    except Image.DecompressionBombError as error:
        raise ValueError(_too_large(path, str(error))) from error
    except _PictureError:
        raise
    except _BROKEN as error:
        raise ValueError(
            f"{path} breaks off or is damaged ({error}). Download or export it again, then try once more"
        ) from error
    rgba = _to_float(picture, path)
    if not rgba[..., 3].any():
        raise ValueError(
            f"{path} is fully transparent: there is no drawing in it. Export it with"
            " the character's layer visible"
        )
    return Picture(rgba, path.name, full / max(rgba.shape[:2]))


class _PictureError(ValueError):
    """Our own refusal, not to be reworded as damage."""


def _refuse_bad_file(path: Path) -> None:
    if not path.exists():
        raise ValueError(f"{path} does not exist. Check the spelling and the folder")
    if path.is_dir():
        raise ValueError(f"{path} is a folder, wanted one picture file. Name the file inside it")
    if path.stat().st_size == 0:
        raise ValueError(f"{path} is empty (0 bytes). Download or export the picture again")


def _refuse_bad_size(path: Path, size: tuple[int, int]) -> None:
    width, height = size
    if width * height > MOST_PIXELS:
        raise _PictureError(_too_large(path, f"{width} x {height} px"))
    if min(size) < SHORTEST_PX:
        raise _PictureError(
            f"{path} is {width} x {height} px, wanted at least {SHORTEST_PX} px on the short side and better"
            " 1000: hand in the drawing itself, not its thumbnail"
        )


def _too_large(path: Path, found: str) -> str:
    return (
        f"{path} is too large ({found}), the limit is {MOST_PIXELS / 1e6:.0f} million pixels."
        f" Reduce it first: {LONGEST_PX} px on the long side is all that is used"
    )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(16)


def _to_float(picture: Image.Image, path: Path) -> Float32[np.ndarray, "h w 4"]:
    if picture.mode.startswith("I") or picture.mode == "F":
        return _deep_grey(picture)
    try:
        small = _reduced(_to_srgb(picture))
    except _BROKEN as error:
        raise ValueError(
            f"{path} has colour mode {picture.mode}, which cannot be turned into RGB ({error})."
            " Save it as RGB PNG"
        ) from error
    return np.asarray(small.convert("RGBA"), np.float32) / 255


def _to_srgb(picture: Image.Image) -> Image.Image:
    """8-bit RGB or RGBA in sRGB; an embedded profile is honoured when it fits the mode."""
    if picture.mode == "LAB":
        return _through_profile(picture, ImageCms.createProfile("LAB"))
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK"):
        try:
            return _through_profile(picture, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
        except (ImageCms.PyCMSError, OSError):
            pass  # a profile that lies about its picture: take the numbers as they are
    has_alpha = picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info
    return picture.convert("RGBA" if has_alpha else "RGB")


def _through_profile(picture: Image.Image, profile: object) -> Image.Image:
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    out = ImageCms.profileToProfile(picture, profile, ImageCms.createProfile("sRGB"), outputMode=mode)  # pyright: ignore[reportArgumentType]
    assert out is not None
    return out


def _deep_grey(picture: Image.Image) -> Float32[np.ndarray, "h w 4"]:
    """16-bit, 32-bit and float grey, scaled by the full range of the depth it was stored in."""
    values = np.asarray(picture, np.float32)
    top = float(values.max(initial=0))
    full = 65535.0 if picture.mode.startswith("I;16") else next(f for f in (1, 255, 65535, top) if top <= f)
    key = picture.info.get("transparency")
    alpha = (values != key) if isinstance(key, int) else np.ones(values.shape)
    planes = [np.clip(values / max(full, 1e-6), 0, 1), np.asarray(alpha, np.float32)]
    grey, opacity = (np.asarray(_reduced(Image.fromarray(p.astype(np.float32)))) for p in planes)
    return np.clip(np.stack([grey, grey, grey, opacity], -1), 0, 1).astype(np.float32)


def _reduced(picture: Image.Image) -> Image.Image:
    """At most `LONGEST_PX`; Pillow filters RGBA premultiplied, so no hidden colour leaks into edges."""
    scale = LONGEST_PX / max(picture.size)
    if scale >= 1:
        return picture
    width, height = (max(round(side * scale), 1) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
