"""The text of OBJ and MTL files as arrays."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int32, UInt8


@dataclass(frozen=True)
class Parsed:
    """An OBJ's statements; indices are resolved to 0-based, missing texture coordinates to -1."""

    points: Float32[np.ndarray, "v 3"]
    colours: Float32[np.ndarray, "v 3"]
    """sRGB 0..1; 1 where the file gives none."""
    coordinates: Float32[np.ndarray, "t 2"]
    faces: Int32[np.ndarray, "f 3"]
    corner_coordinates: Int32[np.ndarray, "f 3"]
    material: Int32[np.ndarray, "f"]
    material_names: tuple[str, ...]
    libraries: tuple[str, ...]
    group: Int32[np.ndarray, "f"]
    group_names: tuple[str, ...]


@dataclass(frozen=True)
class Materials:
    """Per material of a Parsed."""

    colour: UInt8[np.ndarray, "m 4"]
    texture: Int32[np.ndarray, "m"]
    textures: tuple[UInt8[np.ndarray, "_ _ 4"], ...]


def parse(text: str, source: str) -> Parsed:
    """All `v vt f o g usemtl mtllib` statements, others ignored; ValueError names the unreadable line."""
    lines = text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines()
    points = _numbers([line for line in lines if line.startswith(("v ", "v\t"))], source, 3)
    coordinates = _numbers([line for line in lines if line.startswith(("vt ", "vt\t"))], source, 2)[:, :2]
    corners: list[tuple[int, ...]] = []
    rows: list[tuple[int, int, int]] = []
    owner: list[tuple[int, int]] = []
    materials, groups, libraries = [""], [""], []
    material = group = seen_points = seen_coordinates = 0
    for number, line in enumerate(lines, 1):
        word, _, rest = line.strip().partition(" ")
        if word == "v":
            seen_points += 1
        elif word == "vt":
            seen_coordinates += 1
        elif word == "f":
            polygon = _polygon(rest, (seen_points, seen_coordinates), f"{source}, line {number}")
            start = len(corners)
            corners += polygon
            rows += [(start, start + k, start + k + 1) for k in range(1, len(polygon) - 1)]
            owner += [(material, group)] * (len(polygon) - 2)
        elif word == "usemtl":
            material = _number_of(materials, rest.strip())
        elif word in ("o", "g"):
            group = _number_of(groups, rest.strip())
        elif word == "mtllib":
            libraries.append(rest.strip())
    table, index, owners = _tables(corners, rows, owner, (len(points), len(coordinates)), source)
    colours = np.ones((len(points), 3), np.float32)
    if points.shape[1] >= 6:
        colours = points[:, 3:6] / (255 if points[:, 3:6].max() > 1 else 1)
    return Parsed(
        points=np.ascontiguousarray(points[:, :3], np.float32),
        colours=colours.astype(np.float32),
        coordinates=np.ascontiguousarray(coordinates, np.float32),
        faces=table[index, 0].astype(np.int32),
        corner_coordinates=table[index, 1].astype(np.int32),
        material=owners[:, 0],
        material_names=tuple(materials),
        libraries=tuple(libraries),
        group=owners[:, 1],
        group_names=tuple(name or "unnamed" for name in groups),
    )


def _tables(
    corners: list[tuple[int, ...]],
    rows: list[tuple[int, int, int]],
    owner: list[tuple[int, int]],
    counts: tuple[int, int],
    source: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corners (vertex, coordinate), triangles of corners, and (material, group) of every triangle."""
    if not rows:
        raise ValueError(f"{source}: there is no face (`f` line) in it")
    table = np.array(corners, np.int64)
    _inside(table, *counts, source)
    return table, np.array(rows, np.int64), np.array(owner, np.int32)


def _numbers(lines: list[str], source: str, least: int) -> np.ndarray:
    """The numbers after the keyword, as many columns as the shortest line has."""
    if not lines:
        return np.zeros((0, least))
    rows = [line.split()[1:] for line in lines]
    width = min(len(row) for row in rows)
    if width < least:
        raise ValueError(
            f"{source}: wanted {least} numbers in every `{lines[0].split()[0]}` line, found {width}"
        )
    try:
        return np.array([row[:width] for row in rows], np.float64)
    except ValueError as error:
        raise ValueError(f"{source}: a coordinate is not a number ({error})") from None


def _polygon(rest: str, seen: tuple[int, int], where: str) -> list[tuple[int, int]]:
    """(vertex, coordinate) per corner, 0-based; negative numbers count back from the last one seen."""
    corners = []
    for token in rest.split():
        fields = token.split("/")
        try:
            vertex = int(fields[0])
            coordinate = int(fields[1]) if len(fields) > 1 and fields[1] else 0
        except ValueError:
            raise ValueError(
                f"{where}: {token!r} is not a face corner (wanted 12 or 12/7 or 12/7/3)"
            ) from None
        corners.append(
            (
                vertex - 1 if vertex > 0 else seen[0] + vertex,
                coordinate - 1 if coordinate > 0 else seen[1] + coordinate if coordinate < 0 else -1,
            )
        )
    if len(corners) < 3:
        raise ValueError(f"{where}: a face needs three corners, found {len(corners)}")
    return corners


def _number_of(names: list[str], name: str) -> int:
    if name not in names:
        names.append(name)
    return names.index(name)


def _inside(table: np.ndarray, points: int, coordinates: int, source: str) -> None:
    worst, least = int(table[:, 0].max()), int(table[:, 0].min())
    if worst >= points or least < 0:
        raise ValueError(
            f"{source}: a face uses vertex {(worst if worst >= points else least) + 1} of {points}"
        )
    if int(table[:, 1].max()) >= coordinates or int(table[:, 1].min()) < -1:
        raise ValueError(
            f"{source}: a face uses texture coordinate {int(table[:, 1].max()) + 1} of {coordinates}"
        )


def material_table(path: Path, parsed: Parsed) -> Materials:
    """Colours and textures of the materials the faces use."""
    found: dict[str, dict[str, str]] = {}
    for library in parsed.libraries:
        found |= _library(path.parent / library, path)
    colour = np.full((len(parsed.material_names), 4), 255, np.uint8)
    texture = np.full(len(parsed.material_names), -1, np.int32)
    files: list[str] = []
    for number, name in enumerate(parsed.material_names):
        entry = found.get(name, {})
        if "Kd" in entry and "map_Kd" not in entry:
            colour[number, :3] = np.clip(np.array(entry["Kd"].split()[:3], float) * 255 + 0.5, 0, 255)
        alpha = float(entry["d"]) if "d" in entry else 1 - float(entry.get("Tr", "0"))
        colour[number, 3] = round(255 * min(max(alpha, 0.0), 1.0))
        if "map_Kd" in entry and (parsed.material == number).any():
            texture[number] = _number_of(files, entry["map_Kd"])
    return Materials(colour, texture, tuple(_picture(path.parent / file, path) for file in files))


def _library(file: Path, path: Path) -> dict[str, dict[str, str]]:
    if not file.is_file():
        raise ValueError(
            f"{path}: its materials are in {file.name}, which is not beside it; put it there or delete the "
            "`mtllib` line to go on without colour"
        )
    found: dict[str, dict[str, str]] = {}
    current: dict[str, str] = {}
    for line in file.read_text("utf-8", "replace").splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "newmtl":
            current = found.setdefault(rest.strip(), {})
        elif word:
            current[word] = rest.strip()
    return found


def _picture(file: Path, path: Path) -> np.ndarray:
    """RGBA of a texture; `map_Kd -s 1 1 1 file.png` has options before the name."""
    from PIL import Image, UnidentifiedImageError

    if not file.is_file():
        plain = file.parent / file.name.split()[-1].replace("\\", "/")
        if not plain.is_file():
            raise ValueError(f"{path}: its texture {file.name} is missing; put it beside the OBJ")
        file = plain
    try:
        with Image.open(file) as picture:
            return np.asarray(picture.convert("RGBA")).copy()
    except (UnidentifiedImageError, OSError):
        raise ValueError(f"{path}: its texture {file.name} is not a readable picture") from None
