"""The outside of glTF 2.0: the binary container, buffers and accessors, checked before they are believed."""

import base64
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import numpy as np

MAGIC = b"glTF"
JSON_CHUNK, BIN_CHUNK = 0x4E4F534A, 0x004E4942
COMPONENTS: dict[int, type] = {
    5120: np.int8,
    5121: np.uint8,
    5122: np.int16,
    5123: np.uint16,
    5125: np.uint32,
    5126: np.float32,
}
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}
MOST_ELEMENTS = 100_000_000
"""More than this in one accessor is refused: a sparse accessor could ask for any amount of memory."""
COMPRESSED = {
    "KHR_draco_mesh_compression": "Draco",
    "EXT_meshopt_compression": "meshopt",
    "KHR_meshopt_compression": "meshopt",
    "KHR_texture_basisu": "KTX2 textures",
}
UNDERSTOOD = {
    "KHR_texture_transform",
    "KHR_mesh_quantization",
    "KHR_materials_unlit",
    "KHR_materials_pbrSpecularGlossiness",
    "EXT_texture_webp",
    "VRM",
    "VRMC_vrm",
    "VRMC_materials_mtoon",
    "VRMC_springBone",
    "VRMC_node_constraint",
}
"""Required extensions the reader honours or may ignore without changing the bare coloured surface."""


def damaged(name: str, found: str) -> ValueError:
    """The refusal of a file that contradicts itself."""
    return ValueError(f"{name}: {found}: the file is cut off or damaged; export or download it again")


@dataclass(frozen=True)
class Document:
    """A parsed glTF file: the JSON tree and its buffers."""

    name: str
    tree: dict[str, Any]
    buffers: tuple[bytes, ...]

    def item(self, kind: str, index: int) -> dict[str, Any]:
        """`tree[kind][index]`; ValueError when the file points at something it doesn't hold."""
        items = self.tree.get(kind, [])
        if not isinstance(index, int) or not 0 <= index < len(items):
            raise damaged(self.name, f"it points at {kind}[{index}] but holds {len(items)}")
        return items[index]

    def view(self, index: int) -> memoryview:
        """Bytes of a buffer view."""
        view = self.item("bufferViews", index)
        self.item("buffers", view["buffer"])
        start, length = view.get("byteOffset", 0), view["byteLength"]
        data = self.buffers[view["buffer"]]
        if start < 0 or length < 0 or start + length > len(data):
            found = f"bufferViews[{index}] wants bytes {start}..{start + length} of {len(data)}"
            raise damaged(self.name, found)
        return memoryview(data)[start : start + length]

    def array(self, index: int) -> np.ndarray:
        """An accessor as stored, [n, width], sparse values applied; normalised integers become floats."""
        accessor = self.item("accessors", index)
        count, width = accessor["count"], WIDTHS.get(accessor["type"], 0)
        component = COMPONENTS.get(accessor["componentType"])
        if component is None or not width or not 0 <= count <= MOST_ELEMENTS:
            raise ValueError(
                f"{self.name}: accessors[{index}] has {count} elements of type {accessor['type']}, component "
                f"{accessor['componentType']}, which this reader does not know; export it again"
            )
        values = np.zeros((count, width), component)
        if "bufferView" in accessor:
            values = self._strided(accessor, index, component, width)
        if "sparse" in accessor:
            values = self._with_sparse(values, accessor["sparse"], index)
        if accessor.get("normalized", False) and component is not np.float32:
            limit = np.iinfo(component).max
            values = np.maximum(values.astype(np.float32) / limit, -1)
        if values.dtype == np.float32 and not np.isfinite(values).all():
            raise damaged(self.name, f"accessors[{index}] holds NaN or infinite numbers")
        return values

    def _strided(self, accessor: dict[str, Any], index: int, component: type, width: int) -> np.ndarray:
        view = self.item("bufferViews", accessor["bufferView"])
        data = self.view(accessor["bufferView"])
        size = width * np.dtype(component).itemsize
        count, start, stride = accessor["count"], accessor.get("byteOffset", 0), view.get("byteStride", size)
        end = start + (count - 1) * stride + size if count else start
        if start < 0 or stride < size or end > len(data):
            raise damaged(self.name, f"accessors[{index}] wants {end} of a buffer view's {len(data)} bytes")
        rows = np.ndarray((count, size), np.uint8, data, start, (stride, 1))
        return np.ascontiguousarray(rows).view(np.dtype(component).newbyteorder("<")).reshape(count, width)

    def _with_sparse(self, values: np.ndarray, sparse: dict[str, Any], index: int) -> np.ndarray:
        count = sparse["count"]
        kinds = (COMPONENTS[sparse["indices"]["componentType"]], values.dtype)
        rows, new = (
            np.frombuffer(
                self.view(block["bufferView"]), np.dtype(kind), count * width, block.get("byteOffset", 0)
            )
            for block, kind, width in zip(
                (sparse["indices"], sparse["values"]), kinds, (1, values.shape[1]), strict=True
            )
        )
        if count and int(rows.max()) >= len(values):
            found = f"accessors[{index}] changes element {int(rows.max())} of {len(values)}"
            raise damaged(self.name, found)
        changed = values.copy()
        changed[rows.astype(np.int64)] = new.reshape(count, -1)
        return changed


def open_document(path: Path) -> Document:
    """Parse a .glb, .vrm or self-contained .gltf; ValueError says what is wrong with the file."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ValueError(
            f"{path}: cannot be read: {error.strerror}; check the name and the rights"
        ) from error
    text, binary = _chunks(raw, path.name) if raw[:4] == MAGIC else (raw, b"")
    try:
        tree = json.loads(text)
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(
            f"{path.name}: found neither a GLB (it would begin with 'glTF') nor glTF JSON; wanted a .glb, "
            ".vrm or .gltf file: check that the name's ending tells the truth"
        ) from error
    if not isinstance(tree, dict) or "asset" not in tree:
        raise ValueError(f"{path.name}: is JSON but not glTF: it has no 'asset'; wanted a glTF 2.0 file")
    if not str(tree["asset"].get("version", "")).startswith("2."):
        raise ValueError(
            f"{path.name}: glTF version {tree['asset'].get('version')}, wanted 2.x; convert it (Blender can)"
        )
    _refuse_unknown(tree, path.name)
    buffers = tuple(_buffer(b, k, binary, path.name) for k, b in enumerate(tree.get("buffers", [])))
    return Document(path.name, tree, buffers)


def _chunks(raw: bytes, name: str) -> tuple[bytes, bytes]:
    if len(raw) < 20:
        raise damaged(name, f"it is only {len(raw)} bytes long")
    version, length = struct.unpack_from("<II", raw, 4)
    if version != 2:
        raise ValueError(f"{name}: GLB container version {version}, wanted 2; export it again as glTF 2.0")
    if length > len(raw):
        raise damaged(name, f"it has {len(raw)} of the {length} bytes it announces")
    chunks: dict[int, bytes] = {}
    at = 12
    while at + 8 <= length:
        size, kind = struct.unpack_from("<II", raw, at)
        if at + 8 + size > length:
            raise damaged(name, f"a chunk at byte {at} runs past the file's end")
        chunks.setdefault(kind, raw[at + 8 : at + 8 + size])
        at += 8 + size + (-size % 4)
    if JSON_CHUNK not in chunks:
        raise damaged(name, "the GLB holds no JSON chunk")
    return chunks[JSON_CHUNK], chunks.get(BIN_CHUNK, b"")


def _refuse_unknown(tree: dict[str, Any], name: str) -> None:
    required = set(tree.get("extensionsRequired", []))
    packed = sorted({COMPRESSED[e] for e in required if e in COMPRESSED})
    if packed:
        raise ValueError(
            f"{name}: is compressed with {', '.join(packed)}, which genkei cannot unpack; export it without "
            "compression, or run `gltf-transform copy in.glb out.glb`"
        )
    unknown = sorted(required - UNDERSTOOD)
    if unknown:
        raise ValueError(
            f"{name}: needs glTF extensions this reader does not know: {', '.join(unknown)}; export it "
            "without them"
        )


def _buffer(buffer: dict[str, Any], index: int, binary: bytes, name: str) -> bytes:
    uri = buffer.get("uri")
    data = binary if uri is None else data_uri(uri, name)
    if len(data) < buffer["byteLength"]:
        raise damaged(name, f"buffers[{index}] has {len(data)} of {buffer['byteLength']} bytes")
    return data


def data_uri(uri: str, name: str) -> bytes:
    """Bytes inside a `data:` URI; ValueError for anything outside the file."""
    if not uri.startswith("data:") or "," not in uri:
        raise ValueError(
            f"{name}: keeps part of itself in another file ({uri[:60]}); pack it into one .glb and try again"
        )
    head, body = uri.split(",", 1)
    if not head.endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise damaged(name, "an embedded block is not valid base64") from error
