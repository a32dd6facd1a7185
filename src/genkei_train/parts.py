"""Which part each face of other people's characters is: by names, else by place and colour."""

import re
from dataclasses import replace

import numpy as np
from jaxtyping import Float32, Int32

from genkei.formats.soup import Soup, soup_colours
from genkei_train.characters.spec import PARTS
from genkei_train.subjects import JOINTS

UNKNOWN = -1
CODE = {name: index for index, name in enumerate(PARTS)}
NAMED: tuple[tuple[str, str | None], ...] = (
    (r"GdBotMat|GobotMat|^Gobot/|FaceMat|/Heart|/Glass$|材質", None),  # robots, a goblin: no such parts
    (r"Rogue_Head", None),  # hair, hood and face in one brown texture
    (r"(Barbarian|Knight|Rogue)_(Body|Arm|Leg)", "cloth"),
    (r"hair_?band|hair_acc|headribbon|ヘッドセット|ﾍｯﾄﾞ", "accessory"),
    (r"(head|hair)\d?/(def|nol)_mat", "accessory"),
    (r"glass|megane", "accessory"),
    (r"hair|髪|ツイン|ドリル|tail|あほ毛|bangs|long0|bob0|ponytail|braid", "hair"),
    (r"face|顔|eye|目|瞳|mouth|mth|brow|blw|cheek|頬|iris|pupil|teeth|tongue|el_def|lash", "face"),
    (r"shoe|boot|kutu|靴|feet|footwear", "shoes"),
    (r"skin|肌", "skin"),
    (
        r"hat|helmet|ribbon|sword|shield|weapon|crown|horn|backpack|cape|gold|acce|bag|staff|bow",
        "accessory",
    ),
    (
        r"uwagi|shirt|sode|button|bodyparts|mizugi|kneeso|jacket|globe|pants|skirt|/leg$|leg/body|body_trans"
        r"|body\w*/\w*(def|nol)_mat|服|袖|ポケット|紐|ボタン|アンダー|トップス|perker",
        "cloth",
    ),
)
"""Names of meshes and materials, first match wins; None: nobody can tell, teaches and measures nothing."""
WELL_NAMED = ("apimiku", "apiteto", "gene", "sd_yuko", "unitychan")
"""Identities whose every face is named by its material: their labels may be measured against."""


def part_labels(soup: Soup, weights: Float32[np.ndarray, "v 17"], stem: str) -> Int32[np.ndarray, "f"]:
    """PARTS index per face, -1 where neither a name nor place and colour tell."""
    found = [_by_name(name) for name in soup.part_names]
    labels = np.array([UNKNOWN if f is None else f for f in found], np.int32)[soup.parts]
    silent = np.array([f is None for f in found])[soup.parts]
    held = weights[soup.faces].mean(1)
    on_head, on_feet, on_hands = (
        held[:, [JOINTS.index(n) for n in names]].sum(1) > 0.6
        for names in (("head",), ("leftFoot", "rightFoot"), ("leftHand", "rightHand"))
    )
    middle = np.full((len(soup.faces), 3), 1 / 3, np.float32)
    skin_like = _skin_like(soup_colours(soup, np.arange(len(soup.faces)), middle)[:, :3].astype(np.float32))
    cloth = labels == CODE["cloth"]
    labels[cloth & on_feet] = CODE["shoes"]
    if stem.startswith("kaykit"):  # sleeves and bare hands share a texture
        labels[cloth & on_hands & skin_like] = CODE["skin"]
    free = (labels == ASK) & ~silent
    labels[free & on_feet] = CODE["shoes"]
    labels[free & on_head & skin_like] = CODE["face"]
    body = free & ~on_head & ~on_feet
    labels[body] = np.where(skin_like, CODE["skin"], CODE["cloth"])[body]
    labels[labels == ASK] = UNKNOWN
    # bare skin named so, on the head: it is the face
    labels[(labels == CODE["skin"]) & on_head] = CODE["face"]
    return labels


ASK = -2
"""No name tells: place and colour are asked."""


def _by_name(name: str) -> int | None:
    for pattern, part in NAMED:
        if re.search(pattern, name, re.IGNORECASE):
            return None if part is None else CODE[part]
    return ASK


def _skin_like(colour: Float32[np.ndarray, "n 3"]) -> np.ndarray:
    """Bool per colour 0..255: the warm, not too saturated hues people and elves have."""
    r, g, b = colour.T
    top, low = colour.max(1), colour.min(1)
    saturation = (top - low) / np.maximum(top, 1)
    return (
        (r >= g) & (g >= b * 0.92) & (r > 70) & (saturation > 0.08) & (saturation < 0.62) & (r - g < 0.42 * r)
    )


Painted = tuple[Soup, np.ndarray, np.ndarray]
"""Triangles, their labels and the seventeen joints."""


def borrowed(one: Painted, twin: Painted) -> tuple[Soup, np.ndarray]:
    """Labels of `one` below its neck from the nearest faces of its twin; bare skin gets the face's colour.

    The bodies are brought together by their hips and necks.
    """
    from scipy.spatial import KDTree

    soup, labels, joints = one
    hips, neck = JOINTS.index("hips"), JOINTS.index("neck")

    def centres(soup: Soup, joints: np.ndarray) -> np.ndarray:
        size = np.linalg.norm(joints[neck] - joints[hips])
        return (soup.vertices[soup.faces].mean(1) - joints[hips]) / size

    known = np.isin(twin[1], [CODE[p] for p in ("skin", "cloth", "shoes")])
    away, index = KDTree(centres(twin[0], twin[2])[known]).query(centres(soup, joints))
    taken = (labels == CODE["cloth"]) | (labels == CODE["skin"]) | (labels == CODE["shoes"])
    taken &= away < 0.1
    labels = np.where(taken, twin[1][known][index], labels).astype(np.int32)
    face = labels == CODE["face"]
    bare = taken & (labels == CODE["skin"])
    if not face.any() or not bare.any():
        return soup, labels
    middle = np.full((int(face.sum()), 3), 1 / 3, np.float32)
    tone = np.median(soup_colours(soup, np.flatnonzero(face), middle)[:, :3], 0)
    texture, colours = soup.texture.copy(), soup.colours.copy()
    texture[bare] = -1
    colours[bare] = [*tone, 255]
    return replace(soup, texture=texture, colours=colours), labels
