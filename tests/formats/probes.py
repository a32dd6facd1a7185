"""Small figures and files that the format tests write and read."""

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from genkei.formats.glb_writer import pack
from genkei.formats.png import encode
from genkei.types import Character, Figure, Mesh, Part, Rig

BOX = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], np.float32)
SIDES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
"""Corners of -x, +x, -y, +y, -z, +z, counter-clockwise from outside."""
COLOURS = np.array(
    [[230, 20, 20], [20, 200, 40], [30, 40, 220], [240, 220, 30], [200, 30, 200], [20, 210, 210]], np.uint8
)


def box(low: tuple[float, ...], high: tuple[float, ...]) -> Mesh:
    """A closed box, twelve faces, two a side in the order of SIDES."""
    faces = [
        (a, b, c) for side in SIDES for a, b, c in ((side[0], side[1], side[2]), (side[0], side[2], side[3]))
    ]
    size = np.array(high, np.float32) - np.array(low, np.float32)
    return Mesh((BOX * size + np.array(low, np.float32)).astype(np.float32), np.array(faces, np.int32))


def palette_texture() -> np.ndarray:
    """64 x 64: six vertical stripes of COLOURS."""
    return np.ascontiguousarray(np.broadcast_to(COLOURS[np.arange(64) * 6 // 64], (64, 64, 3)))


def side_uv(face_count: int) -> np.ndarray:
    """Every side of every box wholly inside its own stripe, its corners at different places."""
    side = np.arange(face_count) // 2 % 6
    u = (side[:, None] + np.array([0.4, 0.5, 0.6])) / 6
    v = np.broadcast_to([0.2, 0.8, 0.5], u.shape)
    return np.stack([u, v], -1).astype(np.float32)


def character(rigged: bool = True) -> Character:
    """A body box and a head box, apart, in character space; three joints."""
    body, head = box((-0.2, 0, -0.1), (0.2, 0.7, 0.1)), box((-0.15, 0.72, -0.1), (0.15, 1, 0.2))
    vertices = np.concatenate([body.vertices, head.vertices])
    faces = np.concatenate([body.faces, head.faces + 8])
    rig = Rig.empty(16)
    if rigged:
        weights = np.zeros((16, 3), np.float32)
        weights[:8, 0], weights[:8, 1], weights[8:, 2] = 0.25, 0.75, 1
        positions = np.array([[0, 0.4, 0], [0, 0.6, 0], [0, 0.72, 0.02]], np.float32)
        rig = Rig(("hips", "spine", "head"), np.array([-1, 0, 1], np.int32), positions, weights)
    parts = np.repeat(np.array([0, 1], np.int32), 12)
    drawn = np.ones((64, 64), np.float32)
    return Character(
        Mesh(vertices, faces), side_uv(24), palette_texture(), drawn, parts, ("body", "head"), rig
    )


def figure() -> Figure:
    """A base slab and a box on it, in millimetres."""
    base, body = box((-30, -30, 0), (30, 30, 5)), box((-10, -12, 5), (10, 8, 105))
    parts = (Part("base", base, side_uv(12)), Part("body", body, side_uv(12)))
    return Figure(parts, palette_texture(), 100.0, 5.0)


def taken_apart(path: Path) -> tuple[dict[str, Any], bytes]:
    """The JSON tree and the binary chunk of a GLB."""
    raw = path.read_bytes()
    size = struct.unpack_from("<I", raw, 12)[0]
    return json.loads(raw[20 : 20 + size]), raw[28 + size :]


def put_together(path: Path, tree: dict[str, Any], binary: bytes) -> Path:
    path.write_bytes(pack(tree, binary))
    return path


def triangle(**changes: Any) -> tuple[dict[str, Any], bytes]:
    """A one-triangle file as JSON and binary; keyword arguments replace top-level entries."""
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    index = np.array([0, 1, 2], np.uint16)
    tree = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0, "name": "sail"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5123, "count": 3, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 36},
            {"buffer": 0, "byteOffset": 36, "byteLength": 6},
        ],
        "buffers": [{"byteLength": 42}],
    }
    return tree | changes, points.tobytes() + index.tobytes()


def with_texture(alpha_mode: str, **slot: Any) -> tuple[dict[str, Any], bytes]:
    """The triangle, all corners at uv (.25, .5) of a 2 x 1 texture: red alpha 255, blue alpha 51."""
    tree, binary = triangle()
    picture = encode(np.array([[[255, 0, 0, 255], [0, 0, 255, 51]]], np.uint8))
    binary += bytes(2) + np.full((3, 2), (0.25, 0.5), np.float32).tobytes()
    tree["bufferViews"].append({"buffer": 0, "byteOffset": 44, "byteLength": 24})
    tree["accessors"].append({"bufferView": 2, "componentType": 5126, "count": 3, "type": "VEC2"})
    primitive = tree["meshes"][0]["primitives"][0]
    primitive["attributes"]["TEXCOORD_0"] = 2
    primitive["material"] = 0
    pbr = {"baseColorTexture": {"index": 0} | slot}
    tree["materials"] = [{"pbrMetallicRoughness": pbr, "alphaMode": alpha_mode}]
    tree["textures"] = [{"source": 0}]
    tree["images"] = [{"uri": "data:image/png;base64," + base64.b64encode(picture).decode()}]
    tree["buffers"][0]["byteLength"] = len(binary)
    return tree, binary
