"""What each process can make: walls, features, clearances, drains, draft, build volume, and who says so."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace

ESTIMATE = "our estimate: nobody publishes one"
USER = "given by the user"


@dataclass(frozen=True)
class Profile:
    """The limits of one process; millimetres and degrees."""

    name: str
    wall_mm: float
    """Thinnest wall that comes out at all: a check fails below it."""
    recommended_wall_mm: float
    """Wall that survives handling."""
    feature_mm: float
    """Smallest raised detail that shows."""
    clearance_mm: float
    """Gap per side between parts that are put together by hand."""
    build_mm: tuple[float, float, float]
    """Width, depth and height of the machine, of which `margin_mm` is left free on every side."""
    margin_mm: float
    colours: int
    """Colours one print can have; 0: any colour in every point."""
    section_mm: float = 2.5
    """Least diameter of a neck or ankle that carries a part of the figure: two to three least walls, since
    such a bar is held from one end and knocked."""
    drain_mm: float = 0.0
    """Least diameter of a drain hole; 0: the process needs none."""
    drain_count: int = 0
    """Drain holes a cavity needs; two let air in while resin or powder runs out."""
    solid_mm: float = math.inf
    """Thickest section that may stay solid; a thicker one sinks, warps or wastes material: hollow it."""
    draft_deg: float = 0.0
    """Least taper along the pull of a mould; 0: there is no mould, or a soft one."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Field -> who says so; every number has one (`ESTIMATE` where nobody does)."""

    def __post_init__(self) -> None:
        sizes = {
            "wall": self.wall_mm,
            "recommended wall": self.recommended_wall_mm,
            "feature": self.feature_mm,
            "clearance": self.clearance_mm,
            "build volume": min(self.build_mm),
            "section": self.section_mm,
        }
        for what, value in sizes.items():
            if not 0 < value < 10_000:
                raise ValueError(f"profile {self.name}: the {what} is {value:g} mm, wanted more than 0")
        if not (self.solid_mm > 0 and 0 <= self.drain_mm < 100 and 0 <= self.drain_count <= 16):
            raise ValueError(
                f"profile {self.name}: {self.drain_count} drain holes of {self.drain_mm:g} mm, solid up to "
                f"{self.solid_mm:g} mm: wanted at most 16 holes under 100 mm, and a section above 0"
            )
        if not 0 <= self.draft_deg < 45:
            raise ValueError(f"profile {self.name}: the draft is {self.draft_deg:g} degrees, wanted 0 to 45")
        if self.wall_mm > self.recommended_wall_mm:
            raise ValueError(
                f"profile {self.name}: the least wall ({self.wall_mm:g} mm) is thicker than the recommended "
                f"one ({self.recommended_wall_mm:g} mm); swap them"
            )
        if 2 * self.margin_mm >= min(self.build_mm):
            raise ValueError(
                f"profile {self.name}: a build volume of {' x '.join(f'{s:g}' for s in self.build_mm)} mm "
                f"leaves nothing inside its margin of {self.margin_mm:g} mm a side; give a larger one"
            )

    @property
    def source(self) -> str:
        """One line for people: every source once."""
        return "; ".join(dict.fromkeys(self.sources.values()))


NUMBERS = tuple(f.name for f in fields(Profile) if f.name not in ("name", "sources"))
"""The fields a user can override and a source stands for."""
_SLS = Profile(
    name="sls", wall_mm=0.7, recommended_wall_mm=1.0, feature_mm=0.5, clearance_mm=0.3,
    build_mm=(340.0, 340.0, 600.0), margin_mm=5.0, colours=1, section_mm=2.0,
    drain_mm=4.0, drain_count=1, solid_mm=20.0,
    sources={
        "wall_mm": "layerx3d: SLS 0.7 mm, MJF 0.5", "recommended_wall_mm": "3faktur and layerx3d: 1.0 mm",
        "feature_mm": "tempus3d: readable embossing 0.5 mm", "clearance_mm": ESTIMATE,
        "build_mm": "EOS P 396 data sheet", "margin_mm": ESTIMATE, "colours": "one powder",
        "section_mm": ESTIMATE, "drain_mm": "tempus3d: one hole of 4 mm, or two of 2",
        "drain_count": "tempus3d: one hole of 4 mm, or two of 2",
        "solid_mm": "solidlines: hollow above 20 mm", "draft_deg": "no mould",
    },
)  # fmt: skip

PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            name="resin", wall_mm=1.0, recommended_wall_mm=1.5, feature_mm=0.4, clearance_mm=0.15,
            build_mm=(218.0, 123.0, 250.0), margin_mm=2.0, colours=1, section_mm=2.5,
            drain_mm=3.0, drain_count=2, solid_mm=12.0,
            sources={
                "wall_mm": "i.materialise standard resin: 1 mm supported while x + y + z < 200 mm",
                "recommended_wall_mm": ESTIMATE, "feature_mm": "hycubeworks: emboss 0.4-0.5 mm",
                "clearance_mm": "microworkshops: figure keys 0.1-0.2 mm a side",
                "build_mm": "a 10-inch LCD printer", "margin_mm": ESTIMATE, "colours": "one vat",
                "section_mm": ESTIMATE, "drain_mm": "our estimate: resin runs through 3 mm",
                "drain_count": "our estimate: one for resin, one for air", "solid_mm": ESTIMATE,
                "draft_deg": "no mould",
            },
        ),
        Profile(
            name="fdm", wall_mm=1.2, recommended_wall_mm=1.6, feature_mm=1.0, clearance_mm=0.25,
            build_mm=(250.0, 210.0, 210.0), margin_mm=2.0, colours=4, section_mm=4.0,
            sources={
                "wall_mm": "three lines of a 0.4 mm nozzle (Meshy; hycubeworks 0.8-1.2)",
                "recommended_wall_mm": "hycubeworks: 1.6 mm", "feature_mm": "hycubeworks: 1-2 mm",
                "clearance_mm": "artrovogundam: 0.25 mm assembled once", "build_mm": "Prusa MK3 and MK4",
                "margin_mm": ESTIMATE, "colours": "four filaments", "section_mm": ESTIMATE,
                "drain_mm": "infill, no cavity", "drain_count": "infill, no cavity",
                "solid_mm": "infill takes care of thick sections", "draft_deg": "no mould",
            },
        ),
        _SLS,
        replace(
            _SLS, name="mjf", wall_mm=0.5, build_mm=(380.0, 284.0, 380.0),
            sources={
                **_SLS.sources, "wall_mm": "3faktur, tempus3d: 0.5 mm",
                "build_mm": "HP Multi Jet Fusion, as xometry and tempus3d give it",
            },
        ),
        Profile(
            name="polyjet", wall_mm=1.0, recommended_wall_mm=1.5, feature_mm=0.5, clearance_mm=0.3,
            build_mm=(260.0, 260.0, 200.0), margin_mm=2.0, colours=1, section_mm=2.5,
            drain_mm=5.0, drain_count=2, solid_mm=30.0,
            sources={
                "wall_mm": "forgelabs: 1 mm", "recommended_wall_mm": ESTIMATE,
                "feature_mm": "forgelabs: 0.5 mm", "clearance_mm": "forgelabs: 0.3-0.4 mm",
                "build_mm": "UC Davis TEAM lab: 260 x 260 x 200 mm",
                "margin_mm": ESTIMATE, "colours": "one model material", "section_mm": ESTIMATE,
                "drain_mm": "our estimate: room for a water jet", "drain_count": ESTIMATE,
                "solid_mm": ESTIMATE, "draft_deg": "no mould",
            },
        ),
        Profile(
            name="colour", wall_mm=1.0, recommended_wall_mm=1.5, feature_mm=0.5, clearance_mm=0.3,
            build_mm=(500.0, 500.0, 300.0), margin_mm=2.0, colours=0, section_mm=3.0,
            drain_mm=5.0, drain_count=2, solid_mm=30.0,
            sources={
                "wall_mm": "marketiger3d: 1 mm; pixivFACTORY: under 1 mm may not come out",
                "recommended_wall_mm": "marketiger3d: more when delicate", "feature_mm": "forgelabs: 0.5 mm",
                "clearance_mm": ESTIMATE, "build_mm": "Mimaki 3DUJ-553", "margin_mm": ESTIMATE,
                "colours": "full-colour jetting", "section_mm": ESTIMATE,
                "drain_mm": "our estimate: access for the water that washes support out",
                "drain_count": ESTIMATE, "solid_mm": ESTIMATE, "draft_deg": "no mould",
            },
        ),
        Profile(
            name="cast", wall_mm=1.0, recommended_wall_mm=1.5, feature_mm=0.3, clearance_mm=0.15,
            build_mm=(200.0, 150.0, 150.0), margin_mm=2.0, colours=1, section_mm=3.0, solid_mm=40.0,
            sources={
                "wall_mm": "our estimate: resin poured by hand has to fill it",
                "recommended_wall_mm": ESTIMATE,
                "feature_mm": "our estimate: silicone copies all that the master shows",
                "clearance_mm": "microworkshops: figure keys 0.1-0.2 mm a side",
                "build_mm": "our estimate: a mould box that a pressure pot takes", "margin_mm": ESTIMATE,
                "colours": "one tint a part", "section_mm": ESTIMATE, "drain_mm": "cast solid",
                "drain_count": "cast solid", "solid_mm": "our estimate: thick casts heat up and shrink",
                "draft_deg": "silicone gives way",
            },
        ),
        Profile(
            name="injection", wall_mm=1.2, recommended_wall_mm=1.5, feature_mm=0.5, clearance_mm=0.1,
            build_mm=(300.0, 300.0, 300.0), margin_mm=2.0, colours=1, section_mm=3.0, solid_mm=3.5,
            draft_deg=1.0,
            sources={
                "wall_mm": "upmold, xcentricmold: ABS 0.045-0.140 inch",
                "recommended_wall_mm": "mfgabc: 1.5-3 mm", "feature_mm": ESTIMATE, "clearance_mm": ESTIMATE,
                "build_mm": "our estimate: a figure maker's press", "margin_mm": ESTIMATE,
                "colours": "one shot", "section_mm": ESTIMATE, "drain_mm": "no cavity",
                "drain_count": "no cavity", "solid_mm": "upmold, xcentricmold: ABS at most 0.140 inch",
                "draft_deg": "moulding guides: 0.5 degrees absolute minimum, 1 standard, 2 common",
            },
        ),
    )
}  # fmt: skip


def profile_named(name: str) -> Profile:
    """The profile of that name; ValueError lists the known ones."""
    if name not in PROFILES:
        raise ValueError(f"there is no process {name!r}; known are {', '.join(PROFILES)}")
    return PROFILES[name]


def profile_with(name: str, **numbers: float | tuple[float, float, float]) -> Profile:
    """The profile of that name with some of its numbers replaced: `profile_with("resin", wall_mm=1.2)`.

    A wall above the recommended one lifts that too, unless both are given. ValueError for a name or number
    that is not there, and for values no process can have.
    """
    profile = profile_named(name)
    unknown = [key for key in numbers if key not in NUMBERS]
    if unknown:
        raise ValueError(f"a profile has no {', '.join(unknown)}; it has {', '.join(NUMBERS)}")
    build = numbers.get("build_mm")
    if build is not None and not (isinstance(build, tuple) and len(build) == 3):
        raise ValueError(f"the build volume is {build}; wanted width, depth and height in mm")
    if "wall_mm" in numbers and "recommended_wall_mm" not in numbers:
        wall = numbers["wall_mm"]
        assert not isinstance(wall, tuple)
        numbers["recommended_wall_mm"] = max(wall, profile.recommended_wall_mm)
    return replace(profile, **numbers, sources={**profile.sources, **dict.fromkeys(numbers, USER)})
