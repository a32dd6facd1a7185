"""A drawing as a relief that stands in the studio: shaped and shaded by the net, painted by its own pixels.

Nothing is reconstructed: what the camera sees is the drawing, pixel for pixel, and light that falls on it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Float32, Int

from genkei.formats.soup import Soup
from genkei.geometry.colour import to_bytes
from genkei.geometry.contours import inked, without
from genkei.geometry.crop import Crop, column_of, crop_of, cut, row_of
from genkei.geometry.mesh import face_normals
from genkei.geometry.rays import Surface
from genkei.nets.look import PARTS, mirrored, softmax
from genkei.photo.scene import Scene
from genkei.types import Cue, Mesh, View

Net = Callable[..., Mapping[str, np.ndarray]]
"""`net(picture=, behind=)`, float32 [b, 4, s, s] each; its `normals`, `depth` and `parts` count."""
SEEN_PX = 192
"""Side of the picture that the net sees."""
ROWS = 400
"""Vertices of the relief over the character's height."""
APRON = 2
"""Cells of the relief beyond the outline, which the paint's alpha cuts to it."""
ROUND = 0.014
"""Heights over which the rim turns away from the viewer: the net's normals are too coarse for it."""
THIN = 0.012
"""Least half thickness, heights: what throws shadows is no film."""
CALM = 0.005
"""Heights over which the net's steps are smoothed in its normals and parts."""
CALM_DEPTH = 0.016
"""The same of its depths, which are half as fine: their steps would throw shadows."""
GROOVE = 0.55
"""Slope of the grooves that stand for the ink of contours: sculptors cut what draughtsmen draw."""
GROOVE_WIDTH = 0.0022
"""Heights."""
CONTOUR_PX = 6.0
"""As in `genkei.texture.Paint`."""
FACE = 0.4
"""Chance of a face from which lines are painted, not carved."""


@dataclass(frozen=True)
class Told:
    """What the net says on a grid over the character: views' frame, character heights."""

    normals: Float32[np.ndarray, "h w 3"]
    front: Float32[np.ndarray, "h w"]
    """Towards the viewer."""
    back: Float32[np.ndarray, "h w"]
    face: Float32[np.ndarray, "h w"]
    """Chance of a face."""
    skin: Float32[np.ndarray, "h w"]
    """Chance of a face or other skin."""


@dataclass(frozen=True)
class Grid:
    """Points of the view's plane: `u` to the right of its axis, `y` above the ground, character heights."""

    u: Float[np.ndarray, "w"]
    y: Float[np.ndarray, "h"]
    """From the top down."""

    @property
    def step(self) -> float:
        return float(self.u[1] - self.u[0])

    def sampled(self, plane: Float32[np.ndarray, "s s"], view: View) -> Float32[np.ndarray, "h w"]:
        """A map of the view at the grid's points, bilinear."""
        from scipy.ndimage import map_coordinates

        size = len(plane)
        px = view.camera.span / size
        rows, columns = size / 2 - (self.y - 0.5) / px - 0.5, self.u / px + size / 2 - 0.5
        grid = np.meshgrid(rows, columns, indexing="ij")
        return map_coordinates(plane, grid, order=1, mode="constant").astype(np.float32)

    def back_to(self, plane: Float32[np.ndarray, "h w"], view: View) -> Float32[np.ndarray, "s s"]:
        """A map of the grid at the view's pixels, bilinear; its border goes on beyond it."""
        from scipy.ndimage import map_coordinates

        size = len(view.mask)
        middle = (np.arange(size) + 0.5) * view.camera.span / size
        rows = (self.y[0] - (0.5 + view.camera.span / 2 - middle)) / self.step
        columns = (middle - view.camera.span / 2 - self.u[0]) / self.step
        grid = np.meshgrid(rows, columns, indexing="ij")
        return map_coordinates(plane, grid, order=1, mode="nearest").astype(np.float32)

    def uv(self, view: View) -> Float32[np.ndarray, "h w 2"]:
        """Where the points lie in the view's picture; (0, 0) is its top left corner."""
        u, y = np.meshgrid(self.u, self.y)
        return np.stack([0.5 + u / view.camera.span, 0.5 - (y - 0.5) / view.camera.span], -1).astype(
            np.float32
        )

    def of_crop(self, plane: Float32[np.ndarray, "s s"], crop: Crop) -> Float32[np.ndarray, "h w"]:
        """A map of the net's square at the grid's points, bilinear."""
        from scipy.ndimage import map_coordinates

        rows, columns = row_of(self.y, crop, len(plane)), column_of(self.u, crop, len(plane))
        grid = np.meshgrid(rows, columns, indexing="ij")
        return map_coordinates(plane, grid, order=1, mode="nearest").astype(np.float32)


def scene_of_drawing(
    view: View,
    axes: tuple[np.ndarray, np.ndarray, np.ndarray],
    lines: Cue | None = None,
    net: Net | None = None,
) -> Scene:
    """The drawing as a relief that faces the camera whose `axes` are given: across, up, and towards it.

    Seen through a lens that is nearly parallel it is the drawing. `lines`, those drawn in the view, become
    grooves but for those of the face. `net` None: the net in the wheel. ValueError for a view with nothing
    in it, or nothing but hairlines.
    """
    from genkei.nets.loader import load

    grid = grid_of(view)
    told = read(view, grid, net or load("solid"))
    paint, groove = bared(view, grid, told, lines)
    inside = grid.sampled(view.mask.astype(np.float32), view) > 0.5
    if not inside.any():
        raise ValueError(
            f"the {view.name} view has nothing in it that is wide enough to be lit; fill the lines"
        )
    return _standing(view, grid, rounded(told, grid, inside, groove), paint, inside, axes)


def grid_of(view: View) -> Grid:
    """Square cells over the silhouette's box and an apron round it. ValueError for an empty view."""
    crop = crop_of(view)
    rows, columns = np.flatnonzero(view.mask.any(1)), np.flatnonzero(view.mask.any(0))
    px = view.camera.span / len(view.mask)
    step = (np.ptp(rows) + 1) * px / ROWS
    tall = ROWS + 2 * APRON
    wide = int(np.ceil((np.ptp(columns) + 1) * px / step)) + 2 * APRON
    return Grid(
        crop.u + (np.arange(wide + 1) - wide / 2) * step, crop.y + (tall / 2 - np.arange(tall + 1)) * step
    )


def read(view: View, grid: Grid, net: Net) -> Told:
    """The net's word on the grid, from a look at the view and its mirror image."""
    from scipy.ndimage import gaussian_filter

    crop = crop_of(view)
    picture = cut(view, crop, SEEN_PX)
    both = np.stack([picture, mirrored(picture)])
    said = net(picture=both, behind=np.zeros_like(both))
    flipped = np.array([-1, 1, 1], np.float32)[:, None, None]
    normals = (said["normals"][0] + mirrored(said["normals"][1]) * flipped) / 2
    depths = (said["depth"][0] + mirrored(said["depth"][1])) / 2
    chance = (softmax(said["parts"][0]) + mirrored(softmax(said["parts"][1]))) / 2
    known = picture[3] > 0.5 if (picture[3] > 0.5).any() else picture[3] > 0

    def laid(plane: np.ndarray, calm: float = CALM) -> np.ndarray:
        return gaussian_filter(grid.of_crop(_spread(plane, known), crop), calm / grid.step)

    vectors = np.stack([laid(plane) for plane in normals], -1)
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    front, back = (laid(plane, CALM_DEPTH) * np.float32(crop.side) for plane in depths)
    face = laid(chance[PARTS.index("face")])
    skin = face + laid(chance[PARTS.index("skin")])
    return Told(
        (vectors / np.maximum(length, 1e-6)).astype(np.float32), front, back, face, np.clip(skin, 0, 1)
    )


def bared(
    view: View, grid: Grid, told: Told, lines: Cue | None
) -> tuple[Float32[np.ndarray, "s s 4"], Float32[np.ndarray, "h w"]]:
    """The drawing without the ink of its contours, and 0..1 how much of a line runs at the grid's points.

    Eyes, mouth, seams and patterns are painted on a figure too and stay.
    """
    from scipy.ndimage import gaussian_filter

    strength = np.zeros((0, 0), np.float32) if lines is None else lines.value[..., 0]
    face, nothing = grid.back_to(told.face, view), np.zeros(view.mask.shape, np.float32)
    found = inked(view, CONTOUR_PX, strength, nothing, nothing + 1, nothing)
    paint = np.concatenate([without(view, found.contour), view.rgba[..., 3:]], -1)
    carved = (found.line | found.contour) & (face < FACE)
    px = view.camera.span / len(view.mask)
    soft = gaussian_filter(carved.astype(np.float32), GROOVE_WIDTH / px)
    return paint, grid.sampled(soft, view)


def rounded(
    told: Told, grid: Grid, inside: Bool[np.ndarray, "h w"], groove: Float32[np.ndarray, "h w"]
) -> Told:
    """The relief with its rim turned away from the viewer, and grooves where lines run."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    away = np.asarray(distance_transform_edt(inside)) * grid.step
    down, right = np.gradient(gaussian_filter(away, 2.0))
    turn = np.clip(1 - away / ROUND, 0, 1)[..., None] ** 1.5
    outward = np.stack([-right, down, np.zeros_like(down)], -1) / grid.step
    steep_down, steep_right = np.gradient(groove)
    carved = np.stack([steep_right, -steep_down, np.zeros_like(down)], -1) * GROOVE
    normals = (1 - turn) * told.normals + turn * outward + carved
    normals[..., 2] = np.maximum(normals[..., 2], 0.05)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    middle = (told.front + told.back) / 2
    half = np.maximum((told.front - told.back) / 2, THIN) * np.sqrt(
        1 - (1 - np.clip(away / ROUND, 0, 1)) ** 2
    )
    return replace(
        told,
        normals=normals.astype(np.float32),
        front=(middle + half).astype(np.float32),
        back=(middle - half).astype(np.float32),
    )


def _standing(
    view: View,
    grid: Grid,
    told: Told,
    paint: Float32[np.ndarray, "s s 4"],
    inside: Bool[np.ndarray, "h w"],
    axes: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> Scene:
    """Both sheets of the relief and the wall between them, on the floor, before the camera."""
    from scipy.ndimage import binary_dilation

    rows, columns = told.front.shape
    near = np.asarray(binary_dilation(inside, np.ones((3, 3)), iterations=APRON), bool)
    cells = near[1:, 1:] & near[:-1, 1:] & near[1:, :-1] & near[:-1, :-1]
    sheet = sheet_faces(cells)
    count = rows * columns
    faces = np.concatenate([sheet, sheet[:, ::-1] + count, walls(sheet, count)]).astype(np.int32)
    u, y = np.meshgrid(grid.u, grid.y)
    level, frame = float(y[inside].min()), np.stack(axes)
    spine = np.median((told.front + told.back)[inside]) / 2
    sheets = [np.stack([u, y - level, deep - spine], -1).reshape(-1, 3) for deep in (told.front, told.back)]
    points = np.concatenate(sheets) @ frame / max(float(np.ptp(y[inside])), float(np.ptp(u[inside])))
    points[:, 1] -= points[:count][inside.ravel(), 1].min()
    facing = told.normals.reshape(-1, 3)
    normals = np.concatenate([facing, facing * [1, 1, -1]]) @ frame
    uv, skin = np.tile(grid.uv(view).reshape(-1, 2), (2, 1)), np.tile(told.skin.ravel(), 2)
    soup = replace(
        Soup.plain(points.astype(np.float32), faces, 0.0, "the drawing"),
        uv=uv[faces],
        texture=np.zeros(len(faces), np.int32),
        textures=(to_bytes(paint),),
    )
    mesh = Mesh(soup.vertices, faces)
    surface = Surface(mesh)
    corner = normals[faces].astype(np.float32)
    return Scene(soup, corner, face_normals(mesh), surface, surface, True, skin[faces])


def sheet_faces(cells: Bool[np.ndarray, "h w"]) -> Int[np.ndarray, "f 3"]:
    """Two triangles a cell of a grid of (h + 1) x (w + 1) vertices, row 0 on top, seen from the viewer."""
    wide = cells.shape[1] + 1
    row, column = np.nonzero(cells)
    a = row * wide + column
    b, c, d = a + 1, a + wide, a + wide + 1
    return np.concatenate([np.stack([a, c, b], 1), np.stack([b, c, d], 1)])


def walls(sheet: Int[np.ndarray, "f 3"], count: int) -> Int[np.ndarray, "g 3"]:
    """What closes a sheet and its copy, whose vertices are numbered `count` higher."""
    edges = sheet[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2)
    key, twin = edges[:, 0] * count + edges[:, 1], edges[:, 1] * count + edges[:, 0]
    a, b = edges[~np.isin(key, twin)].T
    return np.concatenate([np.stack([b, a, a + count], 1), np.stack([b, a + count, b + count], 1)])


def _spread(plane: Float32[np.ndarray, "h h"], known: Bool[np.ndarray, "s s"]) -> Float32[np.ndarray, "h h"]:
    """Where nothing is known, the nearest known value; the plane may be half as fine as `known`."""
    from scipy.ndimage import distance_transform_edt

    if len(plane) != len(known):
        factor = len(known) // len(plane)
        blocks = known.reshape(len(plane), factor, len(plane), factor)
        whole = np.asarray(blocks.all((1, 3)))
        known = whole if whole.any() else np.asarray(blocks.any((1, 3)))
    nearest = np.asarray(distance_transform_edt(~known, return_distances=False, return_indices=True))
    return plane[nearest[0], nearest[1]]
