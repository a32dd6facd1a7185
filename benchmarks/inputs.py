"""Real character models as benchmark inputs: pictures with exact cameras, and the solid they really fill.

Everything slow is cached per model and style under $GENKEI_CACHE or the user's cache folder, so a second run
loads in well under a second. The pictures are of models other people made: look at them, don't publish them.
"""

import fnmatch
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, UInt8

from genkei.formats.soup import Soup, soup_colours
from genkei.geometry.colour import to_bytes
from genkei.geometry.raster import Hits, corner_values, rasterise
from genkei.geometry.render import halve
from genkei.types import Camera, View
from genkei_train.soups import character_soup, cut_out, props_note, smooth_normals
from truth import Solid, load, save, seal_soup

AZIMUTHS = (0, 90, 180, 270)
SIZE_PX = 1024
SPAN = 1.2
VERSION = 1
"""Raise it when pictures or truth change: older cache entries are then ignored."""
OUTLINE_STEP = 0.012
"""Depth step, in character heights, that a drawn line marks."""
OUTLINE_PX = 3
"""Half-width of drawn lines at twice the picture's size."""
SHADE = 0.78
"""Brightness of the darker of two tones."""


@dataclass(frozen=True)
class Model:
    """One character as drawings and as truth, both in character space."""

    name: str
    views: tuple[View, ...]
    """Front, left, back, right, or the azimuths asked for: square, RGBA, exact orthographic cameras."""
    truth: Solid
    notes: tuple[str, ...]


def data_folder() -> Path:
    """$GENKEI_DATA, else `shared/data` beside the repository; ValueError when neither is there."""
    folder = Path(os.environ.get("GENKEI_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not folder.is_dir():
        raise ValueError(f"no benchmark data at {folder}; point GENKEI_DATA at the folder that holds models/")
    return folder


def model_paths(pattern: str = "*", cc0: bool = False) -> list[Path]:
    """Files whose name without ending matches any of the comma-separated patterns."""
    folders = [data_folder() / "models", *([data_folder() / "models_cc0"] if cc0 else [])]
    found = sorted(path for folder in folders for path in folder.glob("*.glb"))
    return [p for p in found if any(fnmatch.fnmatch(p.stem, one) for one in pattern.split(","))]


def load_model(
    path: Path, style: str = "drawn", size_px: int = SIZE_PX, azimuths: tuple[int, ...] = AZIMUTHS
) -> Model:
    """Pictures and truth of one file, from the cache when they are there. Styles: `drawn`, `flat`."""
    if style not in ("drawn", "flat"):
        raise ValueError(f"style is {style!r}, wanted 'drawn' (two tones and lines) or 'flat'")
    key = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    folder = _cache_folder()
    truth_path = folder / f"{path.stem}-{key}-truth-{VERSION}.npz"
    sides = "" if azimuths == AZIMUTHS else f"-{len(azimuths)}"
    view_path = folder / f"{path.stem}-{key}-{style}{sides}-{size_px}-{VERSION}.npz"
    soup, notes = None, props_note(path.stem)
    if not truth_path.exists():
        soup = character_soup(path)
        save(seal_soup(soup), truth_path)
    if not view_path.exists():
        soup = soup or character_soup(path)
        pictures, span = draw_views(cut_out(soup), style, size_px, azimuths)
        np.savez_compressed(view_path, pictures=pictures, span=span)
    truth = load(truth_path)
    with np.load(view_path) as stored:
        pictures, span = stored["pictures"].astype(np.float32) / 255, float(stored["span"])
    views = tuple(
        View(p, Camera.orthographic(azimuth, span)) for p, azimuth in zip(pictures, azimuths, strict=True)
    )
    if truth.closings > 1:
        notes += (f"sealed with {truth.closings} closings",)
    return Model(path.stem, views, truth, notes)


def _cache_folder() -> Path:
    from platformdirs import user_cache_path

    folder = Path(os.environ.get("GENKEI_CACHE", user_cache_path("genkei"))) / "benchmarks"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def draw_views(
    soup: Soup, style: str, size_px: int, azimuths: tuple[int, ...] = AZIMUTHS
) -> tuple[UInt8[np.ndarray, "n s s 4"], float]:
    """Front, left, back and right pictures, or those of other azimuths, and their common span."""
    low, high = soup.bounds
    span = SPAN * max(1.0, float(high[0] - low[0]), float(high[2] - low[2]))
    normals = smooth_normals(soup)
    pictures = [
        draw(soup, normals, Camera.orthographic(azimuth, span), size_px, style == "drawn")
        for azimuth in azimuths
    ]
    return to_bytes(np.stack(pictures)), span


def draw(
    soup: Soup, normals: Float32[np.ndarray, "f 3 3"], camera: Camera, size_px: int, toon: bool
) -> Float32[np.ndarray, "s s 4"]:
    """An opaque soup as a picture: flat colours, or two tones and dark lines inside the same silhouette."""
    hits = rasterise(soup.vertices, soup.faces, camera, 2 * size_px, 2 * size_px)
    seen = hits.triangle >= 0
    rgba = np.zeros((*seen.shape, 4), np.float32)
    rgba[seen] = soup_colours(soup, hits.triangle[seen], hits.barycentric[seen]) / np.float32(255)
    rgba[seen, 3] = 1
    if toon:
        rgba[..., :3] *= _two_tones(hits, normals, camera)[..., None]
        lines = _lines(hits)
        rgba[lines, :3] = rgba[lines, :3] * 0.25 + np.array([0.05, 0.03, 0.04], np.float32)
    return halve(rgba)


def _two_tones(hits: Hits, normals: np.ndarray, camera: Camera) -> np.ndarray:
    """1 where the light from the upper left falls, SHADE where not; sheets are lit on the side we see."""
    right, up, forward = camera.axes
    normal = corner_values(hits, normals)
    facing = -(normal @ forward)
    light = normal @ (-0.45 * right + 0.6 * up - 0.66 * forward)
    return np.where(np.where(facing < 0, -light, light) > 0.12, 1, SHADE).astype(np.float32)


def _lines(hits: Hits) -> np.ndarray:
    """Pixels of the nearer thing beside a depth step, the outer contour among them."""
    from scipy.ndimage import maximum_filter

    width = 2 * OUTLINE_PX + 1
    seen = hits.triangle >= 0
    farthest = maximum_filter(np.where(seen, hits.depth, 9.0), size=width, mode="nearest")
    return seen & (farthest - np.where(seen, hits.depth, 9.0) > OUTLINE_STEP)
