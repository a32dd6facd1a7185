"""GLB: every way a file can be broken is refused in the user's words."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genkei.formats import glb
from tests.formats.probes import character, figure, put_together, taken_apart, triangle, with_texture


def spoiled(key: str, index: int, **entry: Any) -> dict[str, Any]:
    """The triangle's `key` list with one entry changed."""
    rows = triangle()[0][key]
    rows[index] = rows[index] | entry
    return {key: rows}


LOOP = [{"children": [1], "mesh": 0}, {"children": [0]}]
SKIN = {"nodes": [{"mesh": 0, "skin": 0}, {}], "scenes": [{"nodes": [0, 1]}]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"asset": {"version": "1.0"}}, "glTF version 1.0, wanted 2.x"),
        ({"extensionsRequired": ["KHR_draco_mesh_compression"]}, "compressed with Draco"),
        ({"extensionsRequired": ["EXT_meshopt_compression"]}, "compressed with meshopt"),
        ({"extensionsRequired": ["ACME_rocket"]}, "does not know: ACME_rocket"),
        ({"meshes": []}, r"points at meshes\[0\] but holds 0"),
        ({"nodes": [{"name": "empty"}]}, "no triangles"),
        ({"nodes": LOOP}, "hangs on two parents or on itself"),
        ({"buffers": [{"byteLength": 4200}]}, r"buffers\[0\] has 42 of 4200|buffers\[0\] has 44 of 4200"),
        ({"buffers": [{"byteLength": 42, "uri": "mesh.bin"}]}, "another file"),
        ({"buffers": [{"byteLength": 42, "uri": "data:x;base64,@@"}]}, "not valid base64"),
        (spoiled("bufferViews", 0, byteLength=900), "wants bytes 0..900"),
        (spoiled("accessors", 0, count=30), "wants 360 of a buffer view's 36 bytes"),
        (spoiled("accessors", 0, componentType=5124), "does not know"),
        (spoiled("accessors", 1, count=-1), "does not know"),
        (spoiled("accessors", 0, sparse={"count": 1}), "breaks the rules"),
        ({"meshes": [{}]}, "breaks the rules of glTF 2.0"),
        (SKIN | {"skins": [{"joints": [9]}]}, "no triangles|points at"),
    ],
)
def test_broken_trees_are_refused(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    if "skins" in changes:
        attributes = {"POSITION": 0, "JOINTS_0": 1, "WEIGHTS_0": 0}
        changes["meshes"] = [{"primitives": [{"attributes": attributes}]}]
        message = "uses node 9, which is not in the scene"
    with pytest.raises(ValueError, match=message):
        glb.read(put_together(tmp_path / "t.glb", *triangle(**changes)))


def test_broken_numbers_are_refused(tmp_path: Path) -> None:
    tree, binary = triangle()
    nan = np.full(9, np.nan, np.float32).tobytes() + binary[36:]
    with pytest.raises(ValueError, match="NaN or infinite"):
        glb.read(put_together(tmp_path / "t.glb", tree, nan))
    far = np.full(9, 1e30, np.float32).tobytes() + binary[36:]
    with pytest.raises(ValueError, match="vertices at infinity"):
        glb.read(put_together(tmp_path / "t.glb", tree, far))
    index = binary[:36] + np.array([0, 1, 7], np.uint16).tobytes()
    with pytest.raises(ValueError, match="uses vertex 7 of 3"):
        glb.read(put_together(tmp_path / "t.glb", tree, index))
    sparse = {"count": 1, "indices": {"bufferView": 1, "componentType": 5123, "byteOffset": 4}}
    tree["accessors"][0]["sparse"] = sparse | {"values": {"bufferView": 0}}
    with pytest.raises(ValueError, match="changes element 7 of 3"):
        glb.read(put_together(tmp_path / "t.glb", tree, index))


def test_broken_skins_are_refused(tmp_path: Path) -> None:
    glb.write_character(tmp_path / "c.glb", character())
    tree, binary = taken_apart(tmp_path / "c.glb")
    fewer = json.loads(json.dumps(tree))
    fewer["accessors"][fewer["skins"][0]["inverseBindMatrices"]]["count"] = 1
    with pytest.raises(ValueError, match="fewer bind matrices than joints"):
        glb.read(put_together(tmp_path / "t.glb", fewer, binary))
    tree["skins"][0]["joints"] = tree["skins"][0]["joints"][:1]
    with pytest.raises(ValueError, match="and 1 bones"):
        glb.read(put_together(tmp_path / "t.glb", tree, binary))


def test_broken_textures_are_refused(tmp_path: Path) -> None:
    tree, binary = with_texture("OPAQUE")
    tree["images"] = [{"uri": "data:image/png;base64,AAAA"}]
    with pytest.raises(ValueError, match=r"images\[0\] cannot be decoded"):
        glb.read(put_together(tmp_path / "t.glb", tree, binary))
    tree, binary = with_texture("OPAQUE")
    tree["accessors"][2]["count"] = 2
    with pytest.raises(ValueError, match="has 2 TEXCOORD_0 for 3 vertices"):
        glb.read(put_together(tmp_path / "t.glb", tree, binary))


def test_broken_containers_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.glb"
    glb.write_character(path, character())
    raw = path.read_bytes()
    cases = {
        "announces": raw[: len(raw) // 2],
        "only 10 bytes": raw[:10],
        "container version 1": raw[:4] + b"\1\0\0\0" + raw[8:],
        "runs past the file's end": raw[:12] + b"\xff\xff\xff\0" + raw[16:],
        "no JSON chunk": raw[:16] + b"XXXX" + raw[20:],
        "neither a GLB": b"solid cube\n facet",
        "is JSON but not glTF": b'{"a": 1}',
    }
    for message, broken in cases.items():
        path.write_bytes(broken)
        with pytest.raises(ValueError, match=message):
            glb.read(path)
    with pytest.raises(ValueError, match="cannot be read: No such file"):
        glb.read(tmp_path / "absent.glb")


def test_damage_anywhere_is_read_or_refused_with_the_files_name(tmp_path: Path) -> None:
    glb.write_character(tmp_path / "c.glb", character())
    raw = np.frombuffer((tmp_path / "c.glb").read_bytes(), np.uint8)
    rng = np.random.default_rng(7)
    refused = 0
    for _ in range(300):
        broken = raw.copy()
        at = rng.integers(0, 3000, rng.integers(1, 4))
        broken[at] = rng.choice(np.frombuffer(b'0123456789-[]{},:"ax', np.uint8), len(at))
        (tmp_path / "x.glb").write_bytes(broken.tobytes())
        try:
            glb.read(tmp_path / "x.glb")
        except ValueError as error:
            refused += 1
            assert str(error).startswith("x.glb: ")
    assert refused > 100


def test_nothing_to_write_is_our_own_fault(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="no part has faces"):
        glb.write_figure(tmp_path / "f.glb", replace(figure(), parts=()))
