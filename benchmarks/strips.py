"""Contact sheets of whole runs: the drawings, the painted figure from four sides, and its shape in clay."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from genkei.pipeline import Made

WIDTH, HEIGHT, CAPTION = 266, 480, 44
TURNS = (0, 45, 90, 180)
LIGHT = 0.25
"""A little shading, so that lumps show through the paint."""
PAPER = (237, 237, 237)
ROWS = 3
"""Strips a page: three fill a screen and stay readable at 1600 px."""


def strip_of(name: str, drawings: list[Path], made: Made | None, row: dict[str, Any]) -> Image.Image:
    """One row of a contact sheet, 6 tiles wide under its caption."""
    page = Image.new("RGB", (6 * WIDTH, HEIGHT + CAPTION), PAPER)
    page.paste(_together(drawings), (0, CAPTION))
    for column, tile in enumerate(_tiles(made) if made else (), start=1):
        page.paste(tile, (column * WIDTH, CAPTION))
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(15)
    pen.text((6, 3), _caption(name, row), fill="black", font=font)
    notes = row.get("refused") or "; ".join(row.get("notes", ())) or "no notes"
    pen.text((6, 23), notes[:220], fill=(120, 40, 40), font=ImageFont.load_default(13))
    return page


def _caption(name: str, row: dict[str, Any]) -> str:
    if "refused" in row:
        return f"{name}   REFUSED"
    failed = ", ".join(row["failed"]) or "none"
    return (
        f"{name}   views: {', '.join(row['views'])}   re-projection {row['iou']:.3f}   "
        f"colour {row['colour']:.2f}   failed checks: {failed}   {row['wall_s']:.0f} s"
    )


def _together(drawings: list[Path]) -> Image.Image:
    """Up to four drawings in one tile, without their empty borders."""
    tile = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    columns = 1 if len(drawings) == 1 else 2
    lines = -(-len(drawings) // columns)
    for index, path in enumerate(drawings[:4]):
        try:
            small = Image.open(path).convert("RGBA")
        except OSError:
            continue  # refused, as the caption says
        small = small.crop(small.getchannel("A").getbbox())
        small.thumbnail((WIDTH // columns - 4, HEIGHT // lines - 4), Image.Resampling.LANCZOS)
        y, x = divmod(index, columns)
        left = x * WIDTH // columns + (WIDTH // columns - small.width) // 2
        tile.paste(small, (left, y * HEIGHT // lines), small)
    return tile


def _tiles(made: Made) -> list[Image.Image]:
    """Front, three-quarter, side and back of the painted figure on its base; the clay three-quarter view."""
    from genkei.apps.pictures import show_figure
    from genkei.geometry.render import render, render_clay
    from genkei.types import Camera

    shown = show_figure(made.figure)
    around = np.hypot(shown.mesh.vertices[:, 0], shown.mesh.vertices[:, 2]).max()
    span = float(max(1.14, 2.04 * around * HEIGHT / WIDTH))
    cameras = [Camera.orthographic(turn, span) for turn in TURNS]
    painted = [render(shown.mesh, shown.uv, shown.texture, camera, HEIGHT, LIGHT) for camera in cameras]
    return [_on_paper(tile) for tile in (*painted, render_clay(shown.mesh, cameras[1], HEIGHT))]


def _on_paper(rgba: np.ndarray) -> Image.Image:
    """The middle columns of a square picture, composited on the page's grey."""
    left = (HEIGHT - WIDTH) // 2
    rgba = rgba[:, left : left + WIDTH]
    alpha = rgba[..., 3:]
    rgb = rgba[..., :3] * 255 * alpha + np.array(PAPER) * (1 - alpha)
    return Image.fromarray(np.clip(np.round(rgb), 0, 255).astype(np.uint8))


def write_pages(strips: list[Path], folder: Path) -> list[Path]:
    """Pages of strips, in the order given; strips that were not made are left out."""
    pictures = [Image.open(path) for path in strips if path.exists()]
    pages = []
    for start in range(0, len(pictures), ROWS):
        chosen = pictures[start : start + ROWS]
        page = Image.new("RGB", (chosen[0].width, sum(p.height for p in chosen)), PAPER)
        top = 0
        for picture in chosen:
            page.paste(picture, (0, top))
            top += picture.height
        path = folder / f"page_{len(pages) + 1:02d}.png"
        page.save(path)
        pages.append(path)
    return pages
