"""One picture by SDXL: the parts that were loaded, and the passes over it."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from genkei.stylise.checkpoint import load, load_control, noise_of, quiet
from genkei.stylise.controls import BLUR, canny, fit, soften
from genkei.stylise.details import Box, crop, pasted
from genkei.stylise.presets import PRESETS, Preset
from genkei.stylise.prompts import Encoded, encode, pieces_of
from genkei.stylise.sampler import colour_fixing_euler

if TYPE_CHECKING:
    import torch

    from genkei.stylise.recipe import Stylise

HIRES_STRENGTH, HIRES_STEPS = 0.3, 10
DETAIL_STRENGTH, DETAIL_PX = 0.4, 768
GRANULE_PX = 8
"""Pixels of one latent: sizes are multiples of it."""


@dataclass(frozen=True)
class Run:
    """The parts that were loaded for one picture."""

    told: "Stylise"
    parts: Mapping[str, Any]
    controls: tuple[Any, ...]
    kinds: tuple[str, ...]
    """`canny` or `tile` for each of `controls`."""
    words: tuple[Encoded, Encoded] = field(repr=False)
    """Wished for, and not."""
    noise: Mapping[str, Any] = field(default_factory=dict)
    """What the checkpoint was trained to tell (`noise_of`)."""

    @staticmethod
    def of(told: "Stylise") -> "Run":
        import torch

        short = torch.bfloat16 if told.device == "cpu" else torch.float16
        dtype = short if told.half else torch.float32
        parts = load(told.checkpoint, told.config, told.device, dtype)
        wanted = {
            "canny": told.canny if told.keep != "colours" else None,
            "tile": told.tile if told.keep != "lines" else None,
        }
        found = {kind: path for kind, path in wanted.items() if path is not None}
        controls = tuple(load_control(path, told.device, dtype) for path in found.values())
        for control in controls:
            soften(control)
        preset = PRESETS[told.preset].with_words(told.words)
        noise = noise_of(told.checkpoint, told.config)
        return Run(told, parts, controls, tuple(found), _encoded(parts, preset), noise)

    def painted(self, drawing: np.ndarray, height: int, width: int) -> np.ndarray:
        """From noise."""
        pipeline = self._pipeline("")
        self._hold(pipeline, drawing, BLUR)
        images = {"image": self._images(drawing, height, width)} if self.controls else {}
        return self._out(pipeline(**self._words, **images, **self._common(height, width, self.told.steps)))

    def repainted(self, picture: np.ndarray, box: Box) -> np.ndarray:
        """One square larger, painted again at a low strength and pasted."""
        pipeline = self._pipeline("Img2Img")
        square, edges = crop(picture, box)
        side = min(DETAIL_PX, self.told.width_px)
        large = _resized(square, side)
        self._hold(pipeline, large, BLUR)
        again = self._over(pipeline, large, large, side, side, DETAIL_STRENGTH, self.told.steps)
        return pasted(picture, _resized(again, square.shape[0]), edges)

    @property
    def hires_size(self) -> tuple[int, int]:
        scale = self.told.hires_scale
        sides = (self.told.height_px, self.told.width_px)
        tall, wide = (round(side * scale / GRANULE_PX) * GRANULE_PX for side in sides)
        return tall, wide

    def enlarged(self, picture: np.ndarray, drawing: np.ndarray) -> np.ndarray:
        """Upscaled by the user's net, and gone over at strength .3 in ten steps."""
        from genkei.nets.rrdb import upscale, upscaler

        assert self.told.upscaler is not None
        height, width = self.hires_size
        large = fit(upscale(upscaler(self.told.upscaler, self.told.device), picture), height, width)
        pipeline = self._pipeline("Img2Img")
        self._hold(pipeline, drawing, 2 * BLUR)
        steps = math.ceil(HIRES_STEPS / HIRES_STRENGTH)
        return self._over(pipeline, large, drawing, height, width, HIRES_STRENGTH, steps)

    def _over(
        self,
        pipeline: Any,
        start: np.ndarray,
        drawing: np.ndarray,
        height: int,
        width: int,
        strength: float,
        steps: int,
    ) -> np.ndarray:
        common = self._common(
            height, width, max(steps, math.ceil(1 / strength))
        )  # one step at least is taken
        if self.controls:
            common["control_image"] = self._images(drawing, height, width)
        else:
            del common["height"], common["width"]
        return self._out(pipeline(**self._words, image=_tensor(start), strength=strength, **common))

    def _pipeline(self, way: str) -> Any:
        """diffusers' pipeline of SDXL, from noise or from a picture, with as many controls as there are."""
        import diffusers

        kind = f"StableDiffusionXL{'ControlNet' if self.controls else ''}{way}Pipeline"
        more = {"controlnet": list(self.controls)} if self.controls else {}
        with quiet():
            pipeline = getattr(diffusers, kind)(
                **self.parts,
                **more,
                scheduler=colour_fixing_euler(None, **self.noise),
                add_watermarker=False,
            )
        pipeline.set_progress_bar_config(disable=True)
        return pipeline

    def _hold(self, pipeline: Any, drawing: np.ndarray, radius: int) -> None:
        """The drawing's latent into the sampler, where colours are to be kept."""
        if self.told.keep != "lines":
            reference = _latent(self.parts["vae"], drawing)
            pipeline.scheduler = colour_fixing_euler(reference, self.told.colour_share, radius, **self.noise)

    @property
    def _words(self) -> dict[str, Any]:
        wished, unwished = self.words
        return {
            "prompt_embeds": wished.tokens,
            "pooled_prompt_embeds": wished.pooled,
            "negative_prompt_embeds": unwished.tokens,
            "negative_pooled_prompt_embeds": unwished.pooled,
        }

    def _common(self, height: int, width: int, steps: int) -> dict[str, Any]:
        import torch

        return {
            "height": height,
            "width": width,
            "num_inference_steps": steps,
            "guidance_scale": self.told.guidance,
            "generator": torch.Generator("cpu").manual_seed(self.told.seed),
            "output_type": "latent",
        }

    def _images(self, drawing: np.ndarray, height: int, width: int) -> list[Any]:
        each = {"canny": lambda: canny(drawing, height, width), "tile": lambda: drawing}
        return [_tensor(each[kind]()) for kind in self.kinds]

    def _out(self, made: Any) -> np.ndarray:
        return _picture(self.parts["vae"], made.images)


def _encoded(parts: Mapping[str, Any], preset: Preset) -> tuple[Encoded, Encoded]:
    """Both prompts in equally many pieces, which the two halves of the guidance must have."""
    from types import SimpleNamespace

    pipeline = SimpleNamespace(**parts)
    count = max(pieces_of(pipeline, preset.positive), pieces_of(pipeline, preset.negative))
    return encode(pipeline, preset.positive, count), encode(pipeline, preset.negative, count)


def _latent(vae: Any, rgb: np.ndarray) -> "torch.Tensor":
    """The mode of the picture's latent, scaled as the UNet reads it."""
    import torch

    kind = vae.dtype
    with torch.no_grad(), _wide(vae):
        given = (2 * _tensor(rgb) - 1).to(vae.device, vae.dtype)
        found = vae.encode(given).latent_dist.mode()
        mean, spread = _normal(vae, found)
        return ((found - mean) / spread).to(kind)


def _picture(vae: Any, latents: "torch.Tensor") -> Float32[np.ndarray, "h w 3"]:
    """What the first of the UNet's latents shows, in [0, 1]."""
    import torch

    with torch.no_grad(), _wide(vae):
        own = latents[:1].to(vae.device, vae.dtype)
        mean, spread = _normal(vae, own)
        shown = vae.decode(own * spread + mean, return_dict=False)[0][0]
        rgb = (shown.float() / 2 + 0.5).clamp(0, 1).cpu().numpy()
    return np.ascontiguousarray(rgb.transpose(1, 2, 0))


@contextmanager
def _wide(vae: Any) -> Iterator[None]:
    """The VAE in 32 bits where 16 do not do: SDXL's own overflows in fp16 and says so (`force_upcast`), and
    bf16 has no more than 128 steps between grey and white."""
    import torch

    kind = vae.dtype
    wide = kind == torch.bfloat16 or (kind == torch.float16 and vae.config.force_upcast)
    if wide:
        vae.to(torch.float32)
    try:
        yield
    finally:
        if wide:
            vae.to(kind)


def _normal(vae: Any, like: "torch.Tensor") -> tuple["torch.Tensor", "torch.Tensor"]:
    """Mean and spread of its latents by the VAE's config, which the UNet does not see."""
    import torch

    def told(name: str, otherwise: float) -> "torch.Tensor":
        value = getattr(vae.config, name, None)
        given = torch.tensor(otherwise if value is None else value, dtype=like.dtype, device=like.device)
        return given.reshape(1, -1, 1, 1)

    return told("latents_mean", 0.0), told("latents_std", 1.0) / vae.config.scaling_factor


def _tensor(rgb: np.ndarray) -> "torch.Tensor":
    import torch

    return torch.from_numpy(np.ascontiguousarray(rgb.transpose(2, 0, 1)))[None].float()


def _resized(square: np.ndarray, side: int) -> np.ndarray:
    from skimage.transform import resize

    large = resize(square, (side, side), order=3, anti_aliasing=side < square.shape[0])
    return np.clip(np.asarray(large, np.float32), 0, 1)
