"""Marigold and e2e-ft through diffusers: the one-step equation, seeds, strict folders, no network."""

import json
import subprocess
import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra: pip install 'genkei[diffusion]'")
diffusers = pytest.importorskip("diffusers", reason="needs the extra: pip install 'genkei[diffusion]'")

from genkei.nets.published import recognise  # noqa: E402
from genkei.nets.published.priors import load_prior  # noqa: E402
from genkei.nets.published.table import models  # noqa: E402
from tests.nets.published.tiny_marigold import OF_JOB, SCHEDULER, tiny_rows, write  # noqa: E402


@pytest.fixture
def small_rows(monkeypatch):
    monkeypatch.setattr(recognise, "models", tiny_rows)


def picture() -> np.ndarray:
    rng = np.random.default_rng(4)
    return np.kron(rng.random((8, 6, 3)), np.ones((10, 10, 1))).astype(np.float32)


@pytest.mark.parametrize("job", ["depth", "normals", "intrinsics"])
def test_a_folder_runs_and_a_seed_decides(tmp_path, small_rows, job):
    prior = load_prior(write(tmp_path / "m", job))
    assert (prior.job, prior.model.name, prior.one_step) == (job, OF_JOB[job], False)
    one, two = prior(picture()), prior(picture())
    assert set(one) == ({"albedo", "shading", "residual"} if job == "intrinsics" else {job})
    other = load_prior(tmp_path / "m", seed=5)(picture())
    for name, layer in one.items():
        assert layer.shape == (80, 60, 1 if job == "depth" else 3) and layer.dtype == np.float32
        assert (layer == two[name]).all()
        assert (layer != other[name]).any()
    if job == "normals":
        assert np.abs(np.linalg.norm(one["normals"], axis=-1) - 1).max() < 0.2


def test_one_step_is_the_published_equation(tmp_path, small_rows):
    prior = load_prior(write(tmp_path / "m", steps=1))
    assert prior.one_step
    found = prior(picture())["depth"]
    assert (found == load_prior(tmp_path / "m", seed=9)(picture())["depth"]).all()
    pipe = prior.pipeline
    seen, padding, size = pipe.image_processor.preprocess(
        picture()[None], 64, "bilinear", "cpu", torch.float32
    )
    with torch.no_grad():
        text = pipe.text_encoder(torch.tensor([[0, 1]]))[0]
        latent = pipe.vae.encode(seen).latent_dist.mode() * pipe.vae.config.scaling_factor
        zeros = torch.zeros_like(latent)
        v = pipe.unet(torch.cat([latent, zeros], 1), 999, encoder_hidden_states=text)[0]
        betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
        kept = torch.cumprod(1 - betas, 0)[999]
        x0 = kept.sqrt() * zeros - (1 - kept).sqrt() * v
        step = pipe.scheduler.step(v, 999, zeros)
        assert torch.allclose(step.prev_sample, step.pred_original_sample, atol=1e-6)
        assert torch.allclose(step.pred_original_sample, x0.float(), atol=1e-5)
        depth = pipe.vae.decode(x0.float() / pipe.vae.config.scaling_factor).sample.mean(1, keepdim=True)
        depth = pipe.image_processor.unpad_image((depth.clip(-1, 1) + 1) / 2, padding)
        wanted = pipe.image_processor.resize_antialias(depth, size, "bilinear", is_aa=False)
    assert np.abs(found[..., 0] - wanted[0, 0].numpy()).max() < 1e-4


@pytest.mark.parametrize(
    ("spacing", "one", "same"),
    [("trailing", True, True), ("trailing", False, False), ("leading", True, False)],
)
def test_only_this_setting_makes_one_step_the_prediction(spacing, one, same):
    """At t = 999 the kept share is not quite 0, so `set_alpha_to_one=False` mixes noise back in."""
    settings = {**SCHEDULER, "timestep_spacing": spacing, "set_alpha_to_one": one}
    scheduler = diffusers.DDIMScheduler.from_config(settings)
    scheduler.set_timesteps(1)
    torch.manual_seed(0)
    v, sample = torch.randn(1, 4, 8, 8), torch.zeros(1, 4, 8, 8)
    t = scheduler.timesteps[0]
    step = scheduler.step(v, t, sample)
    prediction = step.pred_original_sample
    off = ((step.prev_sample - prediction).norm() / prediction.norm()).item()
    assert (int(t) == 999 and off < 1e-6) == same


def test_text_names_of_both_generations_are_read(tmp_path, small_rows):
    from safetensors.torch import load_file, save_file

    folder = write(tmp_path / "m")
    first = load_prior(folder)(picture())["depth"]
    file = folder / "text_encoder" / "model.safetensors"
    state = {key.removeprefix("text_model."): value for key, value in load_file(file).items()}
    save_file({**state, "embeddings.position_ids": torch.arange(77)[None]}, file)
    assert (load_prior(folder)(picture())["depth"] == first).all()


def test_half_a_folder_is_refused(tmp_path, small_rows):
    from safetensors.torch import load_file, save_file

    folder = write(tmp_path / "m")
    (folder / "tokenizer" / "merges.txt").rename(tmp_path / "merges.txt")
    with pytest.raises(ValueError, match=r"tokenizer is missing .*words cannot be read offline"):
        load_prior(folder)
    (tmp_path / "merges.txt").rename(folder / "tokenizer" / "merges.txt")
    settings = folder / "scheduler" / "scheduler_config.json"
    settings.write_text(json.dumps({**SCHEDULER, "_class_name": "EulerDiscreteScheduler"}))
    with pytest.raises(ValueError, match="wants the scheduler EulerDiscreteScheduler"):
        load_prior(folder)
    settings.write_text(json.dumps(SCHEDULER))
    file = folder / "vae" / "model.safetensors"
    state = load_file(file)
    state.pop("quant_conv.weight")
    save_file(state, file)
    with pytest.raises(ValueError, match=r"fits only in part: .*1 missing \(quant_conv\.weight\)"):
        load_prior(folder)


def test_another_model_is_told_by_name(tmp_path):
    with pytest.raises(ValueError, match=r"is not what is wanted here \(Marigold depth"):
        load_prior(write(tmp_path / "m"))


def test_rows_are_the_published_sizes():
    config = {
        "cross_attention_dim": 1024, "attention_head_dim": [5, 10, 20, 20], "use_linear_projection": True,
    }  # fmt: skip
    for name, targets in (("marigold-depth", 1), ("marigold-appearance", 2), ("marigold-lighting", 3)):
        with torch.device("meta"):
            unet = diffusers.UNet2DConditionModel(
                in_channels=4 + 4 * targets, out_channels=4 * targets, **config
            )
        state = unet.state_dict()
        for key, shape in models()[name].keys:
            assert tuple(state[key.removeprefix("unet/")].shape) == shape


def test_no_connection_is_tried(tmp_path):
    write(tmp_path / "m")
    code = (
        "import socket\n"
        "def refuse(*words, **more): raise AssertionError('a connection was tried')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "import numpy as np\n"
        "from genkei.nets.published import recognise\n"
        "from tests.nets.published.tiny_marigold import tiny_rows\n"
        "recognise.models = tiny_rows\n"
        "from genkei.nets.published.priors import load_prior\n"
        f"print(load_prior({str(tmp_path / 'm')!r})(np.ones((64, 64, 3), np.float32))['depth'].shape)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "(64, 64, 1)" in done.stdout, done.stderr[-800:]
