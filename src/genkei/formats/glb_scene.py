"""glTF node trees: world matrices, skins at rest, morph targets, bones; in the file's own frame."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from genkei.formats.glb_container import Document, damaged

MORE_INFLUENCES = 4
"""Attribute sets JOINTS_0 .. JOINTS_3: sixteen bones a vertex, four times what engines read."""


@dataclass(frozen=True)
class Placed:
    """A primitive and where the scene puts its vertices."""

    primitive: dict[str, Any]
    name: str
    vertices: np.ndarray
    """float64 [v, 3] in the scene's frame."""
    mirrored: bool
    """The node's matrix turns the faces inside out."""
    node: int
    """Index of the node that holds the mesh."""


def world_matrices(document: Document) -> dict[int, np.ndarray]:
    """Node index -> 4x4 matrix for every node of the default scene; ValueError on a loop."""
    tree = document.tree
    scenes, nodes = tree.get("scenes", []), tree.get("nodes", [])
    children = {c for node in nodes for c in node.get("children", [])}
    roots = [k for k in range(len(nodes)) if k not in children]
    if scenes:
        roots = document.item("scenes", tree.get("scene", 0)).get("nodes", [])
    worlds: dict[int, np.ndarray] = {}
    waiting = [(root, np.eye(4)) for root in roots]
    while waiting:
        index, parent = waiting.pop()
        if index in worlds:
            raise damaged(document.name, f"nodes[{index}] hangs on two parents or on itself")
        worlds[index] = parent @ local_matrix(document.item("nodes", index))
        waiting += [
            (child, worlds[index]) for child in reversed(document.item("nodes", index).get("children", []))
        ]
    return worlds


def local_matrix(node: dict[str, Any]) -> np.ndarray:
    """A node's 4x4 matrix from `matrix` (column-major) or translation, rotation (x, y, z, w) and scale."""
    if "matrix" in node:
        return np.array(node["matrix"], np.float64).reshape(4, 4).T
    x, y, z, w = node.get("rotation", (0.0, 0.0, 0.0, 1.0))
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix = np.eye(4)
    matrix[:3, :3] = rotation * np.array(node.get("scale", (1.0, 1.0, 1.0)))
    matrix[:3, 3] = node.get("translation", (0.0, 0.0, 0.0))
    return matrix


def placed_primitives(document: Document, worlds: dict[int, np.ndarray]) -> list[Placed]:
    """Every triangle primitive of the scene with its vertices in place."""
    out = []
    for index, world in sorted(worlds.items()):
        node = document.item("nodes", index)
        if "mesh" not in node:
            continue
        mesh = document.item("meshes", node["mesh"])
        name = node.get("name") or mesh.get("name") or f"mesh {node['mesh']}"
        weights = node.get("weights", mesh.get("weights", []))
        for primitive in mesh["primitives"]:
            if primitive.get("mode", 4) not in (4, 5, 6) or "POSITION" not in primitive["attributes"]:
                continue
            points = _morphed(document, primitive, weights)
            skinned = "skin" in node and "JOINTS_0" in primitive["attributes"]
            if skinned:
                matrices = _skin_matrices(document, primitive, node["skin"], worlds)
                placed = np.einsum("nij,nj->ni", matrices[:, :3, :3], points) + matrices[:, :3, 3]
            else:
                placed = points @ world[:3, :3].T + world[:3, 3]
            mirrored = not skinned and bool(np.linalg.det(world[:3, :3]) < 0)
            out.append(Placed(primitive, name, placed, mirrored, index))
    return out


def _morphed(document: Document, primitive: dict[str, Any], weights: list[float]) -> np.ndarray:
    points = document.array(primitive["attributes"]["POSITION"])[:, :3].astype(np.float64)
    for target, weight in zip(primitive.get("targets", []), weights, strict=False):
        if weight and "POSITION" in target:
            points = points + weight * document.array(target["POSITION"])
    return points


def _skin_matrices(
    document: Document, primitive: dict[str, Any], skin_index: int, worlds: dict[int, np.ndarray]
) -> np.ndarray:
    """[v, 4, 4]: weighted sums of joint world matrix times inverse bind matrix (glTF 2.0, 3.7.3.3)."""
    skin = document.item("skins", skin_index)
    binds = np.tile(np.eye(4), (len(skin["joints"]), 1, 1))
    if "inverseBindMatrices" in skin:
        binds = document.array(skin["inverseBindMatrices"]).astype(np.float64).reshape(-1, 4, 4)
        binds = binds.transpose(0, 2, 1)
    if len(binds) < len(skin["joints"]):
        raise damaged(document.name, f"skins[{skin_index}] has fewer bind matrices than joints")
    outside = next((j for j in skin["joints"] if j not in worlds), None)
    if outside is not None:
        raise damaged(document.name, f"skins[{skin_index}] uses node {outside}, which is not in the scene")
    bones = np.stack([worlds[j] for j in skin["joints"]]) @ binds[: len(skin["joints"])]
    weights = _influences(document, primitive, len(bones))
    total = np.einsum("vj,jkl->vkl", weights, bones)
    held = weights.sum(1) > 0
    total[~held] = bones[0]  # a vertex nobody holds follows the first bone
    return total


def _influences(document: Document, primitive: dict[str, Any], bone_count: int) -> np.ndarray:
    """float64 [v, bones]: skin weights of a primitive; rows sum to 1, or to 0 where nobody holds a vertex."""
    attributes = primitive["attributes"]
    count = len(document.array(attributes["POSITION"]))
    out = np.zeros((count, bone_count))
    rows = np.arange(count)
    for k in range(MORE_INFLUENCES):
        if f"JOINTS_{k}" not in attributes:
            break
        joints = document.array(attributes[f"JOINTS_{k}"]).astype(np.int64)
        weights = document.array(attributes[f"WEIGHTS_{k}"]).astype(np.float64)
        joints = np.where(weights > 0, joints, 0)
        _check_joints(document, joints, bone_count, count)
        for column in range(4):
            out[rows, joints[:, column]] += weights[:, column]
    total = out.sum(1, keepdims=True)
    return np.where(total > 1e-6, out / np.maximum(total, 1e-6), 0.0)


def skeleton(document: Document, worlds: dict[int, np.ndarray]) -> tuple[list[int], list[int]]:
    """Nodes that are joints of any skin, parents first, and each one's nearest joint above (-1: none)."""
    parent = {c: k for k, node in enumerate(document.tree.get("nodes", [])) for c in node.get("children", [])}
    joints = set(joint_nodes(document, worlds))

    def above(node: int) -> list[int]:
        line = []
        while node in parent:
            node = parent[node]
            line.append(node)
        return line

    order = sorted(joints, key=lambda j: (len(above(j)), j))
    nearest = [next((order.index(a) for a in above(j) if a in joints), -1) for j in order]
    return order, nearest


def bone_weights(document: Document, placed: Placed, order: list[int]) -> np.ndarray:
    """float32 [v, len(order)]: how much each bone of `order` holds each vertex; 0 rows where none does.

    A mesh that hangs rigidly on a bone, as props do, is held by that bone alone.
    """
    count = len(placed.vertices)
    out = np.zeros((count, len(order)), np.float32)
    node = document.item("nodes", placed.node)
    place = {j: k for k, j in enumerate(order)}
    if "skin" in node and "JOINTS_0" in placed.primitive["attributes"]:
        joints = document.item("skins", node["skin"])["joints"]
        out[:, [place[j] for j in joints]] = _influences(document, placed.primitive, len(joints))
        return out
    parent = {c: k for k, n in enumerate(document.tree.get("nodes", [])) for c in n.get("children", [])}
    holder: int | None = placed.node
    while holder is not None and holder not in place:
        holder = parent.get(holder)
    if holder is not None:
        out[:, place[holder]] = 1
    return out


def _check_joints(document: Document, joints: np.ndarray, bone_count: int, vertex_count: int) -> None:
    if len(joints) != vertex_count or (joints.size and int(joints.max()) >= bone_count):
        found = f"a skin binds {len(joints)} vertices, one to bone {int(joints.max(initial=0))}"
        raise damaged(document.name, f"{found}, but there are {vertex_count} vertices and {bone_count} bones")


def bones(document: Document, worlds: dict[int, np.ndarray]) -> tuple[tuple[str, ...], np.ndarray]:
    """Names and positions [j, 3] of every skin's joints; VRM humanoid names where the file gives them."""
    humanoid = _humanoid_names(document.tree.get("extensions", {}))
    order = joint_nodes(document, worlds)
    names = tuple(humanoid.get(j) or document.item("nodes", j).get("name") or f"joint {j}" for j in order)
    return names, np.array([worlds[j][:3, 3] for j in order], np.float64).reshape(-1, 3)


def joint_nodes(document: Document, worlds: dict[int, np.ndarray]) -> list[int]:
    """Nodes that are joints of any skin, each once, as the file lists them."""
    skins = document.tree.get("skins", [])
    return list(dict.fromkeys(j for skin in skins for j in skin["joints"] if j in worlds))


def _humanoid_names(extensions: dict[str, Any]) -> dict[int, str]:
    """Node index -> bone name, from VRM 1.0 (a map) or VRM 0.x (a list)."""
    modern = extensions.get("VRMC_vrm", {}).get("humanoid", {}).get("humanBones", {})
    names = {bone["node"]: name for name, bone in modern.items()}
    old = extensions.get("VRM", {}).get("humanoid", {}).get("humanBones", [])
    return names | {bone["node"]: bone["bone"] for bone in old}
