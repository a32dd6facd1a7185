"""The nouns every stage speaks: frozen values with arrays inside, in the frames and units named here.

picture     float32 RGBA, sRGB, straight alpha, row 0 on top; pixels (x, y), pixel centres at +0.5
character   right-handed, +y up, +z towards the viewer of the front view, feet at y = 0, height = 1
figure      right-handed, +z up, bed at z = 0, the face looks to -y, millimetres
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int32, UInt8

NAMES = {0: "front", 90: "left", 180: "back", 270: "right"}


@dataclass(frozen=True)
class Camera:
    """`world_to_clip @ [x, y, z, 1]`: the seen is in [-1, 1]^3; x right, y up, z away from the viewer."""

    world_to_clip: Float32[np.ndarray, "4 4"]

    @staticmethod
    def orthographic(azimuth_deg: float, span: float = 1.2, elevation_deg: float = 0.0) -> "Camera":
        """A square picture `span` character heights wide, centred on (0, 0.5, 0).

        Azimuth 0 sees the front, 90 the character's left side (the face looks to picture-left), 180 the
        back, 270 its right side; a positive elevation looks down.
        """
        right, up, forward = _axes(azimuth_deg, elevation_deg)
        rotation = np.stack([right, up, forward])
        matrix = np.eye(4)
        matrix[:3, :3] = rotation * (2.0 / span)
        matrix[:3, 3] = -matrix[:3, :3] @ np.array([0.0, 0.5, 0.0])
        return Camera(matrix.astype(np.float32))

    @staticmethod
    def perspective(
        azimuth_deg: float, distance: float = 3.0, fov_deg: float = 25.0, elevation_deg: float = 0.0
    ) -> "Camera":
        """A square picture seen from `distance` character heights away from (0, 0.5, 0)."""
        right, up, forward = _axes(azimuth_deg, elevation_deg)
        world_to_eye = np.eye(4)
        world_to_eye[:3, :3] = np.stack([right, up, forward])
        eye = np.array([0.0, 0.5, 0.0]) - distance * forward
        world_to_eye[:3, 3] = -world_to_eye[:3, :3] @ eye
        near, far = max(distance - 2.0, 0.05), distance + 2.0
        focal = 1.0 / math.tan(math.radians(fov_deg) / 2)
        eye_to_clip = np.zeros((4, 4))
        eye_to_clip[0, 0] = eye_to_clip[1, 1] = focal
        eye_to_clip[2, 2] = (far + near) / (far - near)
        eye_to_clip[2, 3] = -2 * far * near / (far - near)
        eye_to_clip[3, 2] = 1.0
        return Camera((eye_to_clip @ world_to_eye).astype(np.float32))

    @property
    def is_orthographic(self) -> bool:
        return bool(np.allclose(self.world_to_clip[3], [0, 0, 0, 1]))

    @property
    def axes(self) -> Float32[np.ndarray, "3 3"]:
        """Rows right, up, forward (away from the viewer): unit vectors in the world."""
        rows = self.world_to_clip[[0, 1, 2 if self.is_orthographic else 3], :3]
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)

    @property
    def azimuth_deg(self) -> float:
        """In [0, 360): 0 front, 90 the character's left side."""
        forward = self.axes[2]
        return round(math.degrees(math.atan2(-forward[0], -forward[2])), 3) % 360.0

    @property
    def elevation_deg(self) -> float:
        """In [-90, 90]: positive looks down."""
        return round(math.degrees(math.asin(float(np.clip(-self.axes[2][1], -1, 1)))), 3)

    @property
    def span(self) -> float:
        """Width of an orthographic picture in character heights."""
        return float(2.0 / np.linalg.norm(self.world_to_clip[0, :3]))

    @property
    def name(self) -> str:
        """`front`, `left`, `back`, `right`, or `az045` for any other azimuth."""
        whole = round(self.azimuth_deg) % 360
        return NAMES.get(whole, f"az{whole:03d}")


def _axes(azimuth_deg: float, elevation_deg: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    az, el = math.radians(azimuth_deg), math.radians(elevation_deg)
    forward = -np.array([math.sin(az) * math.cos(el), math.sin(el), math.cos(az) * math.cos(el)])
    right = np.array([math.cos(az), 0.0, -math.sin(az)])
    return right, np.cross(right, forward), forward


@dataclass(frozen=True)
class View:
    """One picture of the character and the camera that sees it so."""

    rgba: Float32[np.ndarray, "h w 4"]
    camera: Camera
    drawn: bool = True
    """False: nobody drew this side; what it shows is a guess, and the report says so."""
    coloured: bool = True
    """False: only the outline means something."""

    @property
    def mask(self) -> Bool[np.ndarray, "h w"]:
        return self.rgba[..., 3] > 0.5

    @property
    def name(self) -> str:
        return self.camera.name


@dataclass(frozen=True)
class Cue:
    """A quantity per pixel and how sure it is: 0 where the backend cannot tell."""

    value: Float32[np.ndarray, "h w c"]
    confidence: Float32[np.ndarray, "h w"]


@dataclass(frozen=True)
class Reading:
    """How one view was found on paper: the report prints it."""

    source: str
    """File the view came from."""
    box_px: tuple[int, int, int, int]
    """Left, top, right, bottom of the subject in the source picture."""
    matte: str
    """`alpha`, `sketch`, `background`, `net`, `prompt` or `mask`: where the silhouette came from."""
    residual: float
    """Median distance (CIE Lab) of the border to the background model; 0 with alpha."""
    reason: str
    """Why this is the front, left, ... view."""
    certainty: float
    """0..1 that the label is right."""
    cut: tuple[str, ...] = ()
    """Picture borders that cut the subject: any of top, bottom, left, right."""


@dataclass(frozen=True)
class Agreement:
    """How one drawn view was brought together with another, and where they still contradict each other."""

    view: str
    reference: str
    """The view it was compared with: `front` for the back, `left` for the right side."""
    before: float
    """Overlap (IoU) of one outline with the other's mirror image, as drawn."""
    after: float
    moved: float
    """Farthest that a point of the view was moved for it, character heights."""
    conflicts: tuple[tuple[str, float], ...] = ()
    """Region -> share of it that only one of the two has, largest first; those that agree are left out."""


@dataclass(frozen=True)
class Sheet:
    """What the paper says, nothing guessed: square views in one scale, head row and foot row shared."""

    views: tuple[View, ...]
    readings: tuple[Reading, ...]
    lines: tuple[Cue, ...]
    """Per view: 1 on contour lines; value has one channel."""
    normals: tuple[Cue, ...]
    """Per view, in the view's frame (x right, y up, z towards the viewer), unit length."""
    notes: tuple[str, ...] = ()
    """What the reader should know: disagreements, cuts, colours swatches that were dropped."""
    agreements: tuple[Agreement, ...] = ()
    """One per pair of drawn views that show the same outline: opposite sides."""


@dataclass(frozen=True)
class Mesh:
    """A closed solid, faces counter-clockwise seen from outside."""

    vertices: Float32[np.ndarray, "v 3"]
    faces: Int32[np.ndarray, "f 3"]


@dataclass(frozen=True)
class Rig:
    """A skeleton and its skin; `Rig.empty` for a character that has none yet."""

    names: tuple[str, ...]
    """VRM humanoid bone names where they exist (`hips`, `leftUpperArm`, ...)."""
    parents: Int32[np.ndarray, "j"]
    """-1 for the root; a parent stands before its children."""
    positions: Float32[np.ndarray, "j 3"]
    """Joint positions at rest, in the mesh's frame."""
    weights: Float32[np.ndarray, "v j"]
    """Rows sum to 1."""

    @staticmethod
    def empty(vertex_count: int) -> "Rig":
        return Rig(
            (), np.zeros(0, np.int32), np.zeros((0, 3), np.float32), np.zeros((vertex_count, 0), np.float32)
        )


@dataclass(frozen=True)
class Character:
    """A painted solid in character space."""

    mesh: Mesh
    uv: Float32[np.ndarray, "f 3 2"]
    """Per corner, so that seams never open the solid; (0, 0) is the top left corner of the texture."""
    texture: UInt8[np.ndarray, "t t 3"]
    drawn: Float32[np.ndarray, "t t"]
    """1 where a texel was seen in a drawing, 0 where it was guessed."""
    parts: Int32[np.ndarray, "f"]
    """Index into `part_names`."""
    part_names: tuple[str, ...]
    rig: Rig


@dataclass(frozen=True)
class Part:
    """One printable piece in figure space (millimetres)."""

    name: str
    mesh: Mesh
    uv: Float32[np.ndarray, "f 3 2"]


@dataclass(frozen=True)
class Figure:
    """What is printed: parts in millimetres on the bed, and the texture they share."""

    parts: tuple[Part, ...]
    texture: UInt8[np.ndarray, "th tw 3"]
    scale_mm: float
    """Millimetres per character height: figure = scale_mm * character, turned upright."""
    lift_mm: float
    """Height of the character's feet above the bed (the base's thickness)."""


@dataclass(frozen=True)
class Interface:
    """The surface two parts of a kit share after a cut, in figure space."""

    carrier: str
    """Name of the part that stays."""
    plugged: str
    """Name of the part that is pushed onto it."""
    triangles: Float32[np.ndarray, "n 3 3"]
    """The shared surface, counter-clockwise seen from the plugged part: normals leave the carrier."""

    @property
    def area_mm2(self) -> float:
        return float(np.linalg.norm(self._vectors, axis=1).sum())

    @property
    def centre(self) -> Float32[np.ndarray, "3"]:
        """Mean position, weighed by area."""
        weight = np.linalg.norm(self._vectors, axis=1)
        return (self.triangles.mean(1) * weight[:, None]).sum(0) / max(float(weight.sum()), 1e-12)

    @property
    def normal(self) -> Float32[np.ndarray, "3"]:
        """Unit mean normal, out of the carrier."""
        total = self._vectors.sum(0)
        return total / max(float(np.linalg.norm(total)), 1e-12)

    @property
    def _vectors(self) -> Float32[np.ndarray, "n 3"]:
        a, b, c = self.triangles.transpose(1, 0, 2)
        return np.cross(b - a, c - a) / 2


@dataclass(frozen=True)
class Joint:
    """How a part of a kit holds on another."""

    carrier: str
    plugged: str
    kind: str
    """`d peg`, `square peg`, `two pegs`, `dowel`, `pin` or `magnet`."""
    origin: Float32[np.ndarray, "3"]
    """On the shared surface, in figure space."""
    direction: Float32[np.ndarray, "3"]
    """Unit; the way the plugged part leaves the carrier."""
    size_mm: float
    """Width or diameter at the shared surface."""
    depth_mm: float
    clearance_mm: float
    """Gap per side."""


@dataclass(frozen=True)
class Kit:
    """Parts that go together one way, all in the place they have in the whole figure (figure space)."""

    parts: tuple[Part, ...]
    """In the order of assembly: every part's carrier stands before it."""
    texture: UInt8[np.ndarray, "th tw 3"]
    joints: tuple[Joint, ...]
    scale_mm: float
    """Millimetres per character height."""


@dataclass(frozen=True)
class Check:
    """One finding about printability: data, not an exception."""

    name: str
    measured: float
    limit: float
    unit: str
    where: str
    passed: bool
    advice: str = ""
    """What to do when it fails, in the user's words."""


@dataclass(frozen=True)
class Timing:
    """Wall and CPU seconds of one stage."""

    stage: str
    wall_s: float
    cpu_s: float


def all_passed(checks: Sequence[Check]) -> bool:
    return all(check.passed for check in checks)


__all__ = [
    "NAMES",
    "Agreement",
    "Camera",
    "Character",
    "Check",
    "Cue",
    "Figure",
    "Interface",
    "Joint",
    "Kit",
    "Mesh",
    "Part",
    "Reading",
    "Rig",
    "Sheet",
    "Timing",
    "View",
    "all_passed",
]
