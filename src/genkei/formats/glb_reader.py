"""GLB, VRM and self-contained glTF to a Soup: what a viewer would show at rest, flat and unlit."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from genkei.formats.glb_container import Document, damaged, data_uri, open_document
from genkei.formats.glb_scene import (
    Placed,
    bone_weights,
    bones,
    joint_nodes,
    placed_primitives,
    skeleton,
    world_matrices,
)
from genkei.formats.soup import Soup
from genkei.geometry.colour import to_srgb
from genkei.types import Rig

T = TypeVar("T")

CLAMP, MIRROR = 33071, 33648
METRE_MM = 1000.0


def read(path: Path) -> Soup:
    """A .glb, .vrm (0.x and 1.0) or self-contained .gltf, in metres, +y up, +z front.

    Nodes, skins and morph targets stand as the file leaves them (its rest pose); base colours, unlit and
    MToon colours, alpha cut-outs and vertex colours are kept, lights and roughness are not.
    Raises ValueError with the reason when the file is damaged, compressed or holds no triangles.
    """
    return _translated(path, lambda document: _soup(document)[0])


def read_rigged(path: Path) -> tuple[Soup, Rig]:
    """The same, with every joint of the file's skins and how it holds the soup's vertices.

    The soup's parts are named `mesh/material`. Vertices that no joint holds have a row of zeros.
    Raises ValueError as `read` does.
    """

    def rigged(document: Document) -> tuple[Soup, Rig]:
        soup, placed = _soup(document, with_materials=True)
        order, parents = skeleton(document, world_matrices(document))
        row = {joint: k for k, joint in enumerate(joint_nodes(document, world_matrices(document)))}
        rows = [row[j] for j in order]
        weights = np.concatenate([bone_weights(document, p, order) for p in placed])
        names = tuple(soup.joint_names[k] for k in rows)
        return soup, Rig(names, np.array(parents, np.int32), soup.joint_positions[rows], weights)

    return _translated(path, rigged)


def _translated(path: Path, use: Callable[[Document], T]) -> T:
    """What `use` makes of the file; its complaints in the user's words."""
    document = open_document(path)
    try:
        return use(document)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, OverflowError) as error:
        if isinstance(error, ValueError) and str(error).startswith(f"{path.name}: "):
            raise  # already in the user's words
        raise ValueError(
            f"{path.name}: breaks the rules of glTF 2.0 ({type(error).__name__}: {error}); export it again, "
            "or ask `gltf-validator` what is wrong with it"
        ) from error


def _soup(document: Document, with_materials: bool = False) -> tuple[Soup, list[Placed]]:
    """The soup, and the primitives its vertices came from, in order."""
    worlds = world_matrices(document)
    placed = placed_primitives(document, worlds)
    materials = _Materials(document)
    every = [(_primitive(document, p, materials, with_materials), p) for p in placed]
    rows = [row for row, _ in every if len(row["faces"])]
    if not rows:
        raise ValueError(f"{document.name}: there are no triangles in it; export the meshes too")
    base = np.cumsum([0, *(len(row["vertices"]) for row in rows)])
    part_names = tuple(dict.fromkeys(row["name"] for row in rows))
    joint_names, joint_positions = bones(document, worlds)
    # VRM 0.x characters look to -z: half a turn about y.
    turn = np.diag([-1.0, 1.0, -1.0]) if "VRM" in document.tree.get("extensions", {}) else np.eye(3)
    soup = Soup(
        vertices=(np.concatenate([row["vertices"] for row in rows]) @ turn).astype(np.float32),
        faces=np.concatenate([row["faces"] + base[k] for k, row in enumerate(rows)]).astype(np.int32),
        uv=np.concatenate([row["uv"] for row in rows]).astype(np.float32),
        texture=np.concatenate([np.full(len(row["faces"]), row["texture"], np.int32) for row in rows]),
        textures=tuple(materials.textures),
        colours=np.concatenate([row["colours"] for row in rows]),
        unit_mm=METRE_MM,
        source=document.name,
        parts=np.concatenate([np.full(len(r["faces"]), part_names.index(r["name"]), np.int32) for r in rows]),
        part_names=part_names,
        joint_names=joint_names,
        joint_positions=(joint_positions @ turn).astype(np.float32),
    )
    return soup, [p for row, p in every if len(row["faces"])]


def _primitive(
    document: Document, placed: Placed, materials: "_Materials", with_material: bool
) -> dict[str, Any]:
    """Vertices, faces, per-corner uv and colours, texture index and name of one primitive."""
    if not np.isfinite(placed.vertices).all() or np.abs(placed.vertices).max(initial=0) > 1e9:
        raise ValueError(f"{document.name}: '{placed.name}' has vertices at infinity; export it again")
    faces = _triangles(document, placed)
    material = materials.of(placed.primitive)
    attributes = placed.primitive["attributes"]
    uv = np.zeros((len(placed.vertices), 2), np.float32)
    texture = material["texture"]
    uv_name = f"TEXCOORD_{material['uv_set']}"
    if texture >= 0 and uv_name in attributes:
        uv = (
            document.array(attributes[uv_name]).astype(np.float32) @ material["uv_matrix"].T
            + material["uv_offset"]
        )
    elif texture >= 0:
        texture = -1
    uv = materials.wrapped(uv, texture, material)
    colours = np.tile(material["factor"], (len(placed.vertices), 1))
    if "COLOR_0" in attributes:
        vertex_colours = document.array(attributes["COLOR_0"]).astype(np.float32)
        colours[:, : vertex_colours.shape[1]] *= np.clip(vertex_colours, 0, 1)
    for name, rows in ((uv_name, uv), ("COLOR_0", colours)):
        if len(rows) != len(placed.vertices):
            found = f"'{placed.name}' has {len(rows)} {name} for {len(placed.vertices)} vertices"
            raise damaged(document.name, found)
    colours[:, 3] = _shown_alpha(colours[:, 3], material)
    encoded = np.concatenate([to_srgb(np.clip(colours[:, :3], 0, 1)), colours[:, 3:]], 1)
    name = placed.name
    if with_material:
        painted = placed.primitive.get("material")
        name += "/" + (document.item("materials", painted).get("name", "") if painted is not None else "")
    return {
        "name": name,
        "vertices": placed.vertices,
        "faces": faces,
        "uv": uv[faces],
        "texture": texture,
        "colours": np.round(np.clip(encoded, 0, 1) * 255).astype(np.uint8)[faces],
    }


def _shown_alpha(alpha: np.ndarray, material: dict[str, Any]) -> np.ndarray:
    """Factor alpha; an untextured cut-out is decided here, a textured one in its texture."""
    if material["mode"] == "OPAQUE":
        return np.ones_like(alpha)
    if material["mode"] == "MASK":
        if material["texture"] >= 0:
            return np.ones_like(alpha)
        return (alpha >= material["cutoff"]).astype(alpha.dtype)
    return np.clip(alpha, 0, 1)


def _triangles(document: Document, placed: Placed) -> np.ndarray:
    """int64 [f, 3] from a triangle list, strip or fan; faces that repeat a corner are dropped."""
    count = len(placed.vertices)
    index = np.arange(count)
    if "indices" in placed.primitive:
        index = document.array(placed.primitive["indices"])[:, 0].astype(np.int64)
    if len(index) and int(index.max()) >= count:
        raise damaged(
            document.name, f"'{placed.name}' uses vertex {int(index.max())} of {count} (bad indices)"
        )
    mode = placed.primitive.get("mode", 4)
    if mode == 4:
        faces = index[: len(index) // 3 * 3].reshape(-1, 3)
    else:
        row = np.arange(max(len(index) - 2, 0))
        if mode == 5:
            odd = row % 2
            faces = np.stack([index[row], index[row + 1 + odd], index[row + 2 - odd]], 1)
        else:
            faces = np.stack([index[np.zeros_like(row)], index[row + 1], index[row + 2]], 1)
    real = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    return faces[real][:, ::-1] if placed.mirrored else faces[real]


class _Materials:
    """Colour rules of a file's materials; decodes each texture once per way of showing its alpha."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.textures: list[np.ndarray] = []
        self._known: dict[tuple[Any, ...], int] = {}

    def of(self, primitive: dict[str, Any]) -> dict[str, Any]:
        """factor (linear RGBA), mode, cutoff, texture index or -1, uv set, uv matrix and offset, wrap."""
        tree = self.document.item("materials", primitive["material"]) if "material" in primitive else {}
        pbr = tree.get("pbrMetallicRoughness", {})
        old = tree.get("extensions", {}).get("KHR_materials_pbrSpecularGlossiness", {})
        slot = pbr.get("baseColorTexture") or old.get("diffuseTexture") or {}
        factor = pbr.get("baseColorFactor") or old.get("diffuseFactor") or [1.0] * 4
        move = slot.get("extensions", {}).get("KHR_texture_transform", {})
        turn = move.get("rotation", 0.0)
        cos, sin = np.cos(turn), np.sin(turn)
        rule = {
            "factor": np.array(factor, np.float32),
            "mode": tree.get("alphaMode", "OPAQUE"),
            "cutoff": float(tree.get("alphaCutoff", 0.5)),
            "uv_set": move.get("texCoord", slot.get("texCoord", 0)),
            "uv_matrix": np.array([[cos, sin], [-sin, cos]]) * np.array(move.get("scale", (1.0, 1.0))),
            "uv_offset": np.array(move.get("offset", (0.0, 0.0))),
            "wrap": (10497, 10497),
            "texture": -1,
        }
        if "index" in slot:
            self._add_texture(slot["index"], rule)
        return rule

    def _add_texture(self, index: int, rule: dict[str, Any]) -> None:
        texture = self.document.item("textures", index)
        webp = texture.get("extensions", {}).get("EXT_texture_webp", {})
        source = texture.get("source", webp.get("source"))
        if source is None:
            return
        sampler = self.document.item("samplers", texture["sampler"]) if "sampler" in texture else {}
        rule["wrap"] = (sampler.get("wrapS", 10497), sampler.get("wrapT", 10497))
        alpha = float(rule["factor"][3]) if rule["mode"] == "MASK" else 1.0
        mirror = tuple(w == MIRROR for w in rule["wrap"])
        key = (source, rule["mode"], rule["cutoff"], alpha, mirror)
        if key not in self._known:
            image = _with_alpha(self._image(source), rule["mode"], rule["cutoff"] / max(alpha, 1e-6))
            if mirror[0]:
                image = np.concatenate([image, image[:, ::-1]], 1)
            if mirror[1]:
                image = np.concatenate([image, image[::-1]], 0)
            self._known[key] = len(self.textures)
            self.textures.append(np.ascontiguousarray(image))
        rule["texture"] = self._known[key]

    def _image(self, index: int) -> np.ndarray:
        from PIL import Image

        image = self.document.item("images", index)
        name = self.document.name
        raw = (
            self.document.view(image["bufferView"]) if "bufferView" in image else data_uri(image["uri"], name)
        )
        try:
            with Image.open(io.BytesIO(raw)) as picture:
                return np.asarray(picture.convert("RGBA"))
        except (OSError, SyntaxError, Image.DecompressionBombError) as error:
            raise ValueError(
                f"{name}: images[{index}] cannot be decoded ({error}); export it again as PNG"
            ) from error

    def wrapped(self, uv: np.ndarray, texture: int, rule: dict[str, Any]) -> np.ndarray:
        """uv for textures that repeat: mirrored ones were doubled, clamped ones end half a texel inside."""
        out = uv.astype(np.float32)
        if texture < 0:
            return out
        sizes = self.textures[texture].shape[1::-1]
        for axis in (0, 1):
            if rule["wrap"][axis] == MIRROR:
                out[:, axis] /= 2
            elif rule["wrap"][axis] == CLAMP:
                half = 0.5 / sizes[axis]
                out[:, axis] = np.clip(out[:, axis], half, 1 - half)
        return out


def _with_alpha(rgba: np.ndarray, mode: str, cutoff: float) -> np.ndarray:
    """A copy whose alpha is what the material shows: 128 is the border of a cut-out, opaque is 255."""
    out = rgba.copy()
    if mode == "OPAQUE":
        out[..., 3] = 255
    elif mode == "MASK":
        # A straight line through (cutoff, 0.5), steep enough to be near a step, soft enough to interpolate.
        out[..., 3] = np.clip(128 + (rgba[..., 3] - cutoff * 255), 0, 255).astype(np.uint8)
        out[..., 3] = np.where(rgba[..., 3] >= cutoff * 255, np.maximum(out[..., 3], 128), out[..., 3])
    return out
