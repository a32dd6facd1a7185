"""EscherNet (Kong et al. 2024): any number of posed pictures to any number of other views of the same thing.

Stable Diffusion 1.5's UNet as diffusers builds it. Every self-attention reads all views that are drawn,
every cross-attention the tokens of all views that are given, and both know cameras by CaPE alone
(`genkei.nets.cape`). A ConvNeXt V2 turns given views into tokens. The weights are for non-commercial,
internal or academic use.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32, Float64

from genkei.nets.cape import orbit_attention, posed_attention

if TYPE_CHECKING:
    import torch

SIDE_PX = 256
"""Of its pictures."""
EYE_PX = 224
"""Of the pictures that become tokens."""
FOCAL_PX = 280.0
"""Of the cameras it was trained with, on pictures of `SIDE_PX`."""
NEAR, FAR = 1.5, 2.2
"""Of those cameras, from the middle of a thing whose longest side is 1."""
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
Freedoms = int
"""4: cameras that look at one point, by angles and distance; 6: any camera, by its matrix."""


@dataclass(frozen=True)
class Stand:
    """Where a camera stands that looks at the middle, upright."""

    azimuth_deg: float
    elevation_deg: float = 0.0
    """Positive looks down."""
    distance: float = NEAR


def poses(stands: Sequence[Stand], freedoms: Freedoms) -> Float64[np.ndarray, "v ..."]:
    """What CaPE is told of cameras: [v, 4, 4] world to camera, or [v, 4] angles (see `orbit_phases`).

    Cameras look along -z with y up; only their places towards each other reach the net.
    """
    found = [(_matrix if freedoms == 6 else _angles)(stand) for stand in stands]
    return np.stack(found)


def _matrix(stand: Stand) -> Float64[np.ndarray, "4 4"]:
    a, e = np.radians([stand.azimuth_deg, stand.elevation_deg])
    outward = np.array([np.sin(a) * np.cos(e), np.sin(e), np.cos(a) * np.cos(e)])
    right = np.array([np.cos(a), 0.0, -np.sin(a)])
    matrix = np.eye(4)
    matrix[:3, :3] = [right, np.cross(outward, right), outward]
    matrix[2, 3] = -stand.distance
    return matrix


def _angles(stand: Stand) -> Float64[np.ndarray, "4"]:
    """Polar angle, azimuth, log of the distance from 0 at `NEAR` to pi at `FAR`, and nothing."""
    far = np.log(np.clip(stand.distance, NEAR, FAR) / NEAR) / np.log(FAR / NEAR)
    return np.array([np.radians(90 - stand.elevation_deg), np.radians(stand.azimuth_deg), far * np.pi, 0.0])


class Posed:
    """Any attention of the UNet: rows of one thing's views in one sequence, cameras in queries and keys."""

    def __init__(self, cameras: dict[str, "torch.Tensor"]) -> None:
        self.cameras = cameras
        """`made` and `given`: the poses of views that are drawn, and of those that are shown."""

    def __call__(
        self,
        attn: Any,
        hidden_states: "torch.Tensor",
        encoder_hidden_states: "torch.Tensor | None" = None,
        *_: object,
        **__: object,
    ) -> "torch.Tensor":
        made = self.cameras["made"]
        views = made.shape[1]
        rows = hidden_states.unflatten(0, (-1, views)).flatten(1, 2)
        seen, there = (
            (rows, made) if encoder_hidden_states is None else (encoder_hidden_states, self.cameras["given"])
        )
        attend = posed_attention if made.ndim == 4 else orbit_attention
        found = attend(attn.to_q(rows), attn.to_k(seen), attn.to_v(seen), (made, there), attn.heads)
        told = attn.to_out[1](attn.to_out[0](found))
        return told.unflatten(1, (views, -1)).flatten(0, 1)


@dataclass(frozen=True)
class Drawer:
    """The model, ready to run: diffusers' and transformers' own parts."""

    unet: Any
    vae: Any
    eye: Any
    """ConvNeXt V2 without a head."""
    scheduler: Any
    freedoms: Freedoms
    """Of the cameras the weights were trained with."""
    cameras: dict[str, "torch.Tensor"] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.unet.set_attn_processor({name: Posed(self.cameras) for name in self.unet.attn_processors})

    def __call__(
        self,
        pictures: Float32[np.ndarray, "n 3 s s"],
        given: Sequence[Stand],
        made: Sequence[Stand],
        steps: int = 50,
        guidance: float = 3.0,
        seed: int = 0,
    ) -> Float32[np.ndarray, "m 3 s s"]:
        """The views from `made` of what `pictures`, on white, show from `given`; the side is that of the
        pictures, a multiple of 64.

        The same seed gives the same pictures on the same machine.
        """
        import torch

        like = next(self.unet.parameters())
        with torch.inference_mode():
            seen = torch.from_numpy(np.ascontiguousarray(pictures)).to(like)
            tokens = self.tokens(seen).flatten(0, 1)[None]
            self._place(like, given, made)
            shape = (len(made), self.unet.config.in_channels, *(n // self._scale for n in seen.shape[2:]))
            noise = torch.randn(shape, generator=torch.Generator("cpu").manual_seed(seed))
            latents = noise.to(like) * self.scheduler.init_noise_sigma
            self.scheduler.set_timesteps(steps)
            context = torch.cat([torch.zeros_like(tokens), tokens])
            for t in self.scheduler.timesteps:
                both = self.scheduler.scale_model_input(torch.cat([latents, latents]), t)
                without, with_it = self.unet(both, t, encoder_hidden_states=context).sample.chunk(2)
                told = without + guidance * (with_it - without)
                latents = self.scheduler.step(told, t, latents).prev_sample
            factor = self.vae.config.scaling_factor
            drawn = torch.cat([self.vae.decode(one[None] / factor).sample for one in latents])
        return np.clip(drawn.float().cpu().numpy() / 2 + 0.5, 0, 1)

    def tokens(self, pictures: "torch.Tensor") -> "torch.Tensor":
        """[n, 3, s, s] in 0..1 -> [n, places, width]: the last map of the eye, normed place by place."""
        from torch.nn.functional import interpolate

        side = (self.eye.config.image_size,) * 2
        small = interpolate(pictures, side, mode="bicubic", antialias=True, align_corners=False)
        mean, deviation = (pictures.new_tensor(c)[:, None, None] for c in (MEAN, DEVIATION))
        found = self.eye((small - mean) / deviation).last_hidden_state
        return self.eye.layernorm(found.flatten(2).transpose(1, 2))

    def _place(self, like: "torch.Tensor", given: Sequence[Stand], made: Sequence[Stand]) -> None:
        """Cameras for both sides of the guidance."""
        for name, stands in (("given", given), ("made", made)):
            told = like.new_tensor(poses(stands, self.freedoms))
            self.cameras[name] = told[None].expand(2, *told.shape)

    @property
    def _scale(self) -> int:
        """Pixels a latent."""
        return 2 ** (len(self.vae.config.block_out_channels) - 1)
