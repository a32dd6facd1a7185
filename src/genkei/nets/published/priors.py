"""Marigold and what was fine-tuned from it, through diffusers: depth, normals, colour without light.

diffusion-e2e-ft is the same network run once on zero latents (Garcia et al. 2024). That is a setting of the
scheduler, not other code: trailing spacing and `set_alpha_to_one` make the one step's answer the predicted
sample.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from genkei.nets.published import stable_diffusion
from genkei.nets.published.devices import DIFFUSION, refuse_unready
from genkei.nets.published.folders import local, read_json, require_parts
from genkei.nets.published.recognise import expect
from genkei.nets.published.table import Model, models
from genkei.nets.published.weights import explained_memory

PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")
ONE_STEP = {"timestep_spacing": "trailing", "set_alpha_to_one": True}
JOBS = {
    "depth": "MarigoldDepthPipeline",
    "normals": "MarigoldNormalsPipeline",
    "intrinsics": "MarigoldIntrinsicsPipeline",
}


@dataclass(frozen=True)
class Prior:
    """A pipeline ready to run on one picture after another."""

    path: Path
    model: Model
    job: str
    """`depth`, `normals` or `intrinsics`."""
    pipeline: Any
    one_step: bool
    """As diffusion-e2e-ft: once, from zero latents, so that no seed matters."""
    steps: int = 0
    """Of the scheduler; 0: as many as the model's own description says."""
    resolution_px: int = 0
    """Longer side it works at; 0: the model's own."""
    seed: int = 0

    def __call__(self, rgb: Float32[np.ndarray, "h w 3"]) -> Mapping[str, Float32[np.ndarray, "h w c"]]:
        """At the picture's size: `depth` 0 near to 1 far; or `normals`, unit, x right, y up, z towards the
        viewer; or what the model calls its layers (`albedo` ... as sRGB 0..1)."""
        import torch

        pipe = self.pipeline
        side = self.resolution_px or pipe.default_processing_resolution or 768
        words: dict[str, Any] = {"generator": torch.Generator("cpu").manual_seed(self.seed)}
        steps = self.steps or pipe.default_denoising_steps or 4
        with explained_memory(f"the picture in {self.model.title}"):
            if self.one_step:
                words, steps = {"latents": self._zeros(rgb, side)}, 1
            found = pipe(
                _paper(rgb), num_inference_steps=steps, processing_resolution=side, **words
            ).prediction
        return self._layers(np.asarray(found, np.float32))

    def _zeros(self, rgb: Float32[np.ndarray, "h w 3"], side: int) -> Any:
        import torch

        pipe = self.pipeline
        seen = pipe.image_processor.preprocess(_paper(rgb), side, "bilinear", pipe.device, pipe.dtype)[0]
        high, wide = (n // pipe.vae_scale_factor for n in seen.shape[-2:])
        channels = pipe.unet.config.out_channels
        return torch.zeros((1, channels, high, wide), device=pipe.device, dtype=pipe.dtype)

    def _layers(self, found: Float32[np.ndarray, "n h w c"]) -> Mapping[str, Float32[np.ndarray, "h w c"]]:
        if self.job != "intrinsics":
            return {self.job: found[0]}
        told = self.pipeline.target_properties or {}
        names = told.get("target_names") or [f"layer {k + 1}" for k in range(len(found))]
        return {name: _as_srgb(found[k], told.get(name, {})) for k, name in enumerate(names)}


def load_prior(
    where: Path | str, *, one_step: bool | None = None, seed: int = 0, device: str = "cpu", dtype: Any = None
) -> Prior:
    """The pipeline in a folder of diffusers, or under a hub name on this machine; nothing of it half-loaded.

    `one_step`: None takes what the folder's scheduler and its own number of steps say. ValueError, in the
    user's words, when it is another model, when parts or its tokenizer are missing, or the memory is small.
    """
    refuse_unready(device, DIFFUSION)
    folder = local(where)
    wanted = [m.name for m in models().values() if m.job in JOBS and m.status == "runs"]
    contents, model = expect(folder, wanted)
    index = read_json(folder / "model_index.json")
    job = _job(str(index.get("_class_name", "")), model)
    require_parts(folder, PARTS, model.title)
    once = index.get("default_denoising_steps") == 1 if one_step is None else one_step
    scheduler = _scheduler(folder, once)
    unet, vae, text, tokenizer = _parts(folder, device, dtype)
    settings = {
        name: value for name, value in index.items() if not name.startswith("_") and name not in PARTS
    }
    pipeline = _published(JOBS[job])(
        unet=unet, vae=vae, scheduler=scheduler, text_encoder=text, tokenizer=tokenizer, **settings
    )
    pipeline.set_progress_bar_config(disable=True)
    return Prior(contents.path, model, job, pipeline, once, seed=seed)


def _job(name: str, model: Model) -> str:
    """By the class the folder names; a folder under another class is what its row says."""
    return next((job for job, kind in JOBS.items() if kind == name), model.job)


def _scheduler(folder: Path, once: bool) -> Any:
    settings = dict(read_json(folder / "scheduler" / "scheduler_config.json"))
    name = str(settings.get("_class_name", "DDIMScheduler"))
    if name not in ("DDIMScheduler", "LCMScheduler"):
        raise ValueError(
            f"{folder} wants the scheduler {name}; Marigold's are DDIMScheduler and LCMScheduler"
        )
    if once:
        return _published("DDIMScheduler").from_config({**settings, **ONE_STEP})
    return _published(name).from_config(settings)


def _parts(folder: Path, device: str, dtype: Any) -> tuple[Any, Any, Any, Any]:
    """UNet, VAE, text encoder and tokenizer."""
    words = stable_diffusion.text(folder / "text_encoder", device, dtype)
    length = words.config.max_position_embeddings
    return (
        stable_diffusion.unet(folder / "unet", device, dtype),
        stable_diffusion.vae(folder / "vae", device, dtype),
        words,
        stable_diffusion.tokenizer(folder / "tokenizer", length),
    )


def _published(name: str) -> Any:
    """A class of diffusers, which loads them when they are asked for."""
    import diffusers

    return getattr(diffusers, name)


def _paper(rgb: Float32[np.ndarray, "h w 3"]) -> Any:
    """As a tensor: of arrays, diffusers' check of latents takes width and channels for height and width."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(np.clip(rgb, 0, 1).transpose(2, 0, 1)[None]))


def _as_srgb(layer: Float32[np.ndarray, "h w 3"], told: Mapping[str, Any]) -> Float32[np.ndarray, "h w 3"]:
    """As diffusers shows a layer: linear ones to the power of 1 / 2.2."""
    if told.get("prediction_space", "srgb") != "linear":
        return layer
    top = max(float(layer.max()), 1e-6) if told.get("up_to_scale") else 1.0
    return np.clip(layer / top, 0, 1) ** np.float32(1 / 2.2)
