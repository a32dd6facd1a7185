"""Where EscherNet lies on disk: one folder of diffusers, whose cameras its weights do not tell."""

import re
from pathlib import Path

from genkei.nets.eschernet import EYE_PX, Drawer, Freedoms
from genkei.nets.published import stable_diffusion
from genkei.nets.published.devices import DIFFUSION, refuse_unready
from genkei.nets.published.folders import CONFIG, local

PARTS = {
    "unet": CONFIG,
    "vae": CONFIG,
    "image_encoder": CONFIG,
    "scheduler": "scheduler_config.json",
}
"""Folders, and what describes each."""
LICENCE = "EscherNet's weights are for non-commercial, internal or academic use alone"
TOLD = re.compile(r"(?<!\d)([46])[-_ ]?dof", re.IGNORECASE)


def load(where: Path | str, freedoms: Freedoms = 0, device: str = "cpu") -> Drawer:
    """The model in a folder, or under a hub name on this machine; `freedoms`: 4 or 6, or 0 for what the
    folder's name says.

    Both kinds of cameras have the same tensors, so nothing else tells them apart. ValueError says what is
    missing, what in a file does not fit, or that the kind is not known.
    """
    folder = local(where)
    missing = [f"{part}/{file}" for part, file in PARTS.items() if not (folder / part / file).is_file()]
    if missing:
        raise ValueError(
            f"{folder} is no whole EscherNet: missing {', '.join(missing)}. Wanted is the whole folder of"
            " kxic/eschernet-6dof or kxic/eschernet-4dof (hf download); nothing is downloaded here"
        )
    refuse_unready(device, DIFFUSION)
    kind = freedoms or told_by_name(where, folder)
    eye = stable_diffusion.convnext(folder / "image_encoder", device)
    eye.config.image_size = EYE_PX
    return Drawer(
        unet=stable_diffusion.unet(folder / "unet", device),
        vae=stable_diffusion.vae(folder / "vae", device),
        eye=eye,
        scheduler=stable_diffusion.ddim(folder / "scheduler", steps_offset=1, clip_sample=False),
        freedoms=kind,
    )


def told_by_name(where: Path | str, folder: Path) -> Freedoms:
    """4 or 6 by the folder's or the hub's name; ValueError where it says neither, or both."""
    for name in (folder.name, str(where)):
        found = {int(hit[1]) for hit in TOLD.finditer(name)}
        if len(found) == 1:
            return found.pop()
    raise ValueError(
        f"{folder} does not say whether its cameras have 4 or 6 degrees of freedom, and the weights of"
        " both look alike: call the folder as it is published (eschernet-6dof, eschernet-4dof), or say"
        " --freedoms 6 or --freedoms 4"
    )
