"""The paint guide: which colour covers how much of which part, and the nearest paints of the user's table."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float, UInt8

from genkei.figure.palette import reduce_colours
from genkei.geometry.colour import difference_2000, to_lab
from genkei.geometry.mesh import area_vectors
from genkei.types import Figure, Part

COLOURS = 12
"""Tones of a guide: beyond these, neighbouring shades differ less than two coats of one paint do."""
NEAREST = 3
"""Paints named per tone."""
MOST_SAID = 5
"""Bad rows an error names."""


@dataclass(frozen=True)
class Paint:
    """One pot of the user's table."""

    name: str
    rgb: tuple[int, int, int]


@dataclass(frozen=True)
class Match:
    """A paint and how far it is from a tone: CIEDE2000, 1 just visible, 5 another colour."""

    paint: Paint
    away: float


@dataclass(frozen=True)
class Tone:
    """One colour of the guide."""

    number: int
    """From 1 on, the largest area first."""
    rgb: tuple[int, int, int]
    areas_mm2: tuple[float, ...]
    """On every part, in the guide's order; surfaces that a joint hides count as well."""
    matches: tuple[Match, ...]
    """Nearest first; none without a table."""

    @property
    def area_mm2(self) -> float:
        return sum(self.areas_mm2)


@dataclass(frozen=True)
class Guide:
    """What to paint with, tone by tone."""

    part_names: tuple[str, ...]
    tones: tuple[Tone, ...]

    def of_part(self, index: int, least_share: float = 0.01) -> tuple[Tone, ...]:
        """Tones of one part, the largest area first, without those under a share of its surface."""
        total = sum(tone.areas_mm2[index] for tone in self.tones)
        here = [tone for tone in self.tones if tone.areas_mm2[index] > least_share * total]
        return tuple(sorted(here, key=lambda tone: -tone.areas_mm2[index]))


def paint_guide(
    parts: Sequence[Part],
    texture: UInt8[np.ndarray, "th tw 3"],
    paints: Sequence[Paint] = (),
    colours: int = COLOURS,
) -> Guide:
    """At most `colours` tones of a kit, their areas per part, and the nearest of the paints."""
    palette = reduce_colours(Figure(tuple(parts), texture, 1.0, 0.0), colours)
    count = len(palette.colours)
    areas = np.zeros((count, len(parts)))
    for k, (part, label) in enumerate(zip(parts, palette.faces, strict=True)):
        areas[:, k] = np.bincount(label, np.linalg.norm(area_vectors(part.mesh), axis=1), count)
    order = [k for k in np.argsort(-areas.sum(1), kind="stable") if areas[k].any()]
    away = differences(palette.colours, paints)
    tones = []
    for number, k in enumerate(order, 1):
        near = np.argsort(away[k], kind="stable")[:NEAREST]
        r, g, b = (int(c) for c in palette.colours[k])
        matches = tuple(Match(paints[j], float(away[k, j])) for j in near)
        tones.append(Tone(number, (r, g, b), tuple(float(a) for a in areas[k]), matches))
    return Guide(tuple(part.name for part in parts), tuple(tones))


def differences(colours: UInt8[np.ndarray, "n 3"], paints: Sequence[Paint]) -> Float[np.ndarray, "n p"]:
    """CIEDE2000 of every colour to every paint."""
    pots = np.array([paint.rgb for paint in paints], np.float64).reshape(-1, 3)
    return difference_2000(to_lab(colours[:, None] / 255.0), to_lab(pots[None] / 255.0))


def read_paints(path: Path) -> tuple[Paint, ...]:
    """The paints of a CSV file in UTF-8; ValueError in the user's words when it cannot be used."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{path.name} is not UTF-8 text ({error.reason} at byte {error.start}): save it as 'CSV UTF-8'"
        ) from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    return parse_paints(text, path.name)


def parse_paints(text: str, source: str) -> tuple[Paint, ...]:
    """Paints from a table with the columns `name,hex` or `name,r,g,b`; further columns are passed over.

    Commas, semicolons or tabs separate. ValueError names the first bad rows: a missing name or colour, a
    colour that is none, a name that stands for two colours.
    """
    if "\0" in text:
        raise ValueError(f"{source} is no text table (it holds zero bytes): save it as 'CSV UTF-8'")
    first = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(text.lstrip()), delimiter=separator)
    names = [(name or "").strip().lower() for name in reader.fieldnames or ()]
    reader.fieldnames = names
    if "name" not in names or not ("hex" in names or {"r", "g", "b"} <= set(names)):
        found = ", ".join(name for name in names if name) or "nothing"
        raise ValueError(
            f"{source}: the first row names the columns; found {found}, wanted name,hex or name,r,g,b"
        )
    paints: dict[str, Paint] = {}
    bad: list[str] = []
    for row in reader:
        cells = {key: (cell or "").strip() for key, cell in row.items() if isinstance(cell, str | None)}
        if not any(cells.values()):
            continue
        paint, wrong = _paint(cells)
        if not wrong and paints.get(paint.name, paint).rgb != paint.rgb:
            wrong = f"{paint.name} has a colour already"
        if wrong:
            bad.append(f"row {reader.line_num}: {wrong}")
        paints[paint.name] = paint
    if bad:
        more = f", and {len(bad) - MOST_SAID} rows more" if len(bad) > MOST_SAID else ""
        raise ValueError(f"{source}: {'; '.join(bad[:MOST_SAID])}{more}")
    if not paints:
        raise ValueError(f"{source} has no paints below its first row")
    return tuple(paints.values())


def _paint(cells: Mapping[str, str]) -> tuple[Paint, str]:
    """The paint of a row, and what is wrong with it (empty: nothing)."""
    name = cells.get("name", "")
    if not name:
        return Paint("", (0, 0, 0)), "the paint has no name"
    code = cells.get("hex", "").removeprefix("#")
    if code:
        code = "".join(2 * c for c in code) if len(code) == 3 else code
        if not re.fullmatch("[0-9a-fA-F]{6}", code):
            return Paint(name, (0, 0, 0)), f"{name} has the colour {cells['hex']!r}, wanted one like #b3413a"
        return Paint(name, (int(code[:2], 16), int(code[2:4], 16), int(code[4:], 16))), ""
    levels = [cells.get(channel, "") for channel in "rgb"]
    if not all(re.fullmatch("[0-9]{1,3}", level) and int(level) <= 255 for level in levels):
        said = ", ".join(level or "nothing" for level in levels)
        return Paint(name, (0, 0, 0)), f"{name} has r, g, b = {said}, wanted whole numbers from 0 to 255"
    r, g, b = (int(level) for level in levels)
    return Paint(name, (r, g, b)), ""


__all__ = ["Guide", "Match", "Paint", "Tone", "paint_guide", "parse_paints", "read_paints"]
