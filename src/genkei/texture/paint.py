"""The texture stage: a solid and its drawings to a painted character."""

from dataclasses import dataclass, field

import numpy as np

from genkei.geometry.colour import to_bytes
from genkei.nets.look import Look
from genkei.texture.unwrap import Atlas, Projective, Unwrap
from genkei.types import Character, Cue, Mesh, Rig, View


@dataclass(frozen=True)
class Painting:
    """A painted character and how its texture was made."""

    character: Character
    atlas: Atlas
    seen_share: float
    """Share of the used texels that some drawing shows."""


@dataclass(frozen=True)
class Paint:
    """Bakes the drawn views onto the solid; guessed views and the rim of what was seen give the rest."""

    size: int = 2048
    """Texels along one side of the texture."""
    unwrap: Unwrap = field(default_factory=Projective)
    rim_px: float = 3.0
    """Width, in a picture 1024 px high, over which trust rises from silhouettes inwards: more loses thin
    strands, less paints misaligned edges onto the solid."""
    contour_px: float = 6.0
    """Thin dark lines within this distance of the silhouette (same pixels) are contour lines."""
    keep_contours: bool = False
    """True paints contour lines onto the solid, where they show as broken lines from other sides; False gives
    them the colour beside them. Lines inside the figure (lashes, mouth, folds) are always painted."""
    sharpness: float = 6.0
    """Power of the view scores: higher makes narrower seams, below 2 drawings blur into each other."""
    seam_smoothing: int = 3
    """Rounds over the mesh that straighten the seams between views."""
    fill_smoothing: float = 0.02
    """Character heights over which guessed colours are smoothed: less shows streaks, more melts patterns."""

    flat: bool = False
    """True takes drawn light and shade out: each connected piece of a material in its lit tone, lines and
    other hues kept. For renderers that bring their own light; pleats and blush count as shade and go too."""

    def __call__(
        self,
        mesh: Mesh,
        views: tuple[View, ...],
        looks: tuple[Look, ...] = (),
        lines: tuple[Cue, ...] = (),
    ) -> Character:
        """The painted character in the mesh's frame, no rig.

        `looks`, what the solid net says of drawn views, tell where head and face are, and the parts; without
        them outline and colours decide and there is one part, `body`. `lines` are those of the first views,
        as in a `Sheet`; without them only outlines are taken for contours.
        """
        return self.explain(mesh, views, looks, lines).character

    def explain(
        self,
        mesh: Mesh,
        views: tuple[View, ...],
        looks: tuple[Look, ...] = (),
        lines: tuple[Cue, ...] = (),
    ) -> Painting:
        """Like calling it, with the atlas and the share of seen surface beside the character.

        ValueError for a texture below 64 px, a mesh without faces or with numbers that are not finite, no
        drawn view, an empty drawn view, views that do not see the mesh, charts that do not fit the texture.
        """
        from genkei.texture.evidence import collect, told_of
        from genkei.texture.features import find_head
        from genkei.texture.fill import complete, flood_gutters
        from genkei.texture.flat import flattened
        from genkei.texture.hints import hints_of
        from genkei.texture.parts import with_parts
        from genkei.texture.project import bake
        from genkei.texture.texels import find_texels

        self._refuse(mesh, views)
        hints = hints_of(mesh, looks)
        head = find_head(mesh, hints.chin, views)
        evidences = tuple(
            collect(mesh, view, self.rim_px, self.contour_px, self.keep_contours, head, told)
            for view, told in zip(views, told_of(views, looks, lines), strict=True)
            if view.coloured
        )
        atlas = self.unwrap(mesh, views, self.size)
        texels = find_texels(mesh, atlas, self.size)
        seen = bake(mesh, texels, evidences, self.sharpness, self.seam_smoothing, head)
        colour = complete(mesh, texels, seen, self.fill_smoothing, hints)
        colour = flattened(mesh, texels, colour) if self.flat else colour
        picture = flood_gutters(np.concatenate([colour, seen.drawn[:, None]], 1), texels)
        character = Character(
            mesh,
            atlas.uv,
            to_bytes(picture[..., :3]),
            np.ascontiguousarray(picture[..., 3]),
            np.zeros(len(mesh.faces), np.int32),
            ("body",),
            Rig.empty(len(mesh.vertices)),
        )
        return Painting(with_parts(character, looks), atlas, float(seen.drawn.mean()))

    def _refuse(self, mesh: Mesh, views: tuple[View, ...]) -> None:
        if not 64 <= self.size <= 8192:
            raise ValueError(f"a texture of {self.size} px was asked for; 64 to 8192 px are possible")
        if not len(mesh.faces):
            raise ValueError("the mesh has no faces: there is nothing to paint")
        if not np.isfinite(mesh.vertices).all():
            raise ValueError("the mesh holds coordinates that are not finite; repair it before painting")
        if not any(view.drawn for view in views):
            raise ValueError(
                f"{len(views)} views were given and none of them is a drawing; painting needs at least one"
            )
