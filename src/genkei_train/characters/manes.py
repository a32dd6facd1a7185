"""Hair at the back of the head, from cropped to the floor."""

import numpy as np

from genkei_train.characters.body import Figurine
from genkei_train.characters.forms import Form
from genkei_train.characters.locks import Stop, lock, tousled

LONG = ("long", "straight", "wavy", "mane")


def back_hair(f: Figurine) -> list[Form]:
    """The locks that hang behind; long ones are gathered behind the shoulders."""
    kind = f.spec.hair.back
    if kind in LONG:
        return _long(f)
    if kind == "cropped":
        return []
    locks = _fall(f)
    if kind == "spiky":
        locks += _spikes(f)
    if kind == "wolf":
        locks += _nape(f)
    return locks


def _fall(f: Figurine) -> list[Form]:
    kind, v = f.spec.hair.back, f.spec.hair.volume
    ends = {"short": -0.02, "bob": -0.10, "spiky": 0.02, "wolf": 0.05}[kind]
    angles, half = np.array([180, 156, -156, 133, -133, 110, -110], float), 1.0
    fine = f.spec.hair.tousle % 3
    if fine:
        count = (0, 9, 13)[fine]
        angles, half = 180 + np.linspace(-78, 78, count), (1.0, 0.86, 0.66)[fine]
    locks = []
    for rank, angle in enumerate(angles):
        flare = {"spiky": 0.10, "bob": 0.02, "wolf": 0.05}.get(kind, -0.01) + f.spec.hair.flare / 2
        angle = angle if angle <= 180 or not fine else angle - 360
        low = ends + (0.10 if rank % 2 else 0.0) + abs(180 - abs(angle)) / 700
        top = 0.028 * (rank % 2) if fine else 0.0
        way: list[Stop] = [
            (angle * 0.92, 0.95, v * 0.8),
            (angle, 0.72, v + 0.035 + top),
            (angle, 0.42, v + 0.045 + top),
            (angle, 0.5 * (0.42 + low), v + 0.02 + flare / 3 + top),
            (angle, low, v - 0.03 + flare),
        ]
        wide = [0.09 * half, 0.135 * half, 0.145 * half, 0.105 * half, 0.006]
        locks.append(lock(f, way, wide, 0.06, 14))
    return locks


def _long(f: Figurine) -> list[Form]:
    """A curtain of overlapping locks; straight ones end blunt, waves swing, a mane stands off."""
    spec, kind = f.spec.hair, f.spec.hair.back
    v, mane = spec.volume, spec.back == "mane"
    flare = spec.flare + (0.12 if mane else 0.0)
    fine = (0, 9, 13)[spec.tousle % 3]
    fan = [(a, 0.0, 0.0, 0.165) for a in (180, 160, -160, 140, -140, 120, -120, 101, -101)]
    if fine:
        fan = [(180 + a, 0.0, 0.0, 1.48 / fine) for a in np.linspace(-80, 80, fine)]
    locks = []
    for rank, (angle, _, shift, half) in enumerate(tousled(fan, spec.tousle)):
        low = -min(spec.back_length, _room(f)) + 1.6 * shift
        low += {"straight": 0.0, "mane": 0.22 * (rank % 3)}.get(kind, 0.10 * (rank % 2))
        offside = angle % 360 - 180
        way: list[Stop] = [
            (180 + offside, 0.95, v * 0.8),
            (180 + offside, 0.74, v + 0.04),
            (180 + offside, 0.45, v + 0.055),
        ]
        for share in (0.25, 0.5, 0.75, 1.0):
            y = 0.30 + share * (low - 0.30)
            gather = 0.72 - 0.10 * min(share * 2, 1) + (0.10 + flare) * share
            sway = 7 * np.sin(2.2 * np.pi * share + rank) if kind == "wavy" else 0.0
            tip = -0.02 if share == 1.0 and kind != "straight" else 0.0
            lift = v + 0.05 + flare * share**1.5 + tip + (0.03 * (rank % 2) if fine else 0.0)
            way.append((180 + offside * gather + sway, y, lift))
        end = 0.75 * half if kind == "straight" else 0.008
        spread = 1 + 0.8 * flare
        wide = [0.09, 0.92 * half, half, half, half * spread, 0.92 * half * spread, end]
        locks.append(lock(f, way, wide, 0.095 if mane else 0.075, 22))
    return locks


def _room(f: Figurine) -> float:
    """How far below the chin hair may reach without lying on the floor, in head heights."""
    return (f.m.chin - 0.03) / f.m.head - 0.1


def _nape(f: Figurine) -> list[Form]:
    """Thin pointed locks that leave a short cut over the neck."""
    v = f.spec.hair.volume
    locks = []
    for angle, low in ((180, -0.55), (158, -0.42), (-158, -0.46), (138, -0.28), (-138, -0.24)):
        way: list[Stop] = [
            (angle, 0.4, v),
            (angle, 0.1, v - 0.05),
            (angle * 1.01, low * 0.6, v - 0.02),
            (angle * 1.02, low, v + 0.08),
        ]
        locks.append(lock(f, way, [0.08, 0.10, 0.075, 0.006], 0.05, 12))
    return locks


def _spikes(f: Figurine) -> list[Form]:
    """Tufts that stand off a boy's crown."""
    v = f.spec.hair.volume
    reach = 0.19 + 0.5 * f.spec.hair.flare
    rows = [
        (25, 0.97, 1.10, 40),
        (-30, 0.97, 1.09, -48),
        (165, 0.95, 1.06, 160),
        (-150, 0.92, 0.98, -145),
        (115, 0.90, 0.92, 112),
    ]
    rows += [
        (-105, 0.90, 0.93, -102),
        (80, 0.93, 1.01, 88),
        (-78, 0.94, 1.02, -86),
        (140, 0.72, 0.62, 138),
        (-140, 0.72, 0.62, -138),
        (180, 0.70, 0.55, 180),
    ]
    return [
        lock(
            f,
            [(a, y0 - 0.06, v * 0.4), (0.5 * (a + b), 0.5 * (y0 + y1), v + 0.06), (b, y1, v + reach)],
            [0.11, 0.085, 0.006],
            0.06,
            9,
        )
        for a, y0, y1, b in rows
    ]
