"""What stands in the studio: coloured triangles of height 1 on a floor at y = 0, the face to +z."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.formats.soup import Soup, only, soup_colours
from genkei.geometry.mesh import face_normals, joined, open_edges, smooth, vertex_normals, weld
from genkei.geometry.rays import Surface
from genkei.types import Figure, Mesh

CLEAR = 128
"""Alpha under which nothing is there, as everywhere in genkei."""
LAYERS = 6
"""How many clear layers (hair cards, veils) a look goes through before it gives up."""
PAST = 1e-5
"""A look goes on this far behind a clear layer, in heights."""
WELD = 1e-5
"""Corners nearer than this (heights) shade as one: files part them along texture seams."""
POLISH = 3
"""Rounds of smoothing of the normals alone: vinyl is cast from a sanded master."""
CREASE_COS = 0.77
"""Cosine of 40 degrees: where the mean normal leans further from a face, there is an edge, as on a base."""


@dataclass(frozen=True)
class Look:
    """What rays see; face -1, distance inf and black where that is nothing."""

    face: Int[np.ndarray, "n"]
    distance: Float32[np.ndarray, "n"]
    weights: Float32[np.ndarray, "n 3"]
    """Barycentrics on the face."""
    paint: Float32[np.ndarray, "n 3"]
    """sRGB, with the veils before it."""
    skin: Float32[np.ndarray, "n"]
    """0..1 that it is skin as far as the scene knows; 1 where only the paint can tell."""


@dataclass(frozen=True)
class Scene:
    """Triangles with their paint, and the rays that find them."""

    soup: Soup
    """Height 1, on the floor, centred on the axis."""
    normals: Float32[np.ndarray, "f 3 3"]
    """Per corner, unit, polished."""
    flat: Float32[np.ndarray, "f 3"]
    """Normals of the faces themselves."""
    surface: Surface
    blocks: Surface
    """What throws shadows: the faces that are not mostly clear."""
    closed: bool
    """False: an open soup is lit from whichever side is seen."""
    skin: Float32[np.ndarray, "f 3"] | None = None
    """Chance of skin per corner, where a net told it; None: the paint alone decides."""

    @property
    def mesh(self) -> Mesh:
        return Mesh(self.soup.vertices, self.soup.faces)

    @property
    def reach(self) -> float:
        """Largest distance of a corner from the axis, in heights."""
        return float(np.linalg.norm(self.soup.vertices[self.soup.faces][..., [0, 2]], axis=-1).max())

    def look(self, starts: Float[np.ndarray, "n 3"], directions: Float[np.ndarray, "n 3"]) -> "Look":
        """What each unit ray sees first; layers that are mostly clear tint what is behind them."""
        face, distance = self.surface.first_hit(starts, directions)
        weights = self._weights(face, starts + directions * np.where(face >= 0, distance, 0)[:, None])
        veil = np.zeros((len(face), 4), np.float32)
        for _ in range(LAYERS if self.soup.shows_alpha.any() else 0):
            again = np.flatnonzero(face >= 0)
            layer = soup_colours(self.soup, face[again], weights[again])
            clear = layer[:, 3] < CLEAR
            again, layer = again[clear], layer[clear].astype(np.float32) / 255
            if not len(again):
                break
            veil[again] += (1 - veil[again, 3:]) * layer[:, 3:] * np.insert(layer[:, :3], 3, 1, axis=1)
            gone = distance[again] + PAST
            face[again], more = self.surface.first_hit(
                starts[again] + directions[again] * gone[:, None], directions[again]
            )
            distance[again] = gone + more
            found = np.where(face[again] >= 0, distance[again], 0)[:, None]
            weights[again] = self._weights(face[again], starts[again] + directions[again] * found)
        return Look(face, distance, weights, self._paint(face, weights, veil), self._skin(face, weights))

    def facing(self, look: Look, directions: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 3"]:
        """Unit shading normals of what was seen, never away from the eye; 0 for nothing."""
        normals, hit = np.zeros((len(look.face), 3)), look.face >= 0
        face, along = look.face[hit], directions[hit]
        smooth_ = np.einsum("nk,nkc->nc", look.weights[hit], self.normals[face])
        if not self.closed:  # a sheet is lit from the side it is seen from
            behind = np.einsum("nk,nk->n", self.flat[face], along) > 0
            smooth_ = np.where(behind[:, None], -smooth_, smooth_)
        away = np.clip(np.einsum("nk,nk->n", smooth_, along), 0, None)
        smooth_ = smooth_ - away[:, None] * along
        normals[hit] = smooth_ / np.maximum(np.linalg.norm(smooth_, axis=1, keepdims=True), 1e-9)
        return normals

    def _paint(self, face: np.ndarray, weights: np.ndarray, veil: np.ndarray) -> np.ndarray:
        paint, hit = np.zeros((len(face), 3), np.float32), face >= 0
        paint[hit] = soup_colours(self.soup, face[hit], weights[hit])[:, :3] / np.float32(255)
        return veil[:, :3] + (1 - veil[:, 3:]) * paint

    def _skin(self, face: np.ndarray, weights: np.ndarray) -> np.ndarray:
        share = np.ones(len(face), np.float32)
        if self.skin is not None:
            share[face >= 0] = np.einsum("nk,nk->n", weights[face >= 0], self.skin[face[face >= 0]])
        return share

    def _weights(self, face: np.ndarray, points: np.ndarray) -> np.ndarray:
        """Barycentrics of points on their faces; (1, 0, 0) where there is no face."""
        weights = np.zeros((len(face), 3), np.float32)
        weights[:, 0] = 1
        hit = face >= 0
        a, b, c = self.soup.vertices[self.soup.faces[face[hit]]].astype(np.float64).transpose(1, 0, 2)
        ab, ac, ap = b - a, c - a, points[hit] - a
        normal = np.cross(ab, ac)
        square = np.maximum(np.einsum("nk,nk->n", normal, normal), 1e-30)
        second = np.einsum("nk,nk->n", np.cross(ap, ac), normal) / square
        third = np.einsum("nk,nk->n", np.cross(ab, ap), normal) / square
        weights[hit] = np.clip(np.stack([1 - second - third, second, third], 1), 0, 1)
        return weights


def scene_of_soup(soup: Soup) -> Scene:
    """Any model, scaled to height 1; ValueError when nothing of it can be seen."""
    there = _visible(soup)
    if not there.any():
        raise ValueError(f"{soup.source}: no triangle in it can be seen; there is nothing to photograph")
    soup = only(soup, there)
    low, high = soup.bounds
    middle = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
    size = float((high - low).max())
    if not size > 0:
        raise ValueError(f"{soup.source}: all its points are one; there is nothing to photograph")
    placed = ((soup.vertices.astype(np.float64) - middle) / size).astype(np.float32)
    return _scene(soup, placed)


def scene_of_figure(figure: Figure) -> Scene:
    """A figure from the bed (z up, face to -y), base and all."""
    whole = joined([part.mesh for part in figure.parts])
    points, faces = whole.vertices, whole.faces
    upright = np.stack([points[:, 0], points[:, 2], -points[:, 1]], 1).astype(np.float32)
    opaque = np.concatenate([figure.texture, np.full_like(figure.texture[..., :1], 255)], -1)
    painted = replace(
        Soup.plain(upright, faces, 1.0, "the figure"),
        uv=np.concatenate([part.uv for part in figure.parts]),
        texture=np.zeros(len(faces), np.int32),
        textures=(opaque,),
    )
    return scene_of_soup(painted)


def _scene(soup: Soup, vertices: np.ndarray) -> Scene:
    placed = replace(soup, vertices=vertices)
    mesh = Mesh(vertices, soup.faces)
    whole = weld(mesh, WELD)
    kept = len(whole.faces) == len(mesh.faces)
    shaded = whole if kept else mesh
    shaded = Mesh(smooth(shaded, POLISH).vertices, shaded.faces)
    closed = kept and open_edges(whole.faces) == 0
    opaque = _alpha(placed, np.arange(len(mesh.faces))) >= CLEAR
    surface = Surface(mesh)
    blocks = surface if opaque.all() else Surface(Mesh(vertices, mesh.faces[opaque]))
    return Scene(placed, _corner_normals(shaded), face_normals(mesh), surface, blocks, closed)


def _corner_normals(mesh: Mesh) -> np.ndarray:
    """Smooth over the surface, flat beside edges sharper than `CREASE_COS`."""
    flat = np.repeat(face_normals(mesh)[:, None], 3, axis=1)
    round_ = vertex_normals(mesh)[mesh.faces]
    sharp = (flat * round_).sum(-1, keepdims=True) < CREASE_COS
    return np.where(sharp, flat, round_).astype(np.float32)


def _visible(soup: Soup) -> Bool[np.ndarray, "f"]:
    """Faces with an area that show anything at all."""
    a, b, c = soup.vertices[soup.faces].transpose(1, 0, 2)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    return (area > 0) & (soup.colours[..., 3] > 0).any(1) & (_alpha(soup, np.arange(len(soup.faces))) > 0)


def _alpha(soup: Soup, faces: np.ndarray) -> np.ndarray:
    """Mean alpha of a face, 0..255, from seven points of it."""
    points = np.array([(1, 1, 1), (4, 1, 1), (1, 4, 1), (1, 1, 4), (3, 3, 0.1), (0.1, 3, 3), (3, 0.1, 3)])
    points = (points / points.sum(1, keepdims=True)).astype(np.float32)
    each = [soup_colours(soup, faces, np.tile(point, (len(faces), 1)))[:, 3] for point in points]
    return np.mean(each, axis=0)
