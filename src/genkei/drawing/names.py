"""Names of sides as people write them, and their azimuths."""

from genkei.types import NAMES

AZIMUTHS = {
    **{name: float(azimuth) for azimuth, name in NAMES.items()},
    "side": 90.0,
    "front-left": 45.0,
    "back-left": 135.0,
    "back-right": 225.0,
    "front-right": 315.0,
}


def azimuth_of(name: str) -> float:
    """`front`, `left`, `back-right`, `45`, `-30`: degrees in [0, 360); ValueError on anything else."""
    text = name.strip().lower()
    if text in AZIMUTHS:
        return AZIMUTHS[text]
    try:
        degrees = float(text)
    except ValueError as error:
        raise ValueError(
            f"{name!r} is no view. Wanted one of {', '.join(AZIMUTHS)}, or the azimuth in degrees"
            " (0 front, 90 its left side, 180 back, 270 its right side)"
        ) from error
    if not -360.0 <= degrees <= 360.0:
        raise ValueError(f"{name!r} is no azimuth: wanted degrees from -360 to 360")
    return degrees % 360.0


def azimuths_of(order: tuple[str, ...], found: int) -> tuple[float, ...]:
    """One azimuth a figure, in reading order; ValueError when their number or the names do not fit."""
    azimuths = tuple(azimuth_of(name) for name in order)
    if len(azimuths) != found:
        raise ValueError(
            f"the order names {len(azimuths)} views ({', '.join(order)}), but {found} figures were found on"
            " the sheet (rows from the top, each from left to right). Name each once, or crop the sheet"
        )
    double = sorted({order[i] for i, a in enumerate(azimuths) if azimuths.count(a) > 1})
    if double:
        raise ValueError(
            f"the order names {', '.join(double)} more than once; every view may stand in it once"
        )
    return azimuths


def name_of(azimuth: float) -> str:
    """The word for an azimuth, or its degrees."""
    words = {degrees: name for name, degrees in AZIMUTHS.items() if name != "side"}
    return words.get(float(azimuth), f"{azimuth:g} degrees")
