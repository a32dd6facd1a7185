"""What slicers add to 3MF: painted colours per triangle, in the words of PrusaSlicer and of Bambu Studio.

Both store a triangle's painting as the nibbles of a refinement tree; for a triangle painted as a whole
that is one code per extruder, the same in both.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from jaxtyping import Int32, UInt8

from genkei.types import Mesh

SLIC3R = "http://schemas.slic3r.org/3mf/2017/06"
CORE = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
BAMBU = "http://schemas.bambulab.com/package/2021"
PRODUCTION = "http://schemas.microsoft.com/3dmanufacturing/production/2015/06"
MOST_EXTRUDERS = 16
"""Slicers know 16 extruders; with more colours only the standard colour group is written."""
_EPOCH = (1980, 1, 1, 0, 0, 0)


def paint_code(extruder: int) -> str:
    """Code of a triangle painted whole for extruder 1, 2, 3, ...: 4, 8, 0C, 1C, 2C, ..."""
    if not 1 <= extruder <= MOST_EXTRUDERS:
        raise ValueError(f"extruder {extruder}: slicers know 1 to {MOST_EXTRUDERS}")
    return f"{extruder * 4:X}" if extruder < 3 else f"{extruder - 3:X}C"


def prusa_package(package: bytes, colours: int, title: str) -> bytes:
    """lib3mf's package with PrusaSlicer's painting beside every standard colour; same bytes every time."""
    files: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        for name in archive.namelist():
            files[name] = archive.read(name)
    model = files["3D/3dmodel.model"].decode()
    head, rest = model.split("<resources>", 1)
    metadata = (
        f'<metadata name="Title">{escape(title)}</metadata>\n\t'
        '<metadata name="Application">genkei</metadata>\n\t'
        '<metadata name="slic3rpe:Version3mf">1</metadata>\n\t'
        '<metadata name="slic3rpe:MmPaintingVersion">1</metadata>\n\t'
    )
    if 1 < colours <= MOST_EXTRUDERS:
        rest = _painted(rest, colours)
    head = head.replace("<model ", f'<model xmlns:slic3rpe="{SLIC3R}" ', 1)
    files["3D/3dmodel.model"] = f"{head}{metadata}<resources>{rest}".encode()
    return _zip(files)


def added(package: bytes, name: str, content: bytes) -> bytes:
    """The package with one file more."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        files = {inside: archive.read(inside) for inside in archive.namelist()}
    return _zip({**files, name: content})


def _painted(body: str, colours: int) -> str:
    """Every triangle line ends in its palette index, or in v3 when it has the object's first colour."""
    attribute = "slic3rpe:mmu_segmentation"
    for index in range(colours):
        body = body.replace(f' p1="{index}" />', f' p1="{index}" {attribute}="{paint_code(index + 1)}"/>')
    before, *meshes = body.split("<triangles>")
    first = f' {attribute}="{paint_code(1)}"/>'
    painted = []
    for mesh in meshes:
        triangles, after = mesh.split("</triangles>", 1)
        painted.append(f"{triangles.replace(' />', first)}</triangles>{after}")
    return "<triangles>".join([before, *painted])


@dataclass(frozen=True)
class Volume:
    """One of the solids that an object is made of."""

    name: str
    mesh: Mesh
    index: Int32[np.ndarray, "_"]
    """Palette number per triangle, written as paint; of no length where the solid has one filament."""
    extruder: int = 1
    """Which filament prints what is not painted: 1, 2, ..."""


def bambu_package(
    objects: Sequence[tuple[str, Sequence[Volume]]], palette: UInt8[np.ndarray, "n 3"], title: str
) -> bytes:
    """Layout of Bambu Studio and OrcaSlicer: an `object_K.model` an object, a component a solid of it."""
    files = {
        "[Content_Types].xml": (
            b'<?xml version="1.0" encoding="UTF-8"?>\n'
            b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
            b'<Default Extension="rels" '
            b'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            b'<Default Extension="model" '
            b'ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/>'
            b'<Default Extension="config" ContentType="text/xml"/></Types>'
        ),
        "_rels/.rels": _relations(["/3D/3dmodel.model"]),
        "3D/3dmodel.model": _root(objects, title),
        "3D/_rels/3dmodel.model.rels": _relations(
            [f"/3D/Objects/object_{k + 1}.model" for k in range(len(objects))]
        ),
    }
    for number, ((_, volumes), (ids, _)) in enumerate(zip(objects, _ids(objects), strict=True), 1):
        meshes = "".join(_mesh(k, one, len(palette)) for k, one in zip(ids, volumes, strict=True))
        files[f"3D/Objects/object_{number}.model"] = _model(f"<resources>\n{meshes}</resources>\n<build/>\n")
    files["Metadata/model_settings.config"] = _settings(objects)
    files["Metadata/project_settings.config"] = _filaments(palette)
    return _zip(files)


def _ids(objects: Sequence[tuple[str, Sequence[Volume]]]) -> list[tuple[range, int]]:
    """Of every object the numbers of its solids and, after them, its own."""
    found, first = [], 1
    for _, volumes in objects:
        found.append((range(first, first + len(volumes)), first + len(volumes)))
        first += len(volumes) + 1
    return found


def _relations(targets: Sequence[str]) -> bytes:
    kind = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
    rows = "".join(
        f'<Relationship Target="{target}" Id="rel-{k + 1}" Type="{kind}"/>'
        for k, target in enumerate(targets)
    )
    space = "http://schemas.openxmlformats.org/package/2006/relationships"
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f'{head}<Relationships xmlns="{space}">{rows}</Relationships>'.encode()


def _model(inside: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<model unit="millimeter" xml:lang="en-US" xmlns="{CORE}" '
        f'xmlns:BambuStudio="{BAMBU}" xmlns:p="{PRODUCTION}" requiredextensions="p">\n{inside}</model>\n'
    ).encode()


def _root(objects: Sequence[tuple[str, Sequence[Volume]]], title: str) -> bytes:
    rows, items = "", ""
    for number, ((name, _), (ids, own)) in enumerate(zip(objects, _ids(objects), strict=True), 1):
        path = f"/3D/Objects/object_{number}.model"
        components = "".join(f'<component p:path="{path}" objectid="{k}"/>' for k in ids)
        rows += (
            f'<object id="{own}" type="model" name={quoteattr(name)}><components>'
            f"{components}</components></object>\n"
        )
        items += f'<item objectid="{own}"/>\n'
    return _model(
        '<metadata name="Application">genkei</metadata>\n'
        '<metadata name="BambuStudio:3mfVersion">1</metadata>\n'
        f'<metadata name="Title">{escape(title)}</metadata>\n'
        f"<resources>\n{rows}</resources>\n<build>\n{items}</build>\n"
    )


def _mesh(number: int, volume: Volume, colours: int) -> str:
    """One mesh; rows are formatted by whole-array string joins."""
    mesh, index = volume.mesh, volume.index
    points = "".join(
        ['<vertex x="%.6g" y="%.6g" z="%.6g"/>\n' % row for row in map(tuple, mesh.vertices.tolist())]  # noqa: UP031
    )
    codes = [""] * colours
    if len(index) and 1 < colours <= MOST_EXTRUDERS:
        codes = [f' paint_color="{paint_code(k + 1)}"' for k in range(colours)]
    shown = index.tolist() if len(index) else [0] * len(mesh.faces)
    rows = zip(mesh.faces.tolist(), shown, strict=True)
    triangles = "".join([f'<triangle v1="{a}" v2="{b}" v3="{c}"{codes[k]}/>\n' for (a, b, c), k in rows])
    return (
        f'<object id="{number}" type="model">\n<mesh>\n<vertices>\n{points}</vertices>\n'
        f"<triangles>\n{triangles}</triangles>\n</mesh>\n</object>\n"
    )


def _settings(objects: Sequence[tuple[str, Sequence[Volume]]]) -> bytes:
    """Names and extruders of every object and its solids, as Bambu Studio stores them."""
    rows = ""
    for (name, volumes), (ids, own) in zip(objects, _ids(objects), strict=True):
        parts = "".join(
            f'<part id="{k}" subtype="normal_part"><metadata key="name" value={quoteattr(one.name)}/>'
            + (f'<metadata key="extruder" value="{one.extruder}"/>' if len(volumes) > 1 else "")
            + "</part>"
            for k, one in zip(ids, volumes, strict=True)
        )
        rows += (
            f'<object id="{own}"><metadata key="name" value={quoteattr(name)}/>'
            f'<metadata key="extruder" value="{volumes[0].extruder}"/>{parts}</object>\n'
        )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<config>\n{rows}</config>\n'.encode()


def _filaments(palette: np.ndarray) -> bytes:
    colours = ", ".join(f'"#{r:02X}{g:02X}{b:02X}"' for r, g, b in palette[:MOST_EXTRUDERS].tolist())
    return f'{{"filament_colour": [{colours}]}}\n'.encode()


def _zip(files: dict[str, bytes]) -> bytes:
    """A zip whose bytes depend on nothing but the files: fixed dates, order as given."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=5) as archive:
        for name, data in files.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return buffer.getvalue()
