"""Specification to Character: the same solid, paint, labels and rig as our anime characters have.

Part labels follow what is unambiguous: see genkei_train.toys.heads and bodies; -1 where nobody can tell.
"""

import numpy as np
from jaxtyping import Bool

from genkei.types import Character
from genkei_train.characters.body import Piece
from genkei_train.characters.build import assembled
from genkei_train.subjects import JOINTS
from genkei_train.toys.bodies import body
from genkei_train.toys.frame import ToyFrame, toy_frame
from genkei_train.toys.gear import gear
from genkei_train.toys.heads import head
from genkei_train.toys.lumps import Lump
from genkei_train.toys.spec import ToySpec

COARSE = 0.8
"""Toys have no hair tips: they need fewer cells than the figure of six heads that `cells` is stated for."""
BULK = 0.25
"""Sum of (half width + half depth) x height of head and torso above which a toy gets still fewer cells, so
that its triangles, which grow with the area, fit into the texture."""
FINE = 2.2
"""How much more a head counts that is `face` all round: its triangles get larger squares."""
DRESSED = 1.3
"""The same for armour, capes and skirts, which have insides and edges."""


def build_toy(spec: ToySpec, cells: int = 260, texture_px: int = 2048, smoothing: int = 4) -> Character:
    """The painted, rigged solid of a specification in character space."""
    f = toy_frame(spec)
    whole = spec.kind in ("person", "animal") and spec.face.front == "decal"
    bulk = _bulk(f.head) * (FINE if whole else 1.0) + (_bulk(f.torso) if spec.kind != "blob" else 0.0)
    if spec.kind == "knight" or spec.gear.back == "cape" or spec.gear.waist == "skirt":
        bulk *= DRESSED
    fewer = min(1.0, (BULK / bulk) ** 0.5)
    return assembled(toy_pieces(f), f.at, round(COARSE * cells * fewer), texture_px, smoothing)


def _bulk(lump: Lump) -> float:
    return (lump.wide + lump.deep) * (lump.high - lump.low)


def toy_pieces(f: ToyFrame) -> list[Piece]:
    """Everything a toy is made of, in design space."""
    return [*head(f), *body(f), *gear(f)]


def known_joints(spec: ToySpec) -> Bool[np.ndarray, "17"]:
    """False for the joints of legs that a toy does not have."""
    return np.array([spec.limbs.foot != "none" or not n.endswith(("Leg", "Foot")) for n in JOINTS])
