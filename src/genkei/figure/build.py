"""From a painted character to the solid that is printed: scaled, united, fused to its base."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from jaxtyping import Float32, UInt8

from genkei.figure.base import Base, Placement, place, plinth, with_swatch
from genkei.figure.checks import THIN_SHARE
from genkei.figure.feet import posts
from genkei.figure.profiles import Profile, profile_named
from genkei.figure.scale import checked_height, to_figure
from genkei.figure.socle import OnSocle, on_socle
from genkei.figure.union import Painted, Resolved, from_solid, resolve, to_solid, unite
from genkei.figure.walls import walls
from genkei.geometry.mesh import parted
from genkei.types import Character, Figure, Mesh, Part

if TYPE_CHECKING:
    from manifold3d import Manifold

    from genkei.figure.thicken import Thicken, Thickened

APART_MM = 2e-3
"""Where the surface touches itself in a point, its two sides are moved apart so far."""
CRUMB_SHARE = 2e-3
"""Loose pieces smaller than this share of the whole are crumbs; a larger one is named as a loss."""


@dataclass(frozen=True)
class Begun:
    """A character's body in millimetres, and its walls as far as they were made thicker: who builds it again
    and wants fewer thin ones goes on from there."""

    character: Character
    height_mm: float
    whole: Painted
    """One piece without self-overlap."""
    notes: tuple[str, ...]
    """Of what that took."""
    grown: "Thickened"
    """The whole itself, after no round, where it was left as it is."""
    thicken: "Thicken"
    """How it would be, or was, grown."""

    def serves(self, character: Character, height_mm: float, thicken: "Thicken") -> bool:
        """Whether that would have begun in the same way, and gone at least as far."""
        enough = max(self.thicken.enough, thicken.enough)
        alike = replace(thicken, enough=enough) == self.thicken
        return alike and self.character is character and self.height_mm == height_mm


@dataclass(frozen=True)
class Built:
    """The figure, and what a person should know about how it was made."""

    figure: Figure
    notes: tuple[str, ...]
    placement: Placement | Literal["no base"]
    begun: Begun


_Stood = tuple[Figure, tuple[str, ...], Placement]
"""A figure on its base, what is to be said of it, and how the base lies under it."""


@dataclass(frozen=True)
class Build:
    """Character to printable figure: one part `figure`, on a base unless that is off or looks like `none`."""

    height_mm: float = 150.0
    """From the soles to the top of the hair, without the base."""
    process: str | Profile = "resin"
    """The row of `PROFILES` the figure is checked against, or one with numbers of your own."""
    base: Base = field(default_factory=Base)
    with_base: bool = True
    thicken: bool = True
    """Walls the process cannot make are made thicker, where there are more of them than `thin_share`."""
    thin_share: float = THIN_SHARE
    """Share of the surface that may stay too thin, 0..1: what the check allows; less for a kit, whose parts
    are judged one by one."""
    strengthen: bool = False
    """Necks and ankles narrower than the process' least section are made as thick as that."""
    bust: bool = False
    """The figure ends where its picture did: cut flat there, and set on a socle over its base."""

    def __post_init__(self) -> None:
        checked_height(self.height_mm)
        _ = self.profile
        if self.base.ballast and self.with_base:
            raise ValueError(
                "ballast is closed in by a plug, which a figure fused to its base has not: make a kit of it"
            )

    @property
    def profile(self) -> Profile:
        return self.process if isinstance(self.process, Profile) else profile_named(self.process)

    def __call__(self, character: Character) -> Figure:
        return self.with_notes(character).figure

    def with_notes(self, character: Character, before: Begun | None = None) -> Built:
        """The figure and its story; ValueError when the character's mesh is not a closed solid.

        `before`: what another build of it began with, which is used where this one would begin so too.
        """
        heights = character.mesh.vertices[:, 1] if len(character.mesh.vertices) else np.zeros(1)
        low, high = float(heights.min()), float(heights.max())
        if not (np.isfinite([low, high]).all() and high > low):
            raise ValueError("the character's mesh is empty, flat or not a number: there is nothing to print")
        from genkei.figure.thicken import Thicken, as_it_is

        wall = self.profile.wall_mm
        thicken = Thicken(limit_mm=wall, silhouette_mm=0.6 * wall, enough=self.thin_share / 2)
        if before is None or not before.serves(character, self.height_mm, thicken):
            scale = self.height_mm / (high - low)
            upright = Mesh(to_figure(character.mesh.vertices, scale, -scale * low), character.mesh.faces)
            resolved = resolve(to_solid(Painted(upright, character.uv)))
            whole = from_solid(resolved.solid)
            plain = as_it_is(whole, walls(whole.mesh).share_below(wall))
            before = Begun(character, self.height_mm, whole, _notes(resolved), plain, thicken)
        begun = replace(before, grown=self._grown(before, thicken), thicken=thicken)
        body, notes = self._body(begun)
        if not self.with_base or self.base.look == "none":
            return Built(_figure(body, character.texture, self.height_mm, 0.0), notes, "no base", begun)
        texture, shrink, swatch = with_swatch(character.texture, self.base.colour)
        shrunk = Painted(body.mesh, body.uv * np.array([1, shrink], np.float32))
        return Built(*self._on_base(shrunk, notes, texture, swatch), begun)

    def _grown(self, before: Begun, thicken: "Thicken") -> "Thickened":
        """The body with its thin walls grown, if there are too many."""
        from genkei.figure.thicken import as_it_is

        if self.thicken and before.grown.before > self.thin_share:
            return thicken(before.whole, before.grown)
        return as_it_is(before.whole, before.grown.before)

    def _body(self, begun: Begun) -> tuple[Painted, tuple[str, ...]]:
        """The body, made stronger where that was asked, and notes."""
        body, notes = begun.grown.painted, begun.notes + begun.grown.notes
        if self.strengthen:
            from genkei.figure.strengthen import Strengthen

            strong = Strengthen(self.profile.section_mm)(body)
            body, notes = strong.painted, notes + strong.notes
        return body, notes

    def _on_base(
        self,
        body: Painted,
        notes: tuple[str, ...],
        texture: UInt8[np.ndarray, "th tw 3"],
        swatch: Float32[np.ndarray, "2"],
    ) -> _Stood:
        """The body, whose uv leave room for the strip of base colour at `swatch`, fused to its base."""
        solid = to_solid(body)
        if self.bust:
            return self._on_socle(on_socle(solid, self.height_mm), notes, texture, swatch)
        placement = place(self.base, body.mesh, solid)
        columns = posts(list(placement.soles), placement.sink_mm, placement.thickness_mm)
        notes += _post_notes(placement)
        return self._fused([solid], columns, placement, 0.0, notes, texture, swatch)

    def _on_socle(
        self,
        made: OnSocle,
        notes: tuple[str, ...],
        texture: UInt8[np.ndarray, "th tw 3"],
        swatch: Float32[np.ndarray, "2"],
    ) -> _Stood:
        """A bust and its socle, fused to a base under both."""
        whole = unite([made.bust, _paint(made.socle, swatch)])
        placement = place(self.base, from_solid(whole).mesh, whole)
        said = "the picture's lower border cuts the figure: it is a bust, cut flat there and set on a socle"
        return self._fused([whole], [], placement, made.lift_mm, (*notes, said), texture, swatch)

    def _fused(
        self,
        solids: list["Manifold"],
        columns: list["Manifold"],
        placement: Placement,
        lifted_mm: float,
        notes: tuple[str, ...],
        texture: UInt8[np.ndarray, "th tw 3"],
        swatch: Float32[np.ndarray, "2"],
    ) -> _Stood:
        """Everything as one part on the bed; what touches nothing is left out with a note."""
        stand = [_paint(part, swatch) for part in (plinth(self.base, placement), *columns)]
        lift = placement.thickness_mm - placement.sink_mm
        fused = resolve(unite([*solids, *stand]).translate((0.0, 0.0, lift)))
        notes += tuple(
            f"a piece of {volume:.1f} mm³ touches neither the figure nor its base and was left out"
            for volume in fused.dropped
            if volume > 1.0
        )
        figure = _figure(from_solid(fused.solid), texture, self.height_mm, lift + lifted_mm)
        return figure, notes, placement


def _figure(painted: Painted, texture: np.ndarray, scale: float, lift: float) -> Figure:
    whole = parted(painted.mesh, APART_MM)
    return Figure((Part("figure", whole, painted.uv),), texture, float(scale), float(lift))


def _paint(solid: "Manifold", uv: Float32[np.ndarray, "2"]) -> "Manifold":
    """The solid with one uv everywhere."""
    painted = from_solid(solid)
    corners = np.broadcast_to(uv, (len(painted.mesh.faces), 3, 2)).astype(np.float32)
    return to_solid(Painted(painted.mesh, corners))


def _post_notes(placement: Placement) -> tuple[str, ...]:
    count, notes = len(placement.soles), _lifted_notes(placement.lifted_mm)
    if not count:
        return notes
    highest = max(sole.gap for sole in placement.soles)
    who = (
        "one spot hovered over the base (a foot, a heel or a hem): it"
        if count == 1
        else f"{count} spots hovered over the base (feet, heels or hems): each"
    )
    return (
        f"{who} stands on a short post of the base now, at most {max(highest, 0.1):.1f} mm high",
        *notes,
    )


def _lifted_notes(gaps_mm: tuple[float, ...]) -> tuple[str, ...]:
    """One note however many feet, or shreds of one, are in the air."""
    if not gaps_mm:
        return ()
    spots = f" in {len(gaps_mm)} pieces" if len(gaps_mm) > 1 else ""
    return (
        f"a leg hovers{spots} {min(gaps_mm):.0f} mm over the base and was taken as lifted: it got no post. "
        "If it should stand, draw its sole at the height of the other one",
    )


def _notes(resolved: Resolved) -> tuple[str, ...]:
    whole = resolved.solid.volume()
    notes: tuple[str, ...] = ()
    if resolved.overlap_mm3 > 1e-6 * whole:
        notes += (f"overlapping shells were united: {resolved.overlap_mm3:.1f} mm³ had been counted twice",)
    if resolved.filled_mm3 > 1e-6 * whole:
        notes += (f"closed cavities of {resolved.filled_mm3:.1f} mm³ were filled",)
    crumbs = [v for v in resolved.dropped if v < CRUMB_SHARE * whole]
    losses = [v for v in resolved.dropped if v >= CRUMB_SHARE * whole]
    if crumbs:
        notes += (f"{len(crumbs)} loose crumb(s) of together {sum(crumbs):.2f} mm³ were dropped",)
    if losses:
        who = "a loose piece of" if len(losses) == 1 else f"{len(losses)} loose pieces of together"
        were = "was" if len(losses) == 1 else "were"
        notes += (f"{who} {sum(losses):.0f} mm³ ({sum(losses) / whole:.1%} of the figure) {were} left out",)
    return notes
