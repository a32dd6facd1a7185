"""The checks of a kit, which has a hundred rows: what failed in full, what passed in one row a kind."""

from collections.abc import Sequence
from html import escape
from itertools import groupby
from operator import attrgetter

from genkei.apps.page import number, pill, section
from genkei.types import Check


def kit_checks_section(checks: Sequence[Check]) -> str:
    """Failed checks first, each with its place and advice; passed ones by name with what was measured."""
    failed = "".join(_failed(check) for check in checks if not check.passed)
    kind = attrgetter("name", "unit")
    passed = sorted((check for check in checks if check.passed), key=kind)
    summed = "".join(_passed(list(rows)) for _, rows in groupby(passed, key=kind))
    head = (
        '<tr><th></th><th>check</th><th class="number">measured</th><th class="number">limit</th>'
        "<th>where, and what to do</th></tr>"
    )
    return section("Will it print?", "", f'<table class="checks">{head}{failed}{summed}</table>')


def _failed(check: Check) -> str:
    advice = f'. <span class="advice">{escape(check.advice)}</span>' if check.advice else ""
    return (
        f"<tr><td>{pill(False)}</td><td>{escape(check.name)}</td>"
        f'<td class="number">{number(check.measured)} {escape(check.unit)}</td>'
        f'<td class="number">{number(check.limit)} {escape(check.unit)}</td>'
        f"<td>{escape(check.where)}{advice}</td></tr>"
    )


def _passed(checks: Sequence[Check]) -> str:
    measured = _span([check.measured for check in checks])
    limit = _span([check.limit for check in checks])
    where = escape(checks[0].where) if len(checks) == 1 else f"passed {len(checks)} times"
    unit = escape(checks[0].unit)
    return (
        f"<tr><td>{pill(True)}</td><td>{escape(checks[0].name)}</td>"
        f'<td class="number">{measured} {unit}</td>'
        f'<td class="number">{limit} {unit}</td><td>{where}</td></tr>'
    )


def _span(values: Sequence[float]) -> str:
    """One number, or least to most."""
    least, most = number(min(values)), number(max(values))
    return least if least == most else f"{least} – {most}"


__all__ = ["kit_checks_section"]
