"""Our three demo characters."""

from genkei_train.characters.spec import CharacterSpec, Face, Hair, Outfit, Palette, Pose

HANA = CharacterSpec(
    name="Hana",
    heads=5.4,
    palette=Palette(
        skin="#fee6d6",
        hair="#f2a1a4",
        eye="#2f93c8",
        main="#fdfcfa",
        second="#31508f",
        accent="#e5484d",
        legs="#343c58",
        shoes="#7a4a38",
    ),
    hair=Hair(bangs="straight", back="short", tails="twin", tail_length=2.5, ahoge=True),
    outfit=Outfit(top="sailor", skirt="pleated", skirt_length=0.50, socks=0.86, footwear="loafers"),
    pose=Pose(arm_out_deg=40.0),
)

MAME = CharacterSpec(
    name="Mame",
    heads=2.5,
    palette=Palette(
        skin="#fee4d0",
        hair="#8a5a44",
        eye="#5a9a4a",
        main="#f9d36b",
        second="#fff8ea",
        accent="#e8705a",
        legs="#fdf7ee",
        shoes="#a8503c",
    ),
    face=Face(
        eye_height=0.25,
        eye_width=0.225,
        eye_spacing=0.205,
        eye_level=0.33,
        outer_tilt=0.02,
        mouth="open",
        blush=0.8,
    ),
    hair=Hair(bangs="parted", back="bob", tails="bun", side_level=0.10, bang_level=0.54, volume=0.055),
    outfit=Outfit(
        top="dress",
        skirt="bell",
        skirt_length=0.80,
        socks=0.75,
        footwear="strap",
        chest_ribbon=False,
        hair_ribbon=True,
    ),
    pose=Pose(arm_out_deg=48.0),
)

REN = CharacterSpec(
    name="Ren",
    heads=6.5,
    masculine=1.0,
    palette=Palette(
        skin="#fbdcc6",
        hair="#46506e",
        eye="#c98a2e",
        main="#3c5f66",
        second="#3a3a44",
        accent="#d9b25c",
        legs="#3a3a44",
        shoes="#5b4038",
    ),
    face=Face(
        eye_height=0.150,
        eye_width=0.190,
        eye_level=0.41,
        outer_tilt=0.14,
        brow_tilt=0.14,
        brow_weight=0.021,
        lashes=0.85,
        mouth="calm",
        blush=0.15,
    ),
    hair=Hair(bangs="spiky", back="spiky", side_level=0.22, bang_level=0.55),
    outfit=Outfit(
        top="shirt", skirt="none", trousers=True, coat=True, socks=0.0, footwear="boots", chest_ribbon=False
    ),
    pose=Pose(arm_out_deg=36.0, leg_out_deg=3.5),
)

CAST = {"hana": HANA, "mame": MAME, "ren": REN}
