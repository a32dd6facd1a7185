"""3MF in and out: millimetres, a named object a part, a palette colour a triangle; lib3mf writes and judges.

`write` adds PrusaSlicer's painted segmentation to the standard colours; `write_bambu` makes the layout
and the paint attribute that Bambu Studio and OrcaSlicer read. What each slicer reads was measured or is
documented in its source; a standard colour group alone shows in viewers and in no slicer of 2024.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import numpy as np
from jaxtyping import Float, Int32, UInt8

from genkei.formats.soup import Soup
from genkei.formats.threemf_dialects import Volume, bambu_package, prusa_package
from genkei.types import Figure, Mesh

NAMESPACE = UUID("6b1f1a44-0d7a-5c8e-9a3c-2f1f5f6f8d10")
"""Names hashed in it give the ids of objects: the same figure always gets the same ids."""
UNITS_MM = {0: 0.001, 1: 1.0, 2: 10.0, 3: 25.4, 4: 304.8, 5: 1000.0}
"""lib3mf's units: micrometre, millimetre, centimetre, inch, foot, metre."""


@dataclass(frozen=True)
class Body:
    """One object found in a 3MF, placed as its build item says, in the file's unit and axes (+z up)."""

    name: str
    mesh: Mesh
    colours: UInt8[np.ndarray, "f 3 4"]
    """sRGB and alpha per corner; white where the file gives none."""
    unit_mm: float


def write(
    path: Path,
    figure: Figure,
    palette: UInt8[np.ndarray, "n 3"],
    colours: Sequence[Int32[np.ndarray, "_"]],
    title: str = "figure",
) -> None:
    """The figure with a palette index per triangle, for viewers, PrusaSlicer and strict 3MF readers."""
    path.write_bytes(prusa_package(package(figure, palette, colours, title), len(palette), title))


def write_bambu(
    path: Path,
    figure: Figure,
    palette: UInt8[np.ndarray, "n 3"],
    colours: Sequence[Int32[np.ndarray, "_"]],
    title: str = "figure",
) -> None:
    """The same for Bambu Studio and OrcaSlicer: meshes behind components, `paint_color` per triangle."""
    _refuse(figure, palette, colours)
    parts = zip(figure.parts, colours, strict=True)
    objects = [(part.name, [Volume(part.name, part.mesh, index)]) for part, index in parts]
    path.write_bytes(bambu_package(objects, palette, title))


def _refuse(figure: Figure, palette: np.ndarray, colours: Sequence[np.ndarray]) -> None:
    if not figure.parts:
        raise ValueError("the figure has no parts: there is nothing to write into a 3MF")
    for part, index in zip(figure.parts, colours, strict=True):
        if len(index) != len(part.mesh.faces):
            raise ValueError(f"part {part.name}: {len(index)} colours for {len(part.mesh.faces)} triangles")
        if len(index) and not 0 <= int(index.min()) <= int(index.max()) < len(palette):
            raise ValueError(
                f"part {part.name}: colour numbers {int(index.min())} to {int(index.max())}, "
                f"but the palette has {len(palette)} colours"
            )
        if not len(part.mesh.faces) or not np.isfinite(part.mesh.vertices).all():
            raise ValueError(f"part {part.name} is empty or has coordinates that are not numbers")


def package(
    figure: Figure,
    palette: np.ndarray,
    colours: Sequence[np.ndarray],
    title: str,
    supports: frozenset[str] = frozenset(),
) -> bytes:
    """lib3mf's package: standard geometry and colour group, nothing slicer-specific yet.

    Parts named in `supports` become objects of that type. ValueError for an empty figure and wrong colours.
    """
    import lib3mf

    _refuse(figure, palette, colours)
    api: Any = lib3mf.get_wrapper()
    model = api.CreateModel()
    model.SetUnit(lib3mf.ModelUnit.MilliMeter)
    group = model.AddColorGroup()
    ids = [group.AddColor(lib3mf.Color(int(r), int(g), int(b), 255)) for r, g, b in palette]
    for number, (part, index) in enumerate(zip(figure.parts, colours, strict=True)):
        mesh = model.AddMeshObject()
        mesh.SetName(part.name)
        if part.name in supports:
            mesh.SetType(lib3mf.ObjectType.Support)
        _set_geometry(mesh, part.mesh)
        mesh.SetObjectLevelProperty(group.GetResourceID(), ids[0])
        properties = np.empty((len(index), 4), np.uint32)
        properties[:, 0] = group.GetResourceID()
        properties[:, 1:] = np.array(ids, np.uint32)[index][:, None]
        _set_properties(mesh, properties)
        mesh.SetUUID(str(uuid5(NAMESPACE, f"object {number} {part.name}")))
        item = model.AddBuildItem(mesh, api.GetIdentityTransform())
        item.SetUUID(str(uuid5(NAMESPACE, f"item {number} {part.name}")))
    model.SetBuildUUID(str(uuid5(NAMESPACE, f"build {title}")))
    writer = model.QueryWriter("3mf")
    return bytes(writer.WriteToBuffer())


def _set_geometry(mesh: Any, solid: Mesh) -> None:
    """`SetGeometry` without a Python object per vertex: the arrays are handed over as they lie in memory."""
    import lib3mf

    vertices = np.ascontiguousarray(solid.vertices, np.float32).copy()
    faces = np.ascontiguousarray(solid.faces, np.uint32).copy()
    call = mesh._wrapper.lib.lib3mf_meshobject_setgeometry
    code = call(
        mesh._handle,
        ctypes.c_uint64(len(vertices)),
        (lib3mf.Position * len(vertices)).from_buffer(vertices.data),
        ctypes.c_uint64(len(faces)),
        (lib3mf.Triangle * len(faces)).from_buffer(faces.data),
    )
    mesh._wrapper.checkError(mesh, code)


def _set_properties(mesh: Any, properties: np.ndarray) -> None:
    import lib3mf

    call = mesh._wrapper.lib.lib3mf_meshobject_setalltriangleproperties
    buffer = (lib3mf.TriangleProperties * len(properties)).from_buffer(properties.data)
    mesh._wrapper.checkError(mesh, call(mesh._handle, ctypes.c_uint64(len(properties)), buffer))


def _fetch(mesh: Any, name: str, count: int, columns: int, dtype: type) -> np.ndarray:
    """An array of a lib3mf mesh read straight into numpy."""
    array = np.zeros((count, columns), dtype)
    kind = {"getvertices": "Position", "gettriangleindices": "Triangle"}.get(name, "TriangleProperties")
    import lib3mf

    buffer = (getattr(lib3mf, kind) * count).from_buffer(array)
    call = getattr(mesh._wrapper.lib, f"lib3mf_meshobject_{name}")
    needed = ctypes.c_uint64(0)
    mesh._wrapper.checkError(mesh, call(mesh._handle, ctypes.c_uint64(count), ctypes.byref(needed), buffer))
    return array


def _api() -> Any:
    import lib3mf

    return lib3mf.get_wrapper()


def strict_findings(path: Path) -> tuple[str, ...]:
    """What lib3mf's strict reader says: its error and warnings; empty when the file is perfect."""
    import lib3mf

    model: Any = _api().CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    try:
        reader.ReadFromFile(str(path))
    except lib3mf.ELib3MFException as error:
        return (str(error),)
    warnings = [str(reader.GetWarning(k)) for k in range(reader.GetWarningCount())]
    meshes = model.GetMeshObjects()
    while meshes.MoveNext():
        mesh = meshes.GetCurrentMeshObject()
        if not mesh.IsManifoldAndOriented():
            warnings.append(f"object {mesh.GetName()!r} is not manifold and oriented")
    return tuple(warnings)


def read(path: Path) -> tuple[Body, ...]:
    """Every mesh of every build item, placed; ValueError when the file is unreadable or has no mesh."""
    import lib3mf

    if not path.is_file():
        raise ValueError(f"{path}: there is no such file")
    model: Any = _api().CreateModel()
    try:
        model.QueryReader("3mf").ReadFromFile(str(path))
    except lib3mf.ELib3MFException as error:
        raise ValueError(f"{path}: not a readable 3MF ({error}); export it again") from None
    unit = UNITS_MM[int(model.GetUnit())]
    bodies: list[Body] = []
    items = model.GetBuildItems()
    while items.MoveNext():
        item = items.GetCurrent()
        bodies += _bodies(model, item.GetObjectResource(), _matrix(item.GetObjectTransform()), unit)
    if not bodies:
        raise ValueError(f"{path}: the 3MF has no mesh on its build plate")
    return tuple(bodies)


def _matrix(transform: Any) -> Float[np.ndarray, "4 3"]:
    return np.array([[transform.Fields[r][c] for c in range(3)] for r in range(4)], np.float64)


def _bodies(model: Any, found: Any, placed: np.ndarray, unit: float) -> list[Body]:
    if found.IsComponentsObject():
        group = model.GetComponentsObjectByID(found.GetResourceID())
        bodies = []
        for k in range(group.GetComponentCount()):
            component = group.GetComponent(k)
            inner = _matrix(component.GetTransform())
            outer = np.vstack([inner[:3] @ placed[:3], inner[3] @ placed[:3] + placed[3]])
            bodies += _bodies(model, component.GetObjectResource(), outer, unit)
        return bodies
    if not found.IsMeshObject():
        return []
    mesh = model.GetMeshObjectByID(found.GetResourceID())
    vertices = _fetch(mesh, "getvertices", mesh.GetVertexCount(), 3, np.float32)
    faces = _fetch(mesh, "gettriangleindices", mesh.GetTriangleCount(), 3, np.uint32).astype(np.int32)
    points = (vertices.astype(np.float64) @ placed[:3] + placed[3]).astype(np.float32)
    if np.linalg.det(placed[:3]) < 0:
        faces = np.ascontiguousarray(faces[:, ::-1])
    return [Body(mesh.GetName() or found.GetName(), Mesh(points, faces), _colours(model, mesh), unit)]


def _colours(model: Any, mesh: Any) -> UInt8[np.ndarray, "f 3 4"]:
    """Colour groups and base materials, looked up per corner."""
    import lib3mf

    count = mesh.GetTriangleCount()
    properties = _fetch(mesh, "getalltriangleproperties", count, 4, np.uint32)
    out = np.full((count, 3, 4), 255, np.uint8)
    for resource in np.unique(properties[:, 0]):
        if resource == 0:
            continue
        kind = model.GetPropertyTypeByID(int(resource))
        if kind == lib3mf.PropertyType.Colors:
            group = model.GetColorGroupByID(int(resource))
            look_up = group.GetColor
        elif kind == lib3mf.PropertyType.BaseMaterial:
            group = model.GetBaseMaterialGroupByID(int(resource))
            look_up = group.GetDisplayColor
        else:
            continue
        ids = list(group.GetAllPropertyIDs())
        table = np.full((max(ids) + 1, 4), 255, np.uint8)
        for number in ids:
            colour = look_up(number)
            table[number] = (colour.Red, colour.Green, colour.Blue, colour.Alpha)
        chosen = properties[:, 0] == resource
        out[chosen] = table[properties[chosen, 1:]]
    return out


def read_soup(path: Path) -> Soup:
    """All bodies as one soup, turned from +z up to +y up; its unit is the one the file states."""
    bodies = read(path)
    starts = np.cumsum([0, *(len(body.mesh.vertices) for body in bodies)])
    points = np.concatenate([body.mesh.vertices for body in bodies])
    faces = np.concatenate([b.mesh.faces + s for b, s in zip(bodies, starts, strict=False)]).astype(np.int32)
    count = len(faces)
    return Soup(
        vertices=np.ascontiguousarray(points[:, [0, 2, 1]] * np.array([1, 1, -1], np.float32)),
        faces=faces,
        uv=np.zeros((count, 3, 2), np.float32),
        texture=np.full(count, -1, np.int32),
        textures=(),
        colours=np.concatenate([body.colours for body in bodies]),
        unit_mm=bodies[0].unit_mm,
        source=path.name,
        parts=np.repeat(np.arange(len(bodies)), [len(b.mesh.faces) for b in bodies]).astype(np.int32),
        part_names=tuple(body.name or f"part {k + 1}" for k, body in enumerate(bodies)),
    )
