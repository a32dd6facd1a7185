"""Small figures and files that the format tests write and read."""

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from genkei.formats.glb_writer import pack
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
