"""The character that a person pointed at: by a box, by points on and off it, or both."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Bool, Float32

from genkei.drawing.cutout import REMEDY, Cutout
from genkei.drawing.edge import refined_colour
from genkei.drawing.learned import fitted
from genkei.drawing.pieces import pieces_of

Own = Callable[[Float32[np.ndarray, "h w 4"]], Cutout]
"""A matte of our own."""
Masks = Callable[..., tuple[Float32[np.ndarray, "m h w"], Float32[np.ndarray, "m"]]]
"""Like `genkei.nets.published.sam.Segmenter`: picture, box, points to logits of masks and their worth."""
LEAST_BOX_PX = 8
BORDER = 0.04
"""Of the box's longer side: paper round it that the matte of our own sees too."""


@dataclass(frozen=True)
class Prompt:
    """Where the character is, in pixels of the picture as it is read."""

    box: tuple[float, float, float, float] | None = None
    """Left, top, right, bottom."""
    points: tuple[tuple[float, float, bool], ...] = ()
    """x, y; True: on the character, False: off it."""

    @staticmethod
    def parsed(box: str, points: tuple[str, ...], reduction: float = 1.0) -> "Prompt":
        """From `10,20,300,800` and `120,80+` in pixels of the file. ValueError says how they are written."""
        sides = _numbers(box, 4, "--box", "left,top,right,bottom as in 10,20,300,800") if box else None
        if sides and (sides[2] - sides[0] < LEAST_BOX_PX or sides[3] - sides[1] < LEAST_BOX_PX):
            raise ValueError(
                f"--box {box} is {sides[2] - sides[0]:g} x {sides[3] - sides[1]:g} px; wanted"
                " left,top,right,bottom"
                f" with at least {LEAST_BOX_PX} px to each side"
            )
        found = []
        for word in points:
            if word[-1:] not in ("+", "-"):
                raise ValueError(
                    f"--point {word} ends in no sign; write x,y+ for on, x,y- for off the character"
                )
            x, y = _numbers(word[:-1], 2, "--point", "x,y+ as in 120,80+")
            found.append((x / reduction, y / reduction, word[-1] == "+"))
        scaled = tuple(side / reduction for side in sides) if sides else None
        return Prompt(scaled, tuple(found))  # pyright: ignore[reportArgumentType]  (four were asked for)


@dataclass(frozen=True)
class Prompted:
    """Cuts out what the prompt shows: by Segment Anything, else by mattes of our own inside the box.

    Of the masks that the model offers the one is taken that keeps to the points and agrees most with our own
    matte. Without the model, points choose among the pieces that our own matte found.
    """

    prompt: Prompt
    own: tuple[Own, ...]
    """Mattes of our own, tried in order."""
    net: Masks | None = field(default=None, repr=False)
    title: str = "Segment Anything"
    least_share: float = 0.002
    """Share of the picture that the character must cover."""

    def __call__(self, rgba: Float32[np.ndarray, "h w 4"]) -> Cutout:
        """ValueError when the prompt lies outside the picture, or shows nothing that can be cut out."""
        self._refuse_outside(rgba.shape[0], rgba.shape[1])
        found = self._by_own(rgba) if self.net is None else self._by_net(rgba, self.net)
        share = float((found.rgba[..., 3] > 0.5).mean())
        if share < self.least_share:
            raise ValueError(
                f"nothing was found where --box and --point show: {share:.2%} of the picture (wanted"
                f" {self.least_share:.1%}). Move them, or: {REMEDY}"
            )
        return found

    def _by_net(self, rgba: Float32[np.ndarray, "h w 4"], net: Masks) -> Cutout:
        from scipy.special import expit

        rgb = (rgba[..., :3] * rgba[..., 3:] + (1 - rgba[..., 3:])).astype(np.float32)
        logits, worth = net(rgb, self.prompt.box, self.prompt.points)
        best, why = self._choice(logits, worth, rgba)
        alpha = fitted(np.asarray(expit(logits[best]), np.float32), rgb)
        colour = refined_colour(rgb, alpha)
        colour[alpha <= 0] = 0
        note = f"cut out by {self.title} as shown: mask {best + 1} of {len(logits)}, {why}; check the outline"
        return Cutout(np.dstack([colour, alpha]).astype(np.float32), "prompt", 0.0, (note,))

    def _choice(
        self, logits: Float32[np.ndarray, "m h w"], worth: Float32[np.ndarray, "m"], rgba: np.ndarray
    ) -> tuple[int, str]:
        """Index of the mask, and why it is taken."""
        masks = logits > 0
        kept = [sum(bool(m[int(y), int(x)]) == on for x, y, on in self.prompt.points) for m in masks]
        rank = np.array(kept, float)
        try:
            ours = self._by_own(rgba).rgba[..., 3] > 0.5
        except ValueError:
            best = int(np.lexsort((worth, rank))[-1])
            return best, f"the best by its own count ({worth[best]:.2f}), as our own matte tells nothing here"
        agree = np.array([(m & ours).sum() / max((m | ours).sum(), 1) for m in masks])
        best = int(np.lexsort((worth, agree, rank))[-1])
        return best, f"which agrees to {agree[best]:.0%} with our own matte"

    def _by_own(self, rgba: Float32[np.ndarray, "h w 4"]) -> Cutout:
        """Our own mattes inside the box, then the pieces that the points choose."""
        height, width = rgba.shape[:2]
        left, top, right, bottom = self._window(height, width)
        inner = np.ascontiguousarray(rgba[top:bottom, left:right])
        found = self._first(inner)
        whole = np.zeros_like(rgba)
        whole[top:bottom, left:right] = found.rgba
        whole[..., 3] *= self._chosen(whole[..., 3] > 0.5)
        note = "cut out by genkei's own matte inside what was shown; --sam FOLDER takes a model for it"
        return replace(found, rgba=whole, method="prompt", notes=(note, *found.notes))

    def _first(self, rgba: Float32[np.ndarray, "h w 4"]) -> Cutout:
        reasons = []
        for matte in self.own:
            try:
                return matte(rgba)
            except ValueError as error:
                reasons.append(str(error).split(". ")[0])
        raise ValueError(f"inside what was shown, {'; and '.join(reasons)}. Draw --box closer, or: {REMEDY}")

    def _window(self, height: int, width: int) -> tuple[int, int, int, int]:
        """The box with a border of paper, inside the picture."""
        if self.prompt.box is None:
            return 0, 0, width, height
        left, top, right, bottom = self.prompt.box
        border = BORDER * max(right - left, bottom - top)
        return (
            max(round(left - border), 0), max(round(top - border), 0),
            min(round(right + border), width), min(round(bottom + border), height),
        )  # fmt: skip

    def _chosen(self, mask: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
        """Pieces with a point on them, else all; none with a point off the character."""
        if not self.prompt.points:
            return np.ones_like(mask)
        pieces, count = pieces_of(mask)
        at = [(int(pieces[int(y), int(x)]), on) for x, y, on in self.prompt.points]
        named, dropped = {p for p, on in at if on}, {p for p, on in at if not on} - {0}
        if 0 in named or named & dropped:
            fault = "a point on the character lies on none" if 0 in named else "one has points of both signs"
            raise ValueError(
                f"without a model --point only chooses among pieces that our own matte finds; here {fault}."
                " Give a --box, move the points, or name a model with --sam"
            )
        kept = (named or set(range(1, count + 1))) - dropped
        return np.array([piece == 0 or piece in kept for piece in range(count + 1)])[pieces]

    def _refuse_outside(self, height: int, width: int) -> None:
        box, points = self.prompt.box, self.prompt.points
        corners = [] if box is None else [("--box", box[0], box[1]), ("--box", box[2] - 1, box[3] - 1)]
        for name, x, y in [*corners, *(("--point", x, y) for x, y, _ in points)]:
            if not (0 <= x < width and 0 <= y < height):
                raise ValueError(
                    f"{name} reaches {x:g},{y:g}, outside the picture of {width} x {height} px as it is read;"
                    " count from its top left corner"
                )


def _numbers(text: str, count: int, name: str, how: str) -> tuple[float, ...]:
    words = text.split(",")
    try:
        found = tuple(float(word) for word in words)
    except ValueError as error:
        raise ValueError(f"{name} {text} is not understood; write {how}") from error
    if len(found) != count or not all(np.isfinite(found)):
        raise ValueError(f"{name} {text} is not understood; write {how}")
    return found
