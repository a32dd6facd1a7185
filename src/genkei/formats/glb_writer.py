"""Characters and figures to GLB: one node a part, one shared texture, unlit, skinned when there is a rig."""

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from genkei import __version__
from genkei.formats import png
from genkei.formats.glb_container import BIN_CHUNK, JSON_CHUNK, MAGIC
from genkei.geometry.mesh import distinct_rows, vertex_normals
from genkei.types import Character, Figure, Mesh, Rig

CHARACTER_HEIGHT_M = 1.6
"""A character has no size of its own; viewers and VRM tools expect a person."""
MM_TO_M = 0.001
FLOATS, VERTEX_DATA, INDEX_DATA = 5126, 34962, 34963
TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4", 16: "MAT4"}
INFLUENCES = 4
"""Bones a vertex keeps: what every engine reads."""


def write_character(path: Path, character: Character) -> None:
    """The textured character alone, CHARACTER_HEIGHT_M high, +y up, facing +z; a node per part label.

    With a rig its joints, inverse binds and the four largest weights a vertex are written too.
    Equal characters give equal bytes. Raises OSError when the file cannot be written.
    """
    builder = _Builder()
    mesh = Mesh(character.mesh.vertices * np.float32(CHARACTER_HEIGHT_M), character.mesh.faces)
    normals = vertex_normals(mesh)
    rigged = len(character.rig.names) > 0
    for index, name in enumerate(character.part_names):
        chosen = character.parts == index
        if chosen.any():
            rig = character.rig if rigged else None
            builder.part(name, Mesh(mesh.vertices, mesh.faces[chosen]), normals, character.uv[chosen], rig)
    if rigged:
        builder.skin(character.rig)
    path.write_bytes(builder.finish("character", character.texture))


def write_figure(path: Path, figure: Figure) -> None:
    """The parts as they stand on the bed, in metres, turned to +y up, facing +z; a node per part.

    Equal figures give equal bytes. Raises OSError when the file cannot be written.
    """
    builder = _Builder()
    for part in figure.parts:
        x, y, z = part.mesh.vertices.T * np.float32(MM_TO_M)
        mesh = Mesh(np.ascontiguousarray(np.stack([x, z, -y], 1)), part.mesh.faces)
        builder.part(part.name, mesh, vertex_normals(mesh), part.uv, None)
    path.write_bytes(builder.finish("figure", figure.texture))


@dataclass
class _Builder:
    """Collects buffer views and nodes in order, then packs them."""

    binary: bytearray = field(default_factory=bytearray)
    views: list[dict[str, Any]] = field(default_factory=list)
    accessors: list[dict[str, Any]] = field(default_factory=list)
    meshes: list[dict[str, Any]] = field(default_factory=list)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)
    skins: list[dict[str, Any]] = field(default_factory=list)

    def part(self, name: str, mesh: Mesh, normals: np.ndarray, uv: np.ndarray, rig: Rig | None) -> None:
        """A node with a mesh whose vertices are split where their uv differ."""
        source, corner_uv, faces = _split(mesh.faces, uv)
        attributes = {
            "POSITION": self.accessor(mesh.vertices[source], VERTEX_DATA, bounds=True),
            "NORMAL": self.accessor(_unit(normals[source]), VERTEX_DATA),
            "TEXCOORD_0": self.accessor(corner_uv, VERTEX_DATA),
        }
        if rig is not None:
            joints, weights = _strongest(rig.weights[source])
            attributes["JOINTS_0"] = self.accessor(joints, VERTEX_DATA, component=5123)
            attributes["WEIGHTS_0"] = self.accessor(weights, VERTEX_DATA)
        indices = self.accessor(faces.reshape(-1, 1).astype(np.uint32), INDEX_DATA, component=5125)
        primitive = {"attributes": attributes, "indices": indices, "material": 0}
        self.meshes.append({"name": name, "primitives": [primitive]})
        node: dict[str, Any] = {"name": name, "mesh": len(self.meshes) - 1}
        if rig is not None:
            node["skin"] = 0
        self.roots.append(len(self.nodes))
        self.nodes.append(node)

    def accessor(
        self, rows: np.ndarray, target: int = 0, component: int = FLOATS, bounds: bool = False
    ) -> int:
        """Index of a new accessor over its own buffer view; `target` 0 for data no vertex fetches."""
        view = self.view(np.ascontiguousarray(rows).tobytes(), target)
        entry: dict[str, Any] = {
            "bufferView": view,
            "componentType": component,
            "count": len(rows),
            "type": TYPES[rows.shape[1]],
        }
        if bounds:
            entry |= {"min": rows.min(0).tolist(), "max": rows.max(0).tolist()}
        self.accessors.append(entry)
        return len(self.accessors) - 1

    def view(self, raw: bytes, target: int = 0) -> int:
        """Index of a new buffer view, beginning at a multiple of four bytes."""
        self.binary += bytes(-len(self.binary) % 4)
        entry = {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(raw)}
        self.views.append(entry | ({"target": target} if target else {}))
        self.binary += raw
        return len(self.views) - 1

    def skin(self, rig: Rig) -> None:
        """Joint nodes under one root, bound where they stand."""
        positions = rig.positions * np.float32(CHARACTER_HEIGHT_M)
        first = len(self.nodes)
        children: list[list[int]] = [[] for _ in rig.names]
        for joint, parent in enumerate(rig.parents.tolist()):
            if parent >= 0:
                children[parent].append(first + joint)
        for joint, name in enumerate(rig.names):
            parent = int(rig.parents[joint])
            offset = positions[joint] - (positions[parent] if parent >= 0 else 0)
            node: dict[str, Any] = {"name": name, "translation": offset.tolist()}
            self.nodes.append(node | ({"children": children[joint]} if children[joint] else {}))
        tops = [first + joint for joint, parent in enumerate(rig.parents.tolist()) if parent < 0]
        self.roots.append(len(self.nodes))
        self.nodes.append({"name": "skeleton", "children": tops})
        binds = np.tile(np.eye(4, dtype=np.float32), (len(rig.names), 1, 1))
        binds[:, 3, :3] = -positions  # column-major: the translation is the last row
        joints = list(range(first, first + len(rig.names)))
        matrices = self.accessor(binds.reshape(-1, 16))
        self.skins.append({"joints": joints, "inverseBindMatrices": matrices, "skeleton": self.roots[-1]})

    def finish(self, name: str, texture: np.ndarray) -> bytes:
        """The whole file."""
        assert self.meshes, "nothing to write: no part has faces"
        image = self.view(png.encode(texture))
        self.binary += bytes(-len(self.binary) % 4)
        material = {
            "name": "paint",
            "pbrMetallicRoughness": {
                "baseColorTexture": {"index": 0},
                "metallicFactor": 0.0,
                "roughnessFactor": 1.0,
            },
            "extensions": {"KHR_materials_unlit": {}},
        }
        tree: dict[str, Any] = {
            "asset": {"version": "2.0", "generator": f"genkei {__version__}"},
            "extensionsUsed": ["KHR_materials_unlit"],
            "scene": 0,
            "scenes": [{"name": name, "nodes": self.roots}],
            "nodes": self.nodes,
            "meshes": self.meshes,
            "materials": [material],
            "textures": [{"sampler": 0, "source": 0}],
            "samplers": [{"magFilter": 9729, "minFilter": 9987, "wrapS": 33071, "wrapT": 33071}],
            "images": [{"name": "paint", "bufferView": image, "mimeType": "image/png"}],
            "accessors": self.accessors,
            "bufferViews": self.views,
            "buffers": [{"byteLength": len(self.binary)}],
        }
        if self.skins:
            tree["skins"] = self.skins
        return pack(tree, bytes(self.binary))


def pack(tree: dict[str, Any], binary: bytes) -> bytes:
    """A GLB of a JSON tree and its binary chunk; equal inputs give equal bytes."""
    text = json.dumps(tree, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    binary += bytes(-len(binary) % 4)
    chunks = struct.pack("<II", len(text), JSON_CHUNK) + text
    if binary:
        chunks += struct.pack("<II", len(binary), BIN_CHUNK) + binary
    return MAGIC + struct.pack("<II", 2, 12 + len(chunks)) + chunks


def _split(faces: np.ndarray, uv: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Source vertex and uv of every written vertex, and faces over them: one per distinct (vertex, uv)."""
    corner_uv = (uv.reshape(-1, 2) + np.float32(0)).astype(np.float32)  # -0 becomes 0
    rows = np.column_stack([faces.ravel().astype(np.int32), corner_uv.view(np.int32)])
    first, inverse = distinct_rows(rows)
    return faces.ravel()[first], corner_uv[first], inverse.reshape(-1, 3)


def _unit(normals: np.ndarray) -> np.ndarray:
    """Unit normals; upward where a vertex has none."""
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    upward = np.array([0, 1, 0], np.float32)
    return np.where(length > 0.5, normals / np.maximum(length, 1e-9), upward).astype(np.float32)


def _strongest(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """uint16 joints and float32 weights [v, 4]: the largest, summing to 1; unused slots are joint 0."""
    wide = np.pad(weights, ((0, 0), (0, max(0, INFLUENCES - weights.shape[1]))))
    joints = np.argsort(-wide, axis=1, kind="stable")[:, :INFLUENCES]
    strongest = np.take_along_axis(wide, joints, 1)
    strongest = (strongest / strongest.sum(1, keepdims=True)).astype(np.float32)
    return np.where(strongest > 0, joints, 0).astype(np.uint16), strongest
