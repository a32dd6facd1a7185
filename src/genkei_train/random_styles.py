"""Chooses a way of drawing at random, as often as people draw that way."""

import colorsys

import numpy as np

from genkei_train.styles import COUNT, Colour, Gradient, Light, Lines, Recolour, Style, Surface, Tone

KINDS = {
    "flat": 0.09,
    "cel": 0.30,
    "soft": 0.13,
    "rendered": 0.08,
    "painted": 0.10,
    "watercolour": 0.06,
    "line art": 0.12,
    "pencil": 0.07,
    "comic": 0.05,
}
"""How often each way of drawing is drawn."""


def random_style(rng: np.random.Generator) -> Style:
    """A way of drawing, chosen by KINDS."""
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    return Style(
        kind,
        _recolour(rng),
        _light(rng, kind),
        _gradients(rng) if kind not in ("line art", "pencil", "comic") else (),
        _lines(rng, kind),
        _surface(rng, kind),
    )


def _chance(rng: np.random.Generator, share: float) -> bool:
    return bool(rng.random() < share)


def _colour(
    rng: np.random.Generator, saturation: tuple[float, float], brightness: tuple[float, float]
) -> Colour:
    return colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturation), rng.uniform(*brightness))


def _recolour(rng: np.random.Generator) -> Recolour:
    """One in eight keeps the paint; the others get a hair, a wardrobe, a skin and eyes of their own."""
    if _chance(rng, 0.12):
        return Recolour()
    hue, bend = rng.uniform(-0.5, 0.5, COUNT), rng.uniform(-0.12, 0.12, COUNT)
    saturation, gamma = rng.uniform(0.45, 1.35, COUNT), np.exp(rng.uniform(-0.6, 0.6, COUNT))
    washed = np.where(rng.random(COUNT) < 0.4, rng.uniform(0.3, 0.95, COUNT), 0.0)
    washed[1:3] = 0
    skin = rng.uniform(0, 1) ** 5
    tone = np.array([1.0, 0.985, 0.975]) * (1 - skin) + np.array([0.55, 0.46, 0.42]) * skin
    return Recolour(
        tuple(hue.tolist()),
        tuple(bend.tolist()),
        tuple(saturation.tolist()),
        tuple(gamma.tolist()),
        tuple(_colour(rng, (0.0, 0.85), (0.2, 1.0)) for _ in range(COUNT)),
        tuple(washed.tolist()),
        (float(tone[0]), float(tone[1]), float(tone[2])),
        float(rng.uniform(-0.5, 0.5)),
    )


def _direction(rng: np.random.Generator) -> Colour:
    """Mostly from above and one side, as artists light; seldom from below."""
    x, z = rng.uniform(-0.9, 0.9), rng.uniform(0.15, 0.9)
    y = rng.uniform(0.25, 0.9) if _chance(rng, 0.9) else rng.uniform(-0.6, 0.2)
    length = float(np.sqrt(x * x + y * y + z * z))
    return (float(x / length), float(y / length), float(z / length))


def _shade(rng: np.random.Generator) -> tuple[Colour, Colour]:
    """What shade multiplies cloth by, and skin: cooler or warmer than grey, skin always warm."""
    cold = colorsys.hsv_to_rgb(rng.uniform(0.55, 0.95), rng.uniform(0.05, 0.35), rng.uniform(0.62, 0.92))
    warm = colorsys.hsv_to_rgb(rng.uniform(-0.04, 0.08) % 1, rng.uniform(0.1, 0.3), rng.uniform(0.82, 0.97))
    return cold, warm


def _light(rng: np.random.Generator, kind: str) -> Light:
    if kind == "flat" or (kind in ("line art", "pencil") and _chance(rng, 0.55)):
        return Light(_direction(rng))
    hard = kind in ("cel", "comic", "line art")
    shade, skin_shade = _shade(rng)
    if kind == "rendered":
        return _studio(rng, shade, skin_shade)
    if hard:
        edges = np.sort(rng.uniform(-0.15, 0.55, rng.choice((1, 2), p=(0.65, 0.35))))[::-1]
        softness = float(rng.choice((0.02, 0.05, 0.12)))
        share = 1 / len(edges) if len(edges) > 1 else 1.0
        tones = tuple(Tone(float(e), softness, share) for e in edges)
    else:
        tones = (Tone(float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.5, 1.5)), 1.0),)
        if _chance(rng, 0.4):
            tones = (*tones, Tone(float(rng.uniform(-0.1, 0.4)), float(rng.uniform(0.03, 0.2)), 0.5))
    plain = kind in ("line art", "pencil")
    return Light(
        _direction(rng),
        float(rng.uniform(0.7, 1.0)) if _chance(rng, 0.15) else 1.0,
        tones,
        shade,
        skin_shade,
        face=0.0 if _chance(rng, 0.6 if hard else 0.25) else float(rng.uniform(0.2, 1)),
        calm=float(rng.uniform(0.004, 0.014)),
        wobble=float(rng.uniform(0, 0.12)) if hard else float(rng.uniform(0, 0.3)),
        cast=float(rng.uniform(0.006, 0.02)) if _chance(rng, 0.7) else 0.0,
        hollow=0.0 if hard else float(rng.uniform(0, 1)),
        shine=float(rng.uniform(0.2, 0.7)) if _chance(rng, 0.25) and not plain else 0.0,
        ring=float(rng.uniform(0.25, 0.8)) if _chance(rng, 0.45) and not plain else 0.0,
        rim=float(rng.uniform(0.2, 0.7)) if _chance(rng, 0.15) and not plain else 0.0,
    )


def _studio(rng: np.random.Generator, shade: Colour, skin_shade: Colour) -> Light:
    """The light of a three-dimensional model's render: deep, soft, on the face too, with a gloss."""
    deep = float(rng.uniform(0.5, 1))
    return Light(
        _direction(rng),
        float(rng.uniform(0.55, 1.05)),
        (Tone(float(rng.uniform(0.3, 0.7)), float(rng.uniform(1.0, 2.0)), 1.0),),
        (shade[0] * deep, shade[1] * deep, shade[2] * deep),
        (skin_shade[0] * deep, skin_shade[1] * deep, skin_shade[2] * deep),
        face=1.0,
        calm=float(rng.uniform(0, 0.006)),
        cast=float(rng.uniform(0.006, 0.02)) if _chance(rng, 0.4) else 0.0,
        hollow=float(rng.uniform(0, 1)),
        shine=float(rng.uniform(0, 0.5)) if _chance(rng, 0.5) else 0.0,
        rim=float(rng.uniform(0.1, 0.6)) if _chance(rng, 0.3) else 0.0,
    )


def _gradients(rng: np.random.Generator) -> tuple[Gradient, ...]:
    out = []
    for part, chance in ((0, 0.25), (3, 0.2)):
        if _chance(rng, chance):
            start = float(rng.uniform(0.05, 0.5))
            end = start + float(rng.uniform(0.15, 0.5))
            out.append(
                Gradient(part, _colour(rng, (0.1, 0.8), (0.3, 1.0)), float(rng.uniform(0.4, 1)), start, end)
            )
    return tuple(out)


def _ink(rng: np.random.Generator) -> Colour:
    match int(rng.choice(3, p=(0.45, 0.3, 0.25))):
        case 0:
            grey = float(rng.uniform(0, 0.15))
            return (grey, grey, grey)
        case 1:
            return colorsys.hsv_to_rgb(
                rng.uniform(0.95, 1.08) % 1, rng.uniform(0.3, 0.7), rng.uniform(0.15, 0.4)
            )
        case _:
            return _colour(rng, (0.2, 0.9), (0.15, 0.6))


def _lines(rng: np.random.Generator, kind: str) -> Lines:
    drawn = kind in ("line art", "pencil", "comic")
    without = {
        "flat": 0.3,
        "cel": 0.05,
        "soft": 0.4,
        "rendered": 0.95,
        "painted": 0.6,
        "watercolour": 0.3,
    }.get(kind, 0.0)
    if _chance(rng, without):
        return Lines(width=0.0)
    pencil = kind == "pencil"
    grey = float(rng.uniform(0.05, 0.4))
    return Lines(
        width=float(np.exp(rng.uniform(np.log(0.0035 if drawn else 0.0022), np.log(0.012)))),
        inner=float(rng.uniform(0.45, 1.0)),
        ink=(grey, grey, grey) if pencil else _ink(rng),
        tint=float(rng.uniform(0.3, 0.9)) if not drawn and _chance(rng, 0.4) else 0.0,
        strength=float(rng.uniform(0.7, 1)),
        wobble=float(rng.uniform(0.001, 0.006)) if pencil else float(max(rng.uniform(-0.002, 0.003), 0)),
        pressure=float(rng.uniform(0.1, 0.9)),
        grain=float(rng.uniform(0.2, 0.7)) if pencil or _chance(rng, 0.1) else 0.0,
        strokes=int(rng.integers(1, 4)) if pencil else int(rng.choice((1, 2), p=(0.92, 0.08))),
        step=float(rng.uniform(0.004, 0.012)),
        crease=float(rng.uniform(0.12, 0.6)) if _chance(rng, 0.75) else 2.0,
        borders=float(rng.uniform(0.4, 1)),
        features=float(rng.uniform(0.6, 1)) if drawn else 0.0,
    )


def _surface(rng: np.random.Generator, kind: str) -> Surface:
    grain = float(rng.uniform(0.01, 0.05)) if _chance(rng, 0.2) else 0.0
    match kind:
        case "line art" | "pencil":
            tint = float(rng.uniform(0, 0.06)) if _chance(rng, 0.4) else 0.0
            dim = float(rng.uniform(0.55, 1)) if _chance(rng, 0.25) else 1.0
            screen = "hatch" if kind == "pencil" or _chance(rng, 0.2) else "none"
            return Surface(
                fill="paper",
                paper=(dim * (1 - tint * 0.3), dim * (1 - tint * 0.6), dim * (1 - tint * 1.4)),
                grain=float(rng.uniform(0, 0.04)) if kind == "pencil" else 0.0,
                blacks=float(rng.uniform(0.15, 0.4)) if _chance(rng, 0.3) else 0.0,
                screen=screen,
                pitch=float(rng.uniform(0.008, 0.02)),
                angle_deg=float(rng.uniform(20, 70) * rng.choice((-1, 1))),
            )
        case "comic":
            return Surface(
                fill="grey",
                blacks=float(rng.uniform(0.2, 0.45)),
                screen="dots",
                pitch=float(rng.uniform(0.014, 0.03)),
                angle_deg=float(rng.uniform(30, 60)),
            )
        case "painted":
            return Surface(
                grain=grain,
                mottle=float(rng.uniform(0, 0.1)),
                dabs=float(rng.uniform(0.4, 1)),
                dab_size=float(rng.uniform(0.012, 0.035)),
            )
        case "watercolour":
            return Surface(
                paper=(0.98, 0.97, 0.94),
                grain=grain,
                mottle=float(rng.uniform(0.1, 0.3)),
                pool=float(rng.uniform(0.15, 0.5)),
            )
        case _:
            dots = kind == "cel" and _chance(rng, 0.06)
            return Surface(
                grain=grain,
                mottle=float(rng.uniform(0.02, 0.08)) if _chance(rng, 0.2) else 0.0,
                screen="dots" if dots else "none",
                pitch=float(rng.uniform(0.014, 0.03)),
            )
