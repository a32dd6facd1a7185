"""A painted solid painted again where drawings see it; elsewhere it keeps the paint it came with."""

from dataclasses import replace

import numpy as np

from genkei.geometry.colour import to_bytes
from genkei.texture.paint import Paint
from genkei.texture.unwrap import Atlas
from genkei.types import Character, View


def repaint(character: Character, views: tuple[View, ...], paint: Paint = Paint()) -> Character:
    """The same solid and unwrapping; `drawn` is 1 where a drawing gave the colour.

    Of `paint`, the rims, contours and seams count. Raises ValueError for views that do not see the mesh.
    """
    from genkei.texture.evidence import collect
    from genkei.texture.fill import flood_gutters
    from genkei.texture.project import bake
    from genkei.texture.texels import find_texels

    mesh, size = character.mesh, len(character.texture)
    evidences = tuple(
        collect(mesh, view, paint.rim_px, paint.contour_px, paint.keep_contours) for view in views
    )
    atlas = Atlas(character.uv, np.zeros(len(mesh.faces), np.int32), "own")
    texels = find_texels(mesh, atlas, size)
    seen = bake(mesh, texels, evidences, paint.sharpness, paint.seam_smoothing)
    own = character.texture.reshape(-1, 3)[texels.index].astype(np.float32) / 255
    share = seen.drawn[:, None]
    colour = share * seen.colour + (1 - share) * own
    picture = flood_gutters(np.concatenate([colour, share], 1).astype(np.float32), texels)
    return replace(character, texture=to_bytes(picture[..., :3]), drawn=np.ascontiguousarray(picture[..., 3]))
