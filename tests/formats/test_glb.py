"""GLB: what is written is read again; skins, accessors, materials and frames by hand."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genkei.formats import glb
from genkei.formats.glb_writer import CHARACTER_HEIGHT_M
from genkei.formats.soup import Soup, soup_colours
from genkei.geometry.mesh import volume
from genkei.types import Mesh
from tests.formats.probes import COLOURS, character, figure, put_together, taken_apart, triangle, with_texture


def side_colours(soup: Soup) -> np.ndarray:
    index = np.arange(len(soup.faces))
    return soup_colours(soup, index, np.full((len(index), 3), 1 / 3, np.float32))


def read_changed(folder: Path, **changes: Any) -> Soup:
    return glb.read(put_together(folder / "t.glb", *triangle(**changes)))


@pytest.mark.parametrize("rigged", [False, True])
def test_a_character_keeps_volume_colours_names_and_joints(tmp_path: Path, rigged: bool) -> None:
    made = character(rigged)
    glb.write_character(tmp_path / "c.glb", made)
    soup = glb.read(tmp_path / "c.glb")
    wanted = volume(made.mesh) * CHARACTER_HEIGHT_M**3
    assert volume(Mesh(soup.vertices, soup.faces)) == pytest.approx(wanted, rel=1e-5)
    assert (side_colours(soup)[:, :3] == COLOURS[np.arange(24) // 2 % 6]).all()
    assert soup.part_names == made.part_names
    assert (soup.parts == made.parts).all()
    assert soup.unit_mm == 1000
    assert soup.joint_names == made.rig.names
    assert np.allclose(soup.joint_positions, made.rig.positions * CHARACTER_HEIGHT_M, atol=1e-6)


def test_a_figure_stands_upright_in_metres_and_faces_the_viewer(tmp_path: Path) -> None:
    made = figure()
    glb.write_figure(tmp_path / "f.glb", made)
    soup = glb.read(tmp_path / "f.glb")
    assert np.allclose(soup.bounds * 1000, [[-30, 0, -30], [30, 105, 30]], atol=1e-3)
    body = soup.faces[soup.parts == soup.part_names.index("body")]
    assert soup.vertices[body][..., 2].max() == pytest.approx(0.012)  # y = -12 mm is the face's side
    assert volume(Mesh(soup.vertices, soup.faces)) * 1e9 == pytest.approx(
        sum(volume(part.mesh) for part in made.parts), rel=1e-5
    )


def test_equal_inputs_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        glb.write_character(tmp_path / name, character())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_posed_skin_equals_the_hand_computed_vertices(tmp_path: Path) -> None:
    made = character()
    glb.write_character(tmp_path / "c.glb", made)
    tree, binary = taken_apart(tmp_path / "c.glb")
    head = next(node for node in tree["nodes"] if node["name"] == "head" and "mesh" not in node)
    half = np.pi / 6
    head["rotation"] = [0.0, float(np.sin(half)), 0.0, float(np.cos(half))]  # 60 degrees about y
    spine = next(node for node in tree["nodes"] if node["name"] == "spine")
    spine["translation"] = [spine["translation"][0] + 0.4, *spine["translation"][1:]]
    soup = glb.read(put_together(tmp_path / "posed.glb", tree, binary))
    cos, sin = np.cos(2 * half), np.sin(2 * half)
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    rest = made.mesh.vertices.astype(np.float64) * CHARACTER_HEIGHT_M
    pivot = made.rig.positions[2].astype(np.float64) * CHARACTER_HEIGHT_M
    wanted = rest + np.array([0.75 * 0.4, 0, 0])  # the body hangs three quarters on the spine
    wanted[8:] = (rest[8:] - pivot) @ turn.T + pivot + [0.4, 0, 0]
    found = soup.vertices[soup.faces]
    assert np.allclose(found, wanted[made.mesh.faces], atol=1e-5)


def test_vrm_0_is_turned_to_face_the_viewer_and_names_its_bones(tmp_path: Path) -> None:
    glb.write_character(tmp_path / "c.glb", character())
    plain = glb.read(tmp_path / "c.glb")
    tree, binary = taken_apart(tmp_path / "c.glb")
    bone = next(k for k, node in enumerate(tree["nodes"]) if node["name"] == "spine")
    tree["extensions"] = {"VRM": {"humanoid": {"humanBones": [{"bone": "chest", "node": bone}]}}}
    old = glb.read(put_together(tmp_path / "old.vrm", tree, binary))
    assert np.allclose(old.vertices, plain.vertices * [-1, 1, -1])
    assert "chest" in old.joint_names
    tree["extensions"] = {"VRMC_vrm": {"humanoid": {"humanBones": {"neck": {"node": bone}}}}}
    new = glb.read(put_together(tmp_path / "new.vrm", tree, binary))
    assert np.allclose(new.vertices, plain.vertices)
    assert "neck" in new.joint_names


def test_node_transforms_mirrors_and_morphs(tmp_path: Path) -> None:
    nodes = [
        {"children": [1], "translation": [0, 0, 5]},
        {"mesh": 0, "scale": [-2, 1, 1]},
    ]
    soup = read_changed(tmp_path, nodes=nodes)
    assert np.allclose(soup.bounds, [[-2, 0, 5], [0, 1, 5]])
    a, b, c = soup.vertices[soup.faces[0]]
    assert np.cross(b - a, c - a)[2] > 0  # a mirrored face still looks to +z
    matrix = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 7, 8, 9, 1]
    assert np.allclose(read_changed(tmp_path, nodes=[{"mesh": 0, "matrix": matrix}]).bounds[0], [7, 8, 9])
    primitive = {"attributes": {"POSITION": 0}, "indices": 1, "targets": [{"POSITION": 0}]}
    meshes = [{"primitives": [primitive], "weights": [0.5]}]
    assert np.allclose(read_changed(tmp_path, meshes=meshes).bounds[1], [1.5, 1.5, 0])


@pytest.mark.parametrize(("mode", "count"), [(4, 2), (5, 4), (6, 4)])
def test_lists_strips_and_fans(tmp_path: Path, mode: int, count: int) -> None:
    angle = np.linspace(0, np.pi, 6)
    fan = np.stack([np.cos(angle), np.sin(angle), 0 * angle], 1).astype(np.float32)
    strip = np.array([[k // 2, k % 2, 0] for k in range(6)], np.float32)[:, [0, 1, 2]]
    points = fan if mode == 6 else strip
    tree, _ = triangle(meshes=[{"primitives": [{"attributes": {"POSITION": 0}, "mode": mode}]}])
    tree["accessors"][0]["count"] = 6
    tree["bufferViews"][0]["byteLength"] = 72
    tree["buffers"][0]["byteLength"] = 72
    soup = glb.read(put_together(tmp_path / "s.glb", tree, points.tobytes()))
    assert len(soup.faces) == count
    if mode != 4:
        a, b, c = np.moveaxis(soup.vertices[soup.faces], 1, 0)
        assert len(set(np.sign(np.cross(b - a, c - a)[:, 2]))) == 1  # all turn the same way


def test_sparse_normalised_and_strided_accessors(tmp_path: Path) -> None:
    tree, binary = triangle()
    binary += bytes(2) + np.array([1], np.uint16).tobytes() + bytes(2)
    binary += np.array([3, 0, 0], np.float32).tobytes()
    tree["bufferViews"] += [
        {"buffer": 0, "byteOffset": 44, "byteLength": 2},
        {"buffer": 0, "byteOffset": 48, "byteLength": 12},
    ]
    tree["buffers"][0]["byteLength"] = len(binary)
    tree["accessors"][0]["sparse"] = {
        "count": 1,
        "indices": {"bufferView": 2, "componentType": 5123},
        "values": {"bufferView": 3},
    }
    assert glb.read(put_together(tmp_path / "sparse.glb", tree, binary)).bounds[1, 0] == 3
    packed = np.array([[0, 0, 0, 9], [32767, 0, 0, 9], [0, -32768, 0, 9]], np.int16)  # KHR_mesh_quantization
    tree, binary = triangle(extensionsRequired=["KHR_mesh_quantization"])
    tree["accessors"][0] |= {"componentType": 5122, "normalized": True}
    tree["bufferViews"][0] |= {"byteLength": 24, "byteStride": 8}
    soup = glb.read(put_together(tmp_path / "quantised.glb", tree, packed.tobytes() + binary[24:]))
    assert np.allclose(soup.bounds, [[0, -1, 0], [1, 0, 0]])


@pytest.mark.parametrize(("mode", "shown"), [("OPAQUE", 255), ("MASK", 51), ("BLEND", 51)])
def test_alpha_modes_and_texture_transforms(tmp_path: Path, mode: str, shown: int) -> None:
    move = {"extensions": {"KHR_texture_transform": {"offset": [0.5, 0.0]}}}
    soup = glb.read(put_together(tmp_path / "t.glb", *with_texture(mode, **move)))
    assert tuple(side_colours(soup)[0]) == (0, 0, 255, shown)
    assert soup.shows_alpha.any() == (mode != "OPAQUE")
    turned = {"extensions": {"KHR_texture_transform": {"rotation": np.pi, "scale": [1.0, 1.0]}}}
    soup = glb.read(put_together(tmp_path / "t.glb", *with_texture(mode, **turned)))
    assert tuple(side_colours(soup)[0][[0, 2]]) == (0, 255)  # (-.25, -.5) repeats to the blue half


@pytest.mark.parametrize(("wrap", "blue"), [(10497, True), (33648, False), (33071, True)])
def test_wrapping(tmp_path: Path, wrap: int, blue: bool) -> None:
    far = {"extensions": {"KHR_texture_transform": {"offset": [1.5, 0.0]}}}  # u = 1.75
    tree, binary = with_texture("OPAQUE", **far)
    tree["textures"][0]["sampler"] = 0
    tree["samplers"] = [{"wrapS": wrap}]
    colour = side_colours(glb.read(put_together(tmp_path / "t.glb", tree, binary)))[0]
    assert (colour[2] == 255) == blue


def test_material_and_vertex_colours_are_linear_in_the_file(tmp_path: Path) -> None:
    tree, binary = triangle()
    binary += bytes(2) + np.full((3, 4), 128, np.uint8).tobytes()
    tree["bufferViews"].append({"buffer": 0, "byteOffset": 44, "byteLength": 12})
    tree["accessors"].append(
        {"bufferView": 2, "componentType": 5121, "count": 3, "type": "VEC4", "normalized": True}
    )
    tree["buffers"][0]["byteLength"] = len(binary)
    primitive = tree["meshes"][0]["primitives"][0]
    primitive["attributes"]["COLOR_0"] = 2
    primitive["material"] = 0
    tree["materials"] = [{"pbrMetallicRoughness": {"baseColorFactor": [1, 0.4287, 0, 1]}}]
    colour = side_colours(glb.read(put_together(tmp_path / "t.glb", tree, binary)))[0]
    assert tuple(colour) == (188, 128, 0, 255)  # linear .502 is sRGB 188, .2152 is 128


def test_self_contained_gltf_json(tmp_path: Path) -> None:
    tree, binary = triangle()
    tree["buffers"][0]["uri"] = "data:application/octet-stream;base64," + base64.b64encode(binary).decode()
    (tmp_path / "t.gltf").write_text(json.dumps(tree))
    assert len(glb.read(tmp_path / "t.gltf").faces) == 1
