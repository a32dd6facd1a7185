"""Pictures whose cameras are known: rendered views, or what another program exported, by a list of cameras.

The file is a JSON list with one entry a picture: `{"picture": "0.png", "azimuth": 0, "elevation": 0}` sees as
`Camera.orthographic` does (`span` heights wide, 1.2 unless given); with `fov` (degrees) and `distance`
(heights) as `Camera.perspective`; `{"picture": ..., "world_to_clip": [[..4 numbers..] x 4]}` is any camera of
character space. Pictures are square and are taken as they are: nothing is scaled, centred or bent.
"""

import json
import math
from pathlib import Path

import numpy as np

from genkei.drawing.cues import normals
from genkei.drawing.matte import cut_out
from genkei.drawing.read import read_file
from genkei.drawing.resample import bleed, resample
from genkei.drawing.sheet import MOST_VIEWS, Options
from genkei.geometry.camera import SINGULAR, condition
from genkei.types import Camera, Reading, Sheet, View

NUMBERS = {"azimuth": 0.0, "elevation": 0.0, "span": 1.2, "fov": 0.0, "distance": 3.0}
"""What an entry may say beside `picture`, and what is taken when it does not."""


def read_posed(path: Path, options: Options = Options()) -> Sheet:
    """The pictures of a camera file, each with its own camera. ValueError names the entry that is wrong."""
    entries = _entries(path)
    views, readings = [], []
    for number, entry in enumerate(entries):
        where = f"{path.name}, entry {number}"
        camera = _camera(entry, where)
        picture = read_file(path.parent / str(entry["picture"]))
        height, width = picture.rgba.shape[:2]
        if height != width:
            raise ValueError(
                f"{where}: {picture.source} is {width} x {height} px, wanted a square: the camera says what"
                " is seen between its borders"
            )
        try:
            cutout = cut_out(picture.rgba, options.mattes)
        except ValueError as error:
            raise ValueError(f"{where}: {picture.source}: {error}") from error
        size = options.size_px
        square = resample(cutout.rgba, (0.0, 0.0, float(width), float(height)), size, size)
        views.append(View(bleed(square), camera))
        box = (0, 0, width, height)
        why = "placed by the camera file"
        readings.append(Reading(picture.source, box, cutout.method, cutout.residual, why, 1.0))
    _refuse_doubles(views, path)
    made = tuple(views)
    return Sheet(
        made, tuple(readings), tuple(options.lines(view) for view in made), tuple(map(normals, made))
    )


def _entries(path: Path) -> list[dict]:
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{path} does not exist. Check the spelling and the folder") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no JSON ({error}); wanted a list of cameras") from error
    whole = isinstance(entries, list) and all(isinstance(e, dict) and e.get("picture") for e in entries)
    if not whole or not entries:
        raise ValueError(
            f'{path} holds no list of cameras; wanted [{{"picture": "front.png", "azimuth": 0}}, ...]'
        )
    if len(entries) > MOST_VIEWS:
        raise ValueError(
            f"{path} lists {len(entries)} pictures, at most {MOST_VIEWS} are used: beyond one every 15"
            " degrees they add time and no shape. Leave some out"
        )
    return entries


def _camera(entry: dict, where: str) -> Camera:
    if "world_to_clip" in entry:
        return _matrix(entry["world_to_clip"], where)
    unknown = sorted(set(entry) - {"picture", *NUMBERS})
    if unknown:
        known = ", ".join(NUMBERS)
        raise ValueError(
            f"{where} says {', '.join(unknown)}; known are picture, {known} and world_to_clip alone"
        )
    said = {name: entry.get(name, otherwise) for name, otherwise in NUMBERS.items()}
    for name, value in said.items():
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"{where}: {name} is {value!r}, wanted a number")
    if not -89 <= said["elevation"] <= 89:
        raise ValueError(f"{where}: elevation is {said['elevation']:g} degrees, wanted -89 to 89")
    if said["fov"]:
        if not 1 <= said["fov"] <= 120 or said["distance"] <= 0.6:
            raise ValueError(
                f"{where}: fov {said['fov']:g} degrees from {said['distance']:g} heights; wanted 1 to 120"
                " degrees from more than 0.6 heights away"
            )
        return Camera.perspective(said["azimuth"], said["distance"], said["fov"], said["elevation"])
    if said["span"] <= 0:
        raise ValueError(
            f"{where}: span is {said['span']:g}, wanted the picture's width in character heights"
        )
    return Camera.orthographic(said["azimuth"], said["span"], said["elevation"])


def _matrix(rows: object, where: str) -> Camera:
    try:
        matrix = np.array(rows, np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{where}: world_to_clip is no matrix ({error}); wanted 4 rows of 4 numbers"
        ) from None
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all():
        raise ValueError(
            f"{where}: world_to_clip has shape {matrix.shape} or numbers that are not finite; wanted 4 x 4"
        )
    camera = Camera(matrix.astype(np.float32))
    flat = condition(camera)
    if not flat < SINGULAR:
        raise ValueError(
            f"{where}: world_to_clip is singular (condition {flat:.2g}, limit {SINGULAR:.0g}): two of"
            " its directions are one, so it sees no picture. Export the camera again"
        )
    return camera


def _refuse_doubles(views: list[View], path: Path) -> None:
    for k, view in enumerate(views):
        for j in range(k):
            if np.allclose(view.camera.world_to_clip, views[j].camera.world_to_clip, atol=1e-4):
                raise ValueError(
                    f"{path.name}: entries {j} and {k} have one and the same camera: it takes one picture"
                )
