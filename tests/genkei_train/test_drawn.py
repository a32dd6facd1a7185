"""Laws of drawing a view in a style, of grounds and of paper."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from genkei_train.buffers import NOTHING, Buffers
from genkei_train.drawn import draw
from genkei_train.grounds import GROUNDS, lay, random_ground
from genkei_train.noise import blurred, smooth_noise
from genkei_train.paper import degrade
from genkei_train.random_styles import KINDS, random_style
from genkei_train.recolour import recolour
from genkei_train.styles import Lines, Recolour, Style, Surface

SIDE = 96
SEEDS = range(24)


def _ball(part: int, centre: tuple[float, float], radius: float, z: float) -> Buffers:
    """One ball of one part, in crop units from the top left."""
    y, x = (np.mgrid[:SIDE, :SIDE].astype(np.float32) + 0.5) / SIDE
    dx, dy = (x - centre[0]) / radius, (centre[1] - y) / radius
    mask = dx * dx + dy * dy < 1
    nz = np.sqrt(np.clip(1 - dx * dx - dy * dy, 0, 1))
    normal = np.where(mask[..., None], np.stack([dx, dy, nz], -1), 0).astype(np.float32)
    colours = np.array(
        [[0.2, 0.1, 0.4], [0.98, 0.85, 0.76], [0.97, 0.84, 0.75], [0.9, 0.9, 0.95]], np.float32
    )
    albedo = np.where(mask[..., None], colours[part], 0).astype(np.float32)
    depth = np.where(mask, z + radius * nz, NOTHING).astype(np.float32)
    return Buffers(albedo, normal, depth, np.where(mask, part, -1).astype(np.int8), mask)


def _doll() -> Buffers:
    """Hair behind a face above a body: three balls, the nearest seen."""
    layers = [
        _ball(0, (0.5, 0.3), 0.25, -0.05),
        _ball(1, (0.5, 0.34), 0.2, 0.0),
        _ball(3, (0.5, 0.7), 0.24, 0.0),
    ]
    nearest = np.argmax([layer.depth for layer in layers], 0)

    def pick(name: str) -> np.ndarray:
        stack = np.stack([getattr(layer, name) for layer in layers])
        index = nearest[None] if stack.ndim == 3 else nearest[None, ..., None]
        return np.take_along_axis(stack, index, 0)[0]

    return Buffers(*(pick(name) for name in Buffers.__dataclass_fields__))


DOLL = _doll()


@pytest.mark.parametrize("seed", SEEDS)
def test_drawing_stays_within_the_outlines_reach(seed: int) -> None:
    style = random_style(np.random.default_rng(seed))
    drawing = draw(DOLL, style, np.random.default_rng(seed))
    away = np.asarray(distance_transform_edt(~DOLL.mask))
    assert drawing.rgba.shape == (SIDE, SIDE, 4) and drawing.rgba.dtype == np.float32
    assert away[drawing.rgba[..., 3] > 0].max() <= style.lines.width * SIDE + 1
    assert (drawing.rgba[DOLL.mask, 3] == 1).all()
    assert (drawing.rgba[drawing.rgba[..., 3] == 0] == 0).all()
    for values in (drawing.rgba, drawing.lines):
        assert np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1
    assert drawing.lines.any() == (style.lines.width > 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_same_seed_same_bytes(seed: int) -> None:
    first, second = (random_style(np.random.default_rng(seed)) for _ in "ab")
    assert first == second and first.kind in KINDS
    pictures = [draw(DOLL, style, np.random.default_rng(7)) for style in (first, second)]
    assert pictures[0].rgba.tobytes() == pictures[1].rgba.tobytes()
    assert pictures[0].lines.tobytes() == pictures[1].lines.tobytes()


def test_flat_paint_without_lines_is_the_recoloured_paint() -> None:
    style = Style("flat", replace(random_style(np.random.default_rng(3)).recolour), lines=Lines(width=0))
    drawing = draw(DOLL, style, np.random.default_rng(0))
    expected = recolour(DOLL.albedo, DOLL.part, style.recolour)
    assert (drawing.rgba[..., :3] == expected).all()
    assert (drawing.rgba[..., 3] == DOLL.mask).all()


def test_no_new_colours_keep_the_paint() -> None:
    assert np.allclose(recolour(DOLL.albedo, DOLL.part, Recolour()), DOLL.albedo, atol=1e-5)


def test_colours_belong_to_the_style_and_not_to_the_hand() -> None:
    for seed in SEEDS:
        style = random_style(np.random.default_rng(seed))
        bare = replace(style, lines=Lines(width=0), surface=Surface(), light=replace(style.light, tones=()))
        front, behind = (draw(DOLL, bare, np.random.default_rng(hand)).rgba for hand in (1, 2))
        assert np.abs(front - behind).mean() < 0.01


def test_drawing_leaves_the_view_as_it_was() -> None:
    before = [getattr(DOLL, name).tobytes() for name in Buffers.__dataclass_fields__]
    for seed in range(60):
        draw(DOLL, random_style(np.random.default_rng(seed)), np.random.default_rng(0))
    assert before == [getattr(DOLL, name).tobytes() for name in Buffers.__dataclass_fields__]


def test_a_view_without_known_parts_is_drawn() -> None:
    unknown = replace(DOLL, part=np.full_like(DOLL.part, -1))
    for seed in SEEDS:
        rgba = draw(unknown, random_style(np.random.default_rng(seed)), np.random.default_rng(0)).rgba
        assert (rgba[DOLL.mask, 3] == 1).all() and np.isfinite(rgba).all()


def test_an_empty_view_is_refused() -> None:
    empty = replace(DOLL, mask=np.zeros_like(DOLL.mask))
    with pytest.raises(ValueError, match="shows nothing"):
        draw(empty, Style("flat"), np.random.default_rng(0))


def test_ink_lies_on_the_silhouette_and_between_parts() -> None:
    drawing = draw(DOLL, Style("cel", lines=Lines(width=0.02)), np.random.default_rng(0))
    inside = np.asarray(distance_transform_edt(DOLL.mask))
    assert (drawing.lines[(inside > 0) & (inside <= 1)] > 0.4).mean() > 0.95
    border = (DOLL.part[1:] == 3) & (DOLL.part[:-1] == 1)
    assert (drawing.lines[1:][border] > 0).all()
    assert (drawing.lines > 0).mean() < 0.2


def test_lay_is_the_drawing_where_it_covers_and_the_ground_where_it_does_not() -> None:
    rng = np.random.default_rng(0)
    ground = random_ground(rng, SIDE)
    rgba = rng.random((SIDE, SIDE, 4), np.float32)
    for alpha, expected in ((1, rgba[..., :3]), (0, ground)):
        rgba[..., 3] = alpha
        assert np.array_equal(lay(rgba, ground), expected)


@pytest.mark.parametrize("name", GROUNDS)
def test_every_ground_is_a_picture_and_repeats(name: str) -> None:
    for seed in range(3):
        first, second = (GROUNDS[name][0](np.random.default_rng(seed), SIDE) for _ in "ab")
        assert first.shape == (SIDE, SIDE, 3) and np.isfinite(first).all()
        assert first.tobytes() == second.tobytes()


def test_random_grounds_are_in_range_and_differ() -> None:
    grounds = [random_ground(np.random.default_rng(seed), SIDE) for seed in range(40)]
    assert all(g.dtype == np.float32 and g.min() >= 0 and g.max() <= 1 for g in grounds)
    assert len({g.tobytes() for g in grounds}) > 25


def test_half_the_drawings_on_toned_paper_lie_on_that_paper() -> None:
    paper = (0.7, 0.68, 0.6)
    same = [
        np.abs(random_ground(np.random.default_rng(seed), 32, paper) - np.array(paper)).max() < 1e-3
        for seed in range(100)
    ]
    assert 0.25 < np.mean(same) < 0.75


@pytest.mark.parametrize("seed", SEEDS)
def test_degrading_keeps_shape_place_and_about_the_colour(seed: int) -> None:
    y, x = np.mgrid[:SIDE, :SIDE]
    disc = np.hypot(y - 50, x - 40) < 25
    picture = np.where(disc[..., None], (0.2, 0.3, 0.7), (0.9, 0.85, 0.8)).astype(np.float32)
    out = degrade(picture, np.random.default_rng(seed))
    assert out.shape == picture.shape and out.dtype == np.uint8
    assert np.abs(out.mean((0, 1)) / 255 - picture.mean((0, 1))).max() < 0.15
    dark = out[..., 0] < out[..., 0].mean()
    centre = np.array([np.nonzero(dark)[axis].mean() for axis in (0, 1)])
    assert np.abs(centre - (50, 40)).max() < 0.6
    again = degrade(np.round(picture * 255).astype(np.uint8), np.random.default_rng(seed))
    assert np.abs(again.astype(int) - out).mean() < 3


def test_noise_is_smooth_bounded_and_blurring_keeps_the_mean() -> None:
    field = smooth_noise(np.random.default_rng(0), (80, 60), 20)
    assert field.shape == (80, 60) and np.abs(field).max() <= 1 and field.std() > 0.1
    assert np.abs(np.diff(field, axis=0)).max() < 0.2
    dot = np.zeros((21, 21, 1), np.float32)
    dot[10, 10] = 1
    soft = blurred(dot, 2)
    assert np.isclose(soft.sum(), 1, atol=1e-5) and np.isclose(soft.max(), 1 / 25, atol=1e-6)
    assert blurred(dot, 0) is dot
