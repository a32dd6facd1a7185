"""CharacterGen's first stage (Peng et al. 2024, Apache-2.0): one picture to four views in an A-pose.

Two UNets of Stable Diffusion 2.1 as diffusers builds them. The second sees the drawing's clean latent and
lends every self-attention its tokens; the first reads its own four views and those tokens in one attention.
Cameras are added to the time embedding, a CLIP embedding of the drawing takes the text's place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

if TYPE_CHECKING:
    import torch

AZIMUTHS = (270, 180, 90, 0)
"""Where its four pictures are seen from, in their order."""
CAMERAS = (
    (0, 0, 1, 1.5, 0, 1, 0, 0, -1, 0, 0, 0),
    (0, 0, -1, -1.5, 0, 1, 0, 0, 1, 0, 0, 0),
    (0, 0, -1, -1.5, 0, 1, 0, 0, 1, 0, 0, 0),
    (-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1, -1.5),
)
"""Its pose.json: the first three rows of every camera. The second and third are the same there, which looks
like a mistake; they are kept as published."""
PROMPT = "high quality, best quality"
"""Of the net that reads the drawing; its opposite is the empty prompt."""
GREY = 0.5
CLIP_MEAN, CLIP_DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
SCALE = 0.18215
"""Of Stable Diffusion's latents."""


class Lending:
    """Self-attention of the net that reads the drawing: as ever, and its tokens are kept."""

    def __init__(self, kept: dict[str, "torch.Tensor"], name: str) -> None:
        self.kept, self.name = kept, name

    def __call__(self, attn: Any, hidden_states: "torch.Tensor", *_: object, **__: object) -> "torch.Tensor":
        self.kept[self.name] = hidden_states
        return _attended(attn, hidden_states, hidden_states)


class Reading:
    """Self-attention of the net that draws: every view reads all views of its picture and the kept tokens."""

    def __init__(self, kept: dict[str, "torch.Tensor"], name: str, views: int) -> None:
        self.kept, self.name, self.views = kept, name, views

    def __call__(self, attn: Any, hidden_states: "torch.Tensor", *_: object, **__: object) -> "torch.Tensor":
        import torch

        together = hidden_states.unflatten(0, (-1, self.views)).flatten(1, 2)
        context = torch.cat([together, self.kept[self.name]], 1)
        return _attended(attn, hidden_states, context.repeat_interleave(self.views, 0))


def _attended(attn: Any, hidden_states: "torch.Tensor", context: "torch.Tensor") -> "torch.Tensor":
    from genkei.nets.layers import attention

    query, key, value = attn.to_q(hidden_states), attn.to_k(context), attn.to_v(context)
    return attn.to_out[1](attn.to_out[0](attention(query, key, value, attn.heads)))


@dataclass(frozen=True)
class Drawer:
    """The whole stage, ready to run: diffusers' and transformers' own parts, and what CharacterGen adds."""

    unet: Any
    """The net that draws, its class embedding the identity: what is handed as class goes onto the time."""
    reference: Any
    """The net that reads the drawing."""
    camera: Mapping[str, "torch.Tensor"]
    """`0.weight`, `0.bias`, `2.weight`, `2.bias`: twelve numbers of a camera to the time embedding."""
    vae: Any
    clip: Any
    """CLIP with its picture projection."""
    tokenizer: Any
    text: Any
    scheduler: Any
    kept: dict[str, "torch.Tensor"] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        for net, kind in ((self.reference, Lending), (self.unet, Reading)):
            processors = dict(net.attn_processors)
            for name in processors:
                if name.endswith("attn1.processor"):
                    more = () if kind is Lending else (len(AZIMUTHS),)
                    processors[name] = kind(self.kept, name, *more)
            net.set_attn_processor(processors)

    def __call__(
        self, picture: Float32[np.ndarray, "3 h w"], steps: int = 40, guidance: float = 5.0, seed: int = 0
    ) -> Float32[np.ndarray, "4 3 h w"]:
        """Four views, in the order of AZIMUTHS, of the character on grey paper; h and w are multiples of 64.

        The same seed gives the same pictures on the same machine.
        """
        import torch

        like = next(self.unet.parameters())
        drawing = torch.from_numpy(np.ascontiguousarray(picture))[None].to(like)
        with torch.inference_mode():
            image = self._image_tokens(drawing)
            text = self._text_tokens().to(like)
            clean = self.vae.encode(drawing * 2 - 1).latent_dist.mode() * self.vae.config.scaling_factor
            generator = torch.Generator("cpu").manual_seed(seed)
            shape = (len(AZIMUTHS), *clean.shape[1:])
            latents = torch.randn(shape, generator=generator).to(like) * self.scheduler.init_noise_sigma
            self.scheduler.set_timesteps(steps)
            for t in self.scheduler.timesteps:
                noise = self._guided(latents, clean, t, (image, text), guidance)
                latents = self.scheduler.step(noise, t, latents).prev_sample
            made = torch.cat([self.vae.decode(one[None] / SCALE).sample for one in latents])
        return np.clip(made.float().cpu().numpy() / 2 + 0.5, 0, 1)

    def _guided(
        self,
        latents: "torch.Tensor",
        clean: "torch.Tensor",
        t: "torch.Tensor",
        tokens: tuple["torch.Tensor", "torch.Tensor"],
        guidance: float,
    ) -> "torch.Tensor":
        """Noise of the four views, away from what the empty conditions say (Ho and Salimans 2022)."""
        import torch

        image, text = tokens
        self.reference(torch.cat([clean, clean]), t, encoder_hidden_states=text)
        both = self.scheduler.scale_model_input(torch.cat([latents, latents]), t)
        cameras = self.embedded_cameras(latents).repeat(2, 1)
        context = image.repeat_interleave(len(AZIMUTHS), 0)
        noise = self.unet(both, t, encoder_hidden_states=context, class_labels=cameras).sample
        self.kept.clear()
        without, with_it = noise.chunk(2)
        return without + guidance * (with_it - without)

    def embedded_cameras(self, like: "torch.Tensor") -> "torch.Tensor":
        """[4, time embedding]: linear, SiLU, linear of every camera's twelve numbers."""
        from torch.nn.functional import silu

        from genkei.nets.layers import linear

        own = {name: tensor.to(like) for name, tensor in self.camera.items()}
        return linear(own, "2", silu(linear(own, "0", like.new_tensor(CAMERAS))))

    def _image_tokens(self, drawing: "torch.Tensor") -> "torch.Tensor":
        """[2, 1, width]: nothing, and the drawing as CLIP sees it."""
        import torch
        from torch.nn.functional import interpolate

        side = self.clip.config.image_size
        small = interpolate(drawing, (side, side), mode="bicubic", antialias=True, align_corners=False)
        mean, deviation = (drawing.new_tensor(c)[:, None, None] for c in (CLIP_MEAN, CLIP_DEVIATION))
        seen = self.clip((small - mean) / deviation).image_embeds[:, None]
        return torch.cat([torch.zeros_like(seen), seen])

    def _text_tokens(self) -> "torch.Tensor":
        """[2, n, width]: of the empty prompt, and of PROMPT."""
        length = self.tokenizer.model_max_length
        told = self.tokenizer(
            ["", PROMPT], padding="max_length", max_length=length, truncation=True, return_tensors="pt"
        )
        return self.text(told.input_ids.to(next(self.text.parameters()).device))[0]
