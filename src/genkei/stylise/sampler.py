"""Euler ancestral with the drawing's colours put back at every step ("tile colour-fix" as a scheduler)."""

from typing import TYPE_CHECKING, Any

from genkei.stylise.controls import BLUR, fixed_colours

if TYPE_CHECKING:
    import torch

SDXL_NOISE = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "steps_offset": 1,
    "timestep_spacing": "leading",
}


def colour_fixing_euler(
    reference: "torch.Tensor | None",
    share: float = 1.0,
    radius: int = BLUR,
    prediction: str = "epsilon",
    zero_snr: bool = False,
) -> Any:
    """diffusers' EulerAncestralDiscreteScheduler; with a reference latent, its clean estimate is corrected.

    With sigma s the estimate is x0 = sample - s * eps (v: the same from c_out v + c_skip sample); x0' has the
    reference's low frequencies, and the step goes on with eps' = (sample - x0') / s. Linear, so it may stand
    after classifier-free guidance. ValueError for a prediction type it does not know.
    """
    from diffusers.schedulers.scheduling_euler_ancestral_discrete import EulerAncestralDiscreteScheduler

    if prediction not in ("epsilon", "v_prediction"):
        raise ValueError(
            f"the checkpoint predicts {prediction!r}; the sampler knows epsilon and v_prediction, which all"
            " published SDXL checkpoints are. Take another checkpoint, or mend its scheduler_config.json"
        )

    class ColourFixingEuler(EulerAncestralDiscreteScheduler):
        def step(self, model_output, timestep, sample, generator=None, return_dict=True):
            if reference is None or share == 0:
                return super().step(model_output, timestep, sample, generator, return_dict)
            if self.step_index is None:
                self._init_step_index(timestep)
            sigma = self.sigmas[self.step_index].to(sample.device)
            noisy, told = sample.float(), model_output.float()  # sigma may pass what 16 bits can hold
            scale = (sigma**2 + 1) ** 0.5
            if prediction == "epsilon":
                fixed = fixed_colours(noisy - sigma * told, reference, radius, share)
                back = (noisy - fixed) / sigma
            else:
                fixed = fixed_colours(noisy / scale**2 - told * sigma / scale, reference, radius, share)
                back = (noisy / scale**2 - fixed) * scale / sigma
            return super().step(back.to(model_output.dtype), timestep, sample, generator, return_dict)

    more = {"rescale_betas_zero_snr": True, "timestep_spacing": "trailing"} if zero_snr else {}
    return ColourFixingEuler(**{**SDXL_NOISE, **more}, prediction_type=prediction)
