"""Laws of the atlas over both backends; the time limit; refusals."""

from typing import get_args

import numpy as np
import pytest

from genkei.texture import Projective, Unwrap, Xatlas
from genkei.texture.pack import pack
from genkei.texture.unwrap import texture_hits
from genkei.types import Mesh
from tests.texture.solids import balls

BALL = balls((0, 0.5, 0, 0.3), cells=24)
HOOK = balls(
    *[(0.3 * np.cos(t), 0.5 + 0.3 * np.sin(t), 0.25 * np.cos(2 * t), 0.08) for t in np.arange(0, 6, 0.3)]
)


@pytest.mark.parametrize("backend", get_args(Unwrap))
@pytest.mark.parametrize("mesh", [BALL, HOOK])
def test_charts_lie_inside_and_apart(backend, mesh):
    atlas = backend()(mesh, (), 512)
    assert atlas.method == backend.__name__.lower() and atlas.note == ""
    assert atlas.uv.min() >= 0 and atlas.uv.max() <= 1
    depth = np.broadcast_to(atlas.chart[:, None].astype(np.float32), (len(mesh.faces), 3))
    first, last = texture_hits(atlas.uv, depth, 512), texture_hits(atlas.uv, -depth, 512)
    used = first.triangle >= 0
    same = atlas.chart[first.triangle[used]] == atlas.chart[last.triangle[used]]
    assert same.mean() > 0.999
    assert used.mean() > 0.25


def test_no_face_lies_under_another():
    atlas = Projective()(HOOK, (), 512)
    order = np.broadcast_to(np.arange(len(HOOK.faces), dtype=np.float32)[:, None], (len(HOOK.faces), 3))
    low, high = texture_hits(atlas.uv, order, 512).triangle, texture_hits(atlas.uv, -order, 512).triangle
    both = low != high
    touching = (HOOK.faces[low[both]][:, :, None] == HOOK.faces[high[both]][:, None]).any((1, 2))
    assert touching.mean() > 0.99 if both.any() else True


def test_projective_charts_keep_the_gutter():
    atlas = Projective(gutter_px=4)(HOOK, (), 512)
    hits = texture_hits(atlas.uv, np.zeros((len(HOOK.faces), 3), np.float32), 512)
    chart = np.where(hits.triangle >= 0, atlas.chart[hits.triangle], -1)
    for shift in range(1, 4):
        for a, b in ((chart[shift:], chart[:-shift]), (chart[:, shift:], chart[:, :-shift])):
            assert not ((a >= 0) & (b >= 0) & (a != b)).any()


def test_the_front_of_the_head_gets_more_texels():
    tall = balls((0, 0.3, 0, 0.3), (0, 0.85, 0, 0.15))
    middle = tall.vertices[tall.faces].mean(1)
    head, body = (middle[:, 1] > 0.8) & (middle[:, 2] > 0.12), (middle[:, 1] < 0.5) & (middle[:, 2] > 0.25)

    def area(corner):
        edge = np.diff(corner, axis=1)
        return np.linalg.norm(np.cross(edge[:, 0], edge[:, 1]).reshape(len(corner), -1), axis=1).sum()

    def density(atlas, faces):
        flat = np.pad(atlas.uv[faces], ((0, 0), (0, 0), (0, 1)))
        return area(flat) / area(tall.vertices[tall.faces[faces]])

    atlas = Projective(portrait_scale=2.0)(tall, (), 512)
    assert 3 < density(atlas, head) / density(atlas, body) < 5


def test_a_slow_xatlas_falls_back_and_says_so():
    atlas = Xatlas(limit_s=0.01)(BALL, (), 256)
    assert atlas.method == "projective" and "0.01 s" in atlas.note


def test_a_large_mesh_is_not_given_to_xatlas():
    atlas = Xatlas(max_faces=10)(BALL, (), 256)
    assert atlas.method == "projective" and "at most 10" in atlas.note


def test_refuses_a_texture_without_room():
    triangles = np.tile(np.array([[0, 0], [1, 0], [0, 1]], np.float32), (3000, 1, 1))
    with pytest.raises(ValueError, match="no room for 3000 charts"):
        pack(triangles, np.arange(3000), 64, 4)


def test_refuses_a_mesh_without_area():
    flat = Mesh(np.zeros((3, 3), np.float32), np.array([[0, 1, 2]], np.int32))
    with pytest.raises(ValueError, match="no area"):
        Projective()(flat, (), 128)
