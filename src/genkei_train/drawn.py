"""Draws a rasterised character in a style: paint, light, surface, lines."""

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from jaxtyping import Float32
from numba import njit

from genkei_train.buffers import Buffers
from genkei_train.noise import blurred, smooth_noise
from genkei_train.random_styles import random_style
from genkei_train.recolour import FACE, HAIR, SKIN, UNKNOWN, recolour
from genkei_train.strokes import Ink, ink
from genkei_train.styles import Gradient, Light, Style, Surface

__all__ = ["Drawing", "Style", "draw", "random_style"]

LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Drawing:
    rgba: Float32[np.ndarray, "n n 4"]
    """Straight alpha on a transparent ground; 0 where alpha is 0."""
    lines: Float32[np.ndarray, "n n"]
    """How much ink of a line covers each pixel, 0..1."""


def draw(buffers: Buffers, style: Style, rng: np.random.Generator) -> Drawing:
    """The view in the style; colours come from the style, only the hand's accidents from `rng`.

    Raises ValueError if the view shows nothing.
    """
    side = buffers.mask.shape[0]
    window = _window(buffers.mask, int(np.ceil(style.lines.width * side)) + 2)
    view = _cut(buffers, window)
    down = _down(buffers.mask, window)
    paint = recolour(view.albedo, view.part, style.recolour)
    for gradient in style.gradients:
        paint = _graded(paint, view.part, down, gradient)
    shade, glow = _lit(view, style.light, side, rng)
    brightness = _dot(paint, LUMA)
    filled = _filled(paint, brightness, view, (shade, glow), style)
    filled = _surfaced(filled, view.part, style.surface, side, rng)
    marks = _screened(brightness, shade, view, style, side, rng)
    if marks is not None:
        filled = filled * (1 - marks[..., None]) + _screen_ink(style, paint) * marks[..., None]
    strokes = ink(view, brightness, style.lines, side, rng)
    rgba = np.zeros((side, side, 4), np.float32)
    lines = np.zeros((side, side), np.float32)
    rgba[window] = _inked(filled, paint, view.mask, strokes, style)
    lines[window] = strokes.cover
    return Drawing(rgba, lines)


def _window(mask: np.ndarray, margin: int) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        raise ValueError("the view shows nothing of the character; turn the camera towards it")
    return (
        slice(max(rows[0] - margin, 0), rows[-1] + 1 + margin),
        slice(max(columns[0] - margin, 0), columns[-1] + 1 + margin),
    )


def _cut(buffers: Buffers, window: tuple[slice, slice]) -> Buffers:
    """The window of a view; what is seen but belongs to no part becomes UNKNOWN, the rest stays -1."""
    mask, part = buffers.mask[window], buffers.part[window]
    part = np.where(mask, np.where(part < 0, UNKNOWN, part), -1).astype(np.int8)
    return Buffers(buffers.albedo[window], buffers.normal[window], buffers.depth[window], part, mask)


def _down(mask: np.ndarray, window: tuple[slice, slice]) -> np.ndarray:
    """(h,) 0 at the figure's top row to 1 at its lowest: the same from the front and from behind."""
    rows = np.flatnonzero(mask.any(1))
    count = len(range(*window[0].indices(mask.shape[0])))
    return ((window[0].start + np.arange(count) - rows[0]) / max(rows[-1] - rows[0], 1)).astype(np.float32)


def _dot(vectors: np.ndarray, by: np.ndarray) -> np.ndarray:
    """(h, w, 3) times (3,), term by term: BLAS rounds by where the array lies in memory."""
    return vectors[..., 0] * by[0] + vectors[..., 1] * by[1] + vectors[..., 2] * by[2]


def _smoothstep(x: np.ndarray) -> np.ndarray:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)


def _graded(paint: np.ndarray, part: np.ndarray, down: np.ndarray, gradient: Gradient) -> np.ndarray:
    """Light and dark of the paint are kept a little, so that patterns still show."""
    share = gradient.share * _smoothstep((down - gradient.start) / (gradient.end - gradient.start))
    share = np.where(part == gradient.part, share[:, None], 0)[..., None].astype(np.float32)
    tone = 0.5 + 0.5 * _dot(paint, LUMA)[..., None]
    return paint * (1 - share) + np.array(gradient.colour, np.float32) * tone * share


def _lit(view: Buffers, light: Light, side: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Shade and glow, both 0..1 (h, w)."""
    shape = view.mask.shape
    shade, glow = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    if light.tones or light.shine or light.ring or light.rim:
        normal = blurred(view.normal, round(light.calm * side))
        normal = normal / np.maximum(np.sqrt(_dot(normal * normal, np.ones(3, np.float32))), 1e-4)[..., None]
        shade = _shade(view, normal, light, side, rng)
        glow = _glow(view.part, normal, light, side, rng) * (1 - 0.7 * shade)
    if light.hollow:
        radius = round(0.02 * side)
        depth = np.where(view.mask, view.depth, 0)
        mean = blurred(np.stack([depth, view.mask.astype(np.float32)], -1), radius)
        pit = mean[..., 0] / np.maximum(mean[..., 1], 1e-3) - depth
        shade = np.maximum(shade, light.hollow * np.clip(pit / 0.05, 0, 0.8))
    return np.where(view.mask, shade, 0), np.where(view.mask, glow, 0)


def _shade(
    view: Buffers, normal: np.ndarray, light: Light, side: int, rng: np.random.Generator
) -> np.ndarray:
    towards = np.array(light.towards, np.float32)
    facing = _dot(normal, towards)
    if light.wobble:
        facing += light.wobble * smooth_noise(rng, facing.shape, 0.04 * side, 2)
    shade = np.zeros_like(facing)
    for tone in light.tones:
        shade += tone.share * _smoothstep(0.5 + (tone.edge - facing) / tone.softness)
    shade[view.part == FACE] *= light.face
    if light.cast:
        reach = light.cast * side
        step = np.array([-towards[1], towards[0]], np.float32) * reach
        hidden = _cast(view.depth, view.part, step, np.float32(light.cast))
        soft = blurred(hidden[..., None], max(round(0.004 * side), 1))[..., 0]
        sharp = max(min(light.tones[0].softness, 0.9), 0.1) if light.tones else 0.5
        shade = np.maximum(shade, _smoothstep(0.5 + (soft - 0.5) / sharp))
    return np.minimum(shade, 1).astype(np.float32)


def _glow(
    part: np.ndarray, normal: np.ndarray, light: Light, side: int, rng: np.random.Generator
) -> np.ndarray:
    glow = np.zeros(part.shape, np.float32)
    if light.ring:
        jag = smooth_noise(rng, (1, part.shape[1]), 0.012 * side, 2) * 0.25
        inside = 1 - np.abs(normal[..., 1] - 0.55 - jag) / 0.13
        glow += light.ring * np.where(part == HAIR, np.clip(inside * 3, 0, 1), 0)
    if light.shine:
        half = np.array(light.towards, np.float32) + np.array([0, 0, 1], np.float32)
        spot = _dot(normal, (half / np.linalg.norm(half)).astype(np.float32))
        glow += light.shine * np.where(part >= FACE, 0.5, 1) * _smoothstep((spot - 0.93) / 0.05)
    if light.rim:
        away = _smoothstep((0.42 - normal[..., 2]) / 0.12) * (normal[..., 0] * light.towards[0] < 0)
        glow += light.rim * away
    return np.minimum(glow, 1).astype(np.float32)


def _filled(
    paint: np.ndarray,
    brightness: np.ndarray,
    view: Buffers,
    light: tuple[np.ndarray, np.ndarray],
    style: Style,
) -> np.ndarray:
    """Colour, grey or bare paper under the light, before the medium's accidents."""
    shade, glow = light
    surface = style.surface
    if surface.fill == "colour":
        factor = np.tile(1 - np.array(style.light.shade, np.float32), (UNKNOWN + 1, 1))
        factor[[FACE, SKIN]] = 1 - np.array(style.light.skin_shade, np.float32)
        paint = paint * np.float32(style.light.strength)
        amount = shade if surface.screen == "none" else np.zeros_like(shade)
        lit = paint * (1 - amount[..., None] * factor[view.part]) if amount.any() else paint
        return 1 - (1 - lit) * (1 - glow[..., None]) if glow.any() else lit
    dark = np.zeros_like(brightness)
    if surface.blacks:
        dark = _smoothstep(0.5 + (surface.blacks - brightness) / 0.08)
    faces = (view.part == FACE) | (view.part == UNKNOWN)
    features = np.where(faces, _smoothstep((0.55 - brightness) / 0.25), 0)
    dark = np.maximum(dark, features)[..., None].astype(np.float32)
    ground = np.array(surface.paper, np.float32)
    if surface.fill == "grey":
        ground = ground * np.where(brightness > 0.75, 1, 0.55 + 0.45 * brightness)[..., None]
    elif surface.screen == "none":
        ground = ground * (1 - 0.22 * shade[..., None])
    return (ground * (1 - dark) + np.array(style.lines.ink, np.float32) * dark).astype(np.float32)


def _surfaced(
    filled: np.ndarray, part: np.ndarray, surface: Surface, side: int, rng: np.random.Generator
) -> np.ndarray:
    """Brush dabs, pools of pigment, mottle and grain."""
    shape = part.shape
    if surface.dabs:
        cell = surface.dab_size * side
        knots = (int(shape[0] / cell) + 2, int(shape[1] / cell) + 2)
        jitter = rng.random((*knots, 4)).astype(np.float32)
        slant = np.float32(rng.uniform(0, np.pi))
        filled = _dabbed(filled, part, jitter, np.float32(cell), slant, np.float32(surface.dabs))
    if surface.pool:
        edge = np.abs(filled - blurred(filled, max(round(0.008 * side), 1))).sum(-1)
        filled = filled * (1 - surface.pool * np.clip(edge * 1.5, 0, 1))[..., None]
    if surface.mottle:
        patch = surface.mottle * smooth_noise(rng, shape, 0.08 * side, 3)[..., None]
        filled = filled + patch * np.where(patch > 0, np.array(surface.paper, np.float32) - filled, filled)
    if surface.grain:
        filled = filled + surface.grain * rng.standard_normal(shape, np.float32)[..., None]
    return np.clip(filled, 0, 1).astype(np.float32) if surface.mottle or surface.grain else filled


def _screened(
    brightness: np.ndarray,
    shade: np.ndarray,
    view: Buffers,
    style: Style,
    side: int,
    rng: np.random.Generator,
) -> np.ndarray | None:
    """(h, w) 0..1 of dots or hatching in the shade, or None if the style has none."""
    surface = style.surface
    if surface.screen == "none":
        return None
    angle, pitch = np.radians(surface.angle_deg), surface.pitch * side
    rows = np.arange(shade.shape[0], dtype=np.float32)[:, None]
    columns = np.arange(shade.shape[1], dtype=np.float32)
    across = (columns * np.cos(angle) + rows * np.sin(angle)) * (2 * np.pi / pitch)
    if surface.screen == "hatch":
        drift = smooth_noise(rng, shade.shape, 0.05 * side, 2)
        wave = 0.5 + 0.5 * np.cos(across.astype(np.float32) + 2 * drift)
        dark = np.clip(shade * 0.45 + (0.3 - brightness) * 0.6, 0, 0.6) * (1 + 0.5 * drift)
        marks = np.clip((wave - 1 + dark) * 3, 0, 0.75)
    else:
        along = (rows * np.cos(angle) - columns * np.sin(angle)) * (2 * np.pi / pitch)
        wave = 0.5 + 0.25 * (np.cos(across) + np.cos(along))
        plain = 0.35 * np.clip((0.75 - brightness) * 1.5, 0, 1) if surface.fill == "grey" else 0.0
        marks = np.clip((wave - 1 + np.clip(0.4 * shade + plain, 0, 0.6)) * 5, 0, 0.9)
    return np.where(view.mask, marks, 0).astype(np.float32)


def _screen_ink(style: Style, paint: np.ndarray) -> np.ndarray:
    if style.surface.fill == "colour":
        return paint * np.array(style.light.shade, np.float32) * 0.75
    return np.array(style.lines.ink, np.float32)


def _inked(filled: np.ndarray, paint: np.ndarray, mask: np.ndarray, strokes: Ink, style: Style) -> np.ndarray:
    """The fill under its lines, with alpha; outside the mask only the outline's ink."""
    cover = strokes.cover[..., None]
    colour: np.ndarray = np.array(style.lines.ink, np.float32)
    if style.lines.tint:
        own = paint.reshape(-1, 3)[np.maximum(strokes.source, 0)]
        colour = colour * (1 - style.lines.tint) + own * own * 0.7 * style.lines.tint
    rgba = np.empty((*mask.shape, 4), np.float32)
    inside = mask[..., None]
    rgba[..., :3] = np.where(inside, filled * (1 - cover) + colour * cover, np.where(cover > 0, colour, 0))
    rgba[..., 3] = np.where(mask, 1, strokes.cover)
    return rgba


@njit(cache=True)
@no_type_check
def _cast(depth, part, step, length):
    """1 where something nearer stands between a pixel and the light."""
    height, width = depth.shape
    out = np.zeros((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            if part[y, x] < 0:
                continue
            for k in range(1, 4):
                qy = y + round(step[0] * k / 3)
                qx = x + round(step[1] * k / 3)
                if not (0 <= qy < height and 0 <= qx < width) or part[qy, qx] < 0:
                    continue
                above = depth[qy, qx] - depth[y, x]
                least = length * (0.4 + 0.4 * k)
                if part[qy, qx] == part[y, x]:
                    least *= 1.8
                if above > least and above < 0.2:
                    out[y, x] = 1
    return out


@njit(cache=True)
@no_type_check
def _dabbed(filled, part, jitter, cell, slant, share):
    """Each pixel takes the colour under the centre of its brush dab, if that centre is the same part."""
    height, width, _ = filled.shape
    rows, columns, _ = jitter.shape
    cos, sin = np.cos(slant), np.sin(slant)
    out = filled.copy()
    for y in range(height):
        gy = int(y / cell)
        for x in range(width):
            if part[y, x] < 0:
                continue
            gx = int(x / cell)
            nearest, by, bx, tone = np.float32(1e9), -1, -1, np.float32(0)
            for iy in range(max(gy - 1, 0), min(gy + 2, rows)):
                for ix in range(max(gx - 1, 0), min(gx + 2, columns)):
                    cy, cx = (iy + jitter[iy, ix, 0]) * cell, (ix + jitter[iy, ix, 1]) * cell
                    along = (x - cx) * cos + (y - cy) * sin
                    aside = (y - cy) * cos - (x - cx) * sin
                    away = 0.35 * along * along + 2.2 * aside * aside + jitter[iy, ix, 2] * cell * cell * 0.3
                    py, px = int(cy), int(cx)
                    if away < nearest and py < height and px < width and part[py, px] == part[y, x]:
                        nearest, by, bx, tone = away, py, px, jitter[iy, ix, 3] - np.float32(0.5)
            if by < 0:
                continue
            for c in range(3):
                value = filled[by, bx, c] * (1 + np.float32(0.12) * tone)
                out[y, x, c] = min(filled[y, x, c] * (1 - share) + value * share, np.float32(1))
    return out
