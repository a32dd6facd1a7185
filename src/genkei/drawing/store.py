"""A sheet as a folder of pictures a person can correct: the editable middle."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from jaxtyping import Float32
from PIL import Image

from genkei.drawing.align import place
from genkei.drawing.cues import normals
from genkei.drawing.lines import Classical
from genkei.drawing.panels import Panel
from genkei.drawing.read import read_picture
from genkei.drawing.resample import bleed
from genkei.geometry.colour import to_bytes
from genkei.types import Agreement, Camera, Cue, Reading, Sheet, View

INDEX = "sheet.json"
FORMAT = 1


def save_sheet(sheet: Sheet, folder: Path | str) -> None:
    """Per view NAME.png (cut-out), NAME_mask.png, NAME_lines.png, NAME_normals.png, and sheet.json."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for view, reading, line, normal in zip(
        sheet.views, sheet.readings, sheet.lines, sheet.normals, strict=True
    ):
        pictures = {
            "": to_bytes(view.rgba),
            "_mask": to_bytes(view.rgba[..., 3]),
            "_lines": to_bytes(line.value[..., 0]),
            "_normals": to_bytes(np.dstack([normal.value * 0.5 + 0.5, normal.confidence])),
        }
        for ending, pixels in pictures.items():
            Image.fromarray(pixels).save(folder / f"{view.name}{ending}.png")
        digests = {ending or "cut-out": _digest(folder / f"{view.name}{ending}.png") for ending in pictures}
        camera = _camera_record(view.camera)
        rows.append({"name": view.name, **camera, "reading": asdict(reading), "sha256": digests})
    whole = {"format": FORMAT, "views": rows, "notes": sheet.notes}
    whole["agreements"] = [asdict(row) for row in sheet.agreements]
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    (folder / INDEX).write_text(text + "\n", encoding="utf-8")


def load_sheet(folder: Path | str) -> Sheet:
    """The sheet `save_sheet` wrote, with a person's corrections: an edited mask or cut-out wins.

    A view that was corrected is set on the head and foot rows again and its cues are made anew, unless
    those were corrected too. ValueError when files are missing or do not fit together.
    """
    folder = Path(folder)
    index = _index(folder)
    views, readings, line_cues, normal_cues = [], [], [], []
    notes = list(index["notes"])
    for row in index["views"]:
        view, edited = _load_view(folder, row)
        if edited:
            notes.append(f"{view.name}: corrected by hand")
        views.append(view)
        readings.append(_reading(row["reading"]))
        line_cues.append(_lines(folder, row, view, edited))
        normal_cues.append(_normals(folder, row, view, edited))
    agreements = tuple(_agreement(row) for row in index.get("agreements", ()))
    return Sheet(
        tuple(views), tuple(readings), tuple(line_cues), tuple(normal_cues), tuple(notes), agreements
    )


def _camera_record(camera: Camera) -> dict[str, object]:
    """Azimuth and span; the whole matrix too where those do not say it all."""
    told: dict[str, object] = {"azimuth_deg": camera.azimuth_deg, "span": camera.span}
    upright = Camera.orthographic(camera.azimuth_deg, camera.span)
    if not np.allclose(upright.world_to_clip, camera.world_to_clip, atol=1e-3):
        told["world_to_clip"] = camera.world_to_clip.tolist()
    return told


def _index(folder: Path) -> dict:
    path = folder / INDEX
    if not path.is_file():
        raise ValueError(f"{folder} holds no {INDEX}: it is not a folder that `genkei views` wrote")
    try:
        index = json.loads(path.read_text(encoding="utf-8"))
        rows = index["views"]
        needed = {"name", "azimuth_deg", "span", "reading", "sha256"}
        whole = index["format"] == FORMAT and rows and all(needed <= set(row) for row in rows)
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise ValueError(f"{path} cannot be understood ({error!r}). Run `genkei views` again") from error
    if not whole or not isinstance(index.get("notes"), list):
        raise ValueError(
            f"{path} lacks entries or is of another version (wanted format {FORMAT})."
            " Run `genkei views` again"
        )
    return index


def _load_view(folder: Path, row: dict) -> tuple[View, bool]:
    path = folder / f"{row['name']}.png"
    if not path.is_file():
        raise ValueError(f"{path} is missing; put it back, or run `genkei views` again")
    rgba = _picture(path)
    if rgba.shape[0] != rgba.shape[1]:
        raise ValueError(
            f"{path} is {rgba.shape[1]} x {rgba.shape[0]} px, wanted a square: correct the picture"
            " without cropping it"
        )
    edited = _edited(folder, row, "")
    mask_path = folder / f"{row['name']}_mask.png"
    if mask_path.is_file() and _edited(folder, row, "_mask"):
        rgba, edited = _with_mask(rgba, mask_path), True
    if not (rgba[..., 3] > 0.5).any():
        raise ValueError(f"{path}: nothing of the character is left in the mask; undo the last correction")
    camera = Camera.orthographic(row["azimuth_deg"], row["span"])
    if "world_to_clip" in row:
        camera = Camera(np.array(row["world_to_clip"], np.float32))
    if not edited or "world_to_clip" in row:
        return View(rgba, camera), edited
    panel = Panel(rgba, (0, 0, rgba.shape[1], rgba.shape[0]), ())
    return place(panel, rgba.shape[1] / 2, camera, rgba.shape[0]), True


def _with_mask(rgba: Float32[np.ndarray, "s s 4"], path: Path) -> Float32[np.ndarray, "s s 4"]:
    mask = _picture(path)
    if mask.shape != rgba.shape:
        raise ValueError(
            f"{path} is {mask.shape[1]} x {mask.shape[0]} px, its cut-out {rgba.shape[1]} x"
            f" {rgba.shape[0]} px. Save the mask in the cut-out's size"
        )
    alpha = mask[..., :3].mean(-1) * mask[..., 3]
    reach = np.maximum(rgba[..., 3], 0)
    filled = rgba
    while ((alpha > 0) & (filled[..., :3].sum(-1) <= 0) & (reach <= 0)).any():
        filled = bleed(np.dstack([filled[..., :3], reach]).astype(np.float32), 16)
        grown = (reach <= 0) & (filled[..., :3].sum(-1) > 0)
        if not grown.any():
            break
        reach = np.where(grown, 1, reach).astype(np.float32)
    return np.dstack([filled[..., :3], alpha]).astype(np.float32)


def _lines(folder: Path, row: dict, view: View, edited: bool) -> Cue:
    path = folder / f"{row['name']}_lines.png"
    if not path.is_file() or (edited and not _edited(folder, row, "_lines")):
        return Classical()(view)
    value = _fitting(path, view)[..., :1]
    return Cue(np.ascontiguousarray(value), view.mask.astype(np.float32))


def _normals(folder: Path, row: dict, view: View, edited: bool) -> Cue:
    path = folder / f"{row['name']}_normals.png"
    if not path.is_file() or (edited and not _edited(folder, row, "_normals")):
        return normals(view)
    picture = _fitting(path, view)
    vectors = picture[..., :3] * 2 - 1
    length = np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-6)
    return Cue((vectors / length).astype(np.float32), np.ascontiguousarray(picture[..., 3]))


def _fitting(path: Path, view: View) -> Float32[np.ndarray, "s s 4"]:
    picture = _picture(path)
    if picture.shape != view.rgba.shape:
        raise ValueError(
            f"{path} is {picture.shape[1]} x {picture.shape[0]} px, its cut-out {view.rgba.shape[1]} x"
            f" {view.rgba.shape[0]} px. Save it in the cut-out's size, or delete it to have it made anew"
        )
    return picture


def _reading(row: dict) -> Reading:
    fields = {**row, "box_px": tuple(row["box_px"]), "cut": tuple(row["cut"])}
    return Reading(**fields)


def _agreement(row: dict) -> Agreement:
    return Agreement(**{**row, "conflicts": tuple((name, share) for name, share in row["conflicts"])})


def _picture(path: Path) -> Float32[np.ndarray, "h w 4"]:
    if path.stem.endswith(("_lines", "_mask", "_normals")):
        return np.asarray(Image.open(path).convert("RGBA"), np.float32) / 255
    return read_picture(path)


def _edited(folder: Path, row: dict, ending: str) -> bool:
    return _digest(folder / f"{row['name']}{ending}.png") != row["sha256"].get(ending or "cut-out")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
