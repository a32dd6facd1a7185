"""What each printing process can make: walls, features, clearances, build volume, and who says so."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """The limits of one process; millimetres."""

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
    source: str
    section_mm: float = 2.5
    """Least diameter of a neck or ankle that carries a part of the figure. Nobody publishes one: our
    estimate, two to three least walls, since such a bar is held from one end and knocked."""

    def __post_init__(self) -> None:
        sizes = {
            "wall": self.wall_mm,
            "recommended wall": self.recommended_wall_mm,
            "feature": self.feature_mm,
            "build volume": min(self.build_mm),
            "section": self.section_mm,
        }
        for what, value in sizes.items():
            if not 0 < value < 10_000:
                raise ValueError(f"profile {self.name}: the {what} is {value} mm, wanted more than 0")


PROFILES: dict[str, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            name="resin",
            wall_mm=1.0,
            recommended_wall_mm=1.5,
            feature_mm=0.4,
            clearance_mm=0.15,
            build_mm=(218.0, 123.0, 250.0),
            margin_mm=2.0,
            colours=1,
            source="i.materialise standard resin: 1 mm supported wall under 200 mm; "
            "hycubeworks: emboss 0.4-0.5; microworkshops: figure keys 0.1-0.2 a side; "
            "build volume of a 10-inch LCD printer",
            section_mm=2.5,
        ),
        Profile(
            name="fdm",
            wall_mm=1.2,
            recommended_wall_mm=1.6,
            feature_mm=1.0,
            clearance_mm=0.25,
            build_mm=(250.0, 210.0, 210.0),
            margin_mm=2.0,
            colours=4,
            source="0.4 mm nozzle: three lines 1.2 mm (Meshy, hycubeworks 0.8-1.2, recommended 1.6); "
            "artrovogundam: 0.25 assembled once; build volume of a Prusa MK3/MK4",
            section_mm=4.0,
        ),
        Profile(
            name="colour",
            wall_mm=1.0,
            recommended_wall_mm=1.5,
            feature_mm=0.5,
            clearance_mm=0.3,
            build_mm=(500.0, 500.0, 300.0),
            margin_mm=2.0,
            colours=0,
            source="full-colour jetting: marketiger3d 1 mm, more when delicate; "
            "pixivFACTORY: under 1 mm may not come out; forgelabs: features 0.5; "
            "build volume of a Mimaki 3DUJ-553",
            section_mm=3.0,
        ),
    )
}


def profile_named(name: str) -> Profile:
    """The profile of that name; ValueError lists the known ones."""
    if name not in PROFILES:
        raise ValueError(f"there is no process {name!r}; known are {', '.join(PROFILES)}")
    return PROFILES[name]
