"""The frame and the small pieces of an HTML page: cards, pictures, pills, numbers for people."""

import math
from collections.abc import Mapping
from html import escape
from importlib.resources import files

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
"""The browser itself refuses every request the page could make."""
Record = Mapping[str, object]
"""A run on record, see `record.py`."""


def page(record: Record, badge: str, *sections: str, style: str = "") -> str:
    """The frame round the sections; `style` is added to the report's."""
    common = files("genkei.apps").joinpath("report.css").read_text(encoding="utf-8")
    title = escape(str(record["title"]))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{title} · genkei</title>
<style>
{common}{style}</style>
</head>
<body>
<main>
<header>
<div>
<div class="kicker">genkei {escape(str(record["verb"]))}</div>
<h1>{title}</h1>
<p class="lead">{escape(str(record["subtitle"]))}</p>
</div>
{badge}
</header>
{"".join(sections)}
<footer>Made by genkei {escape(str(record["genkei"]))}, offline; this page asks no network.</footer>
</main>
</body>
</html>
"""


def section(title: str, hint: str, body: str, kind: str = "") -> str:
    """A card; `hint` may hold markup; `kind` is its class."""
    says = f'<p class="hint">{hint}</p>' if hint else ""
    opened = f'<section class="{kind}">' if kind else "<section>"
    return f"{opened}<h2>{escape(title)}</h2>{says}{body}</section>\n"


def picture(uri: str, alt: str, caption: str) -> str:
    return f'<figure><img src="{uri}" alt="{escape(alt)}"><figcaption>{escape(caption)}</figcaption></figure>'


def pill(passed: bool) -> str:
    return f'<span class="pill {"good" if passed else "bad"}">{"pass" if passed else "fail"}</span>'


def number(value: float) -> str:
    """Whole numbers without a point, others to a sensible place."""
    if not math.isfinite(value):
        return "–"
    if abs(value) < 5e-4 or value == int(value):
        return f"{round(value):,}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:,.1f}"


def size(count: int) -> str:
    """Bytes for people; empty for 0."""
    if not count:
        return ""
    return (
        f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB" if count >= 1e3 else f"{count} B"
    )


def hex_code(rgb: tuple[int, int, int]) -> str:
    """`#rrggbb`."""
    return "#{:02x}{:02x}{:02x}".format(*rgb)
