"""A tiny character, drawn and built here: what the tests of the command feed it."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from genkei.pipeline import Made
from genkei.types import Camera, Character, Mesh, Reading, Rig, Sheet, Timing, View

INK, SKIN, HAIR, DRESS, SHOE = "#222222", "#ffe0c8", "#5b3a7a", "#c23b4e", "#40302c"


def draw_girl(path: Path, copies: int = 1) -> Path:
    """A girl in a red dress on a plain ground, 300 x 520 px; `copies` of her side by side."""
    picture = Image.new("RGB", (300 * copies, 520), "#f4f4f0")
    for k in range(copies):
        _girl(ImageDraw.Draw(picture), 300 * k)
    picture.save(path)
    return path


def _girl(draw: ImageDraw.ImageDraw, left: int) -> None:
    def box(shape, x0, y0, x1, y1, fill):
        getattr(draw, shape)((left + x0, y0, left + x1, y1), fill=fill, outline=INK, width=3)

    def polygon(points, fill):
        draw.polygon([(left + x, y) for x, y in points], fill=fill, outline=INK)

    box("ellipse", 95, 25, 205, 150, HAIR)
    box("ellipse", 105, 50, 195, 155, SKIN)
    for x in (122, 160):
        draw.ellipse((left + x, 90, left + x + 18, 118), fill="#304890")
    box("rectangle", 138, 150, 162, 180, SKIN)
    polygon([(122, 170), (178, 170), (190, 250), (215, 330), (85, 330), (110, 250)], DRESS)
    polygon([(120, 172), (130, 195), (80, 300), (58, 292)], SKIN)
    polygon([(180, 172), (170, 195), (220, 300), (242, 292)], SKIN)
    for x in (112, 162):
        box("rectangle", x, 330, x + 28, 470, SKIN)
        box("ellipse", x - 12, 455, x + 34, 492, SHOE)


def made_of_a_box() -> Made:
    """Every value of a run, from a painted box that was drawn from the front: milliseconds, no reading."""
    from genkei.figure.build import Build
    from genkei.figure.checks import check_figure
    from genkei.geometry.score import score_views

    character = box_character()
    rgba = np.zeros((96, 96, 4), np.float32)
    rgba[8:88, 36:60] = (0.8, 0.2, 0.3, 1.0)
    view = View(rgba, Camera.orthographic(0.0, 1.2))
    reading = Reading("front.png", (36, 8, 60, 88), "alpha", 0.0, "named by the user", 1.0)
    sheet = Sheet((view,), (reading,), (), (), ("a note with <b>marks</b> & signs",))
    build = Build(height_mm=60.0)
    built = build.with_notes(character)
    checks = check_figure(built.figure, build.profile)
    scores = score_views((view,), character.mesh, character.uv, character.texture)
    timings = (Timing("read", 0.5, 0.4),)
    return Made(
        sheet,
        (view,),
        character.mesh,
        character,
        built.figure,
        built.begun,
        checks,
        scores,
        timings,
        sheet.notes,
    )


def box_character() -> Character:
    """A red box 0.3 wide, 1 high and 0.2 deep; its lower half was drawn by nobody."""
    low, high = np.array([-0.15, 0.0, -0.1]), np.array([0.15, 1.0, 0.1])
    vertices = np.array([[(low, high)[i >> k & 1][k] for k in range(3)] for i in range(8)], np.float32)
    quads = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    faces = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))], np.int32)
    mesh = Mesh(vertices, faces)
    height = vertices[faces][..., 1]
    uv = np.stack([np.full_like(height, 0.5), 1 - height], -1).astype(np.float32)
    texture = np.full((64, 64, 3), (204, 51, 77), np.uint8)
    drawn = np.zeros((64, 64), np.float32)
    drawn[:32] = 1.0
    parts = np.zeros(len(faces), np.int32)
    return Character(mesh, uv, texture, drawn, parts, ("body",), Rig.empty(8))
