"""SDXL from one file in its published layout: every tensor, or a refusal; never half of it."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from genkei import pipeline
from genkei.apps.cli import main
from genkei.nets.published import recognise
from genkei.nets.published.table import models
from genkei.stylise import Stylise
from tests.apps.drawings import draw_girl

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers", reason="the extra [diffusion] is not installed")
transformers = pytest.importorskip("transformers")

from safetensors.torch import save_file  # noqa: E402

from genkei.stylise import single_file  # noqa: E402
from genkei.stylise.checkpoint import load, noise_of  # noqa: E402
from tests.stylise.tiny import tiny_sdxl  # noqa: E402

NETS = ("unet", "vae", "text_encoder", "text_encoder_2")
EXTRA = {
    "conditioner.embedders.0.transformer.text_model.embeddings.position_ids": torch.arange(77)[None],
    "conditioner.embedders.1.model.logit_scale": torch.tensor(4.6),
    "denoiser.sigmas": torch.zeros(1000),
}
"""What the published file holds beside the four nets."""


def original(parts, layers: int, attending: list[bool]) -> dict[str, torch.Tensor]:
    """The nets' tensors under the names and shapes of the single file."""
    made: dict[str, torch.Tensor] = {}
    ways = {
        "unet": (single_file.UNET, lambda n: single_file.unet_source(n, layers, attending)),
        "vae": (single_file.VAE, lambda n: single_file.vae_source(n, 3)),
        "text_encoder": (single_file.FIRST, single_file.first_source),
        "text_encoder_2": (single_file.SECOND, single_file.second_source),
    }
    for part, (prefix, source) in ways.items():
        for name, tensor in parts[part].state_dict().items():
            told = source(name)
            key = prefix + told.name
            if told.part in "qkv":
                whole = made.setdefault(key, tensor.new_zeros((3 * len(tensor), *tensor.shape[1:])))
                whole.chunk(3)["qkv".index(told.part)].copy_(tensor)
                continue
            assert key not in made, key
            if told.part == "flat":
                tensor = tensor[..., None, None]
            made[key] = (tensor.T if told.part == "turned" else tensor).clone().contiguous()
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tiny_sdxl(tmp_path_factory.mktemp("hub") / "sdxl")


@pytest.fixture(scope="module")
def tensors(folder) -> dict[str, torch.Tensor]:
    parts = load(folder, None, "cpu", torch.float32)
    return {**original(parts, 1, [True, False]), **EXTRA}


@pytest.fixture(autouse=True)
def small_rows(monkeypatch):
    """The row that tells SDXL by its tensors, at any size."""
    rows = dict(models())
    free = tuple((name, tuple(-1 for _ in shape)) for name, shape in rows["sdxl"].keys)
    here = {"resblocks.9": "resblocks.2", "input_blocks.4": "input_blocks.3"}
    for old, new in here.items():
        free = tuple((name.replace(old, new), shape) for name, shape in free)
    rows["sdxl"] = replace(rows["sdxl"], keys=free)
    monkeypatch.setattr(recognise, "models", lambda: rows)


@pytest.fixture
def file(tensors, tmp_path) -> Path:
    save_file(tensors, tmp_path / "pvc.safetensors")
    return tmp_path / "pvc.safetensors"


def test_every_tensor_arrives_where_it_was(folder, file):
    was, now = load(folder, None, "cpu", torch.float32), load(file, folder, "cpu", torch.float32)
    assert set(was) == set(now)
    for part in NETS:
        old, new = was[part].state_dict(), now[part].state_dict()
        assert list(old) == list(new) and not now[part].training
        assert all(torch.equal(old[name], new[name]) for name in old), part


def test_diffusers_own_reader_understands_the_file_alike(folder, file):
    """It fills what it finds by its own list of names; what it did not find would be other random numbers."""
    theirs = diffusers.StableDiffusionXLPipeline.from_single_file(
        str(file), config=str(folder), local_files_only=True, add_watermarker=False
    )
    ours = load(file, folder, "cpu", torch.float32)
    for part in NETS:
        told = getattr(theirs, part).state_dict()
        for name, tensor in ours[part].state_dict().items():
            assert torch.equal(told[name], tensor), (part, name)


def test_the_published_file_holds_these_numbers():
    """At full size: its 6,938,078,334 bytes are two for every number, and a head."""
    from genkei.nets.published.stable_diffusion import bare_unet, bare_vae

    unet = bare_unet(
        {
            "cross_attention_dim": 2048, "attention_head_dim": [5, 10, 20], "use_linear_projection": True,
            "block_out_channels": [320, 640, 1280], "transformer_layers_per_block": [1, 2, 10],
            "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
            "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
            "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": 2816,
        }
    )  # fmt: skip
    vae = bare_vae(
        {
            "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "latent_channels": 4,
            "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
        }
    )  # fmt: skip
    with torch.device("meta"):
        first = transformers.CLIPTextModel(
            transformers.CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_attention_heads=12)
        )
        second = transformers.CLIPTextModelWithProjection(
            transformers.CLIPTextConfig(
                hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20,
                projection_dim=1280,
            )
        )  # fmt: skip
    parts = dict(zip(NETS, (unet, vae, first, second), strict=True))
    made = original(parts, 2, [True, True, False])
    numbers = sum(tensor.numel() for tensor in made.values())
    assert numbers == 2_567_463_684 + 83_653_863 + 123_060_480 + 694_659_840
    row = models()["sdxl"]
    head = row.bytes - 2 * numbers - 77 * 8 - 2
    assert 100 * len(made) < head < 200 * len(made)
    for name, shape in row.keys:
        assert tuple(made[name].shape) == shape


BIAS = single_file.UNET + "out.2.bias"


@pytest.mark.parametrize(
    ("lost", "more", "says"),
    [
        (single_file.UNET + "input_blocks.3.1.norm.bias", {}, "1 missing"),
        (single_file.SECOND + "transformer.resblocks.1.attn.in_proj_bias", {}, "as its text_encoder_2"),
        (single_file.VAE + "encoder.mid.attn_1.q.weight", {}, "as its vae"),
        ("", {single_file.UNET + "more.weight": torch.zeros(2)}, "1 not asked for"),
        ("", {BIAS: torch.zeros(9)}, "[9] instead of [4]"),
        ("", {BIAS: torch.zeros(4).to(torch.float8_e4m3fn)}, "8-bit floats"),
    ],
    ids=["lost in the UNet", "lost in OpenCLIP", "lost in the VAE", "extra", "another shape", "fp8"],
)
def test_a_file_that_half_fits_is_refused(folder, tensors, tmp_path, lost, more, says):
    spoilt = {**tensors, **more}
    spoilt.pop(lost, None)
    save_file(spoilt, tmp_path / "half.safetensors")
    with pytest.raises(ValueError) as told:
        load(tmp_path / "half.safetensors", folder, "cpu", torch.float32)
    assert says in str(told.value) and "\n" not in str(told.value)


def test_a_cut_off_file_is_refused(folder, file):
    file.write_bytes(file.read_bytes()[:-50])
    with pytest.raises(ValueError, match=r"breaks off|cut off"):
        load(file, folder, "cpu", torch.float32)


def test_half_precision_files_run_in_full_on_the_processor(folder, tensors, tmp_path):
    halves = {name: t.half() if t.is_floating_point() else t for name, t in tensors.items()}
    save_file(halves, tmp_path / "fp16.safetensors")
    parts = load(tmp_path / "fp16.safetensors", folder, "cpu", torch.float32)
    assert all(t.dtype == torch.float32 for part in NETS for t in parts[part].parameters())


def test_a_file_and_its_folder_make_the_same_picture(capsys, folder, file, tmp_path):
    girl = draw_girl(tmp_path / "girl.png")
    pictures = []
    for k, words in enumerate(([file, "--config", folder], [folder])):
        out = tmp_path / f"{k}.png"
        told = ["stylise", girl, "-o", out, "--keep", "colours", "--steps", "2", "--no-details", "--quiet",
                "--size", "64", "96", "--checkpoint", *words]  # fmt: skip
        assert main([str(word) for word in told]) == 0, capsys.readouterr().err
        pictures.append(out.read_bytes())
    assert pictures[0] == pictures[1]


def test_what_a_checkpoint_predicts_is_told_by_its_scheduler_or_its_marks(folder, tensors, tmp_path):
    plain = {"prediction": "epsilon", "zero_snr": False}
    assert noise_of(folder, None) == plain
    other = Path(shutil.copytree(folder, tmp_path / "v"))
    config = other / "scheduler" / "scheduler_config.json"
    config.write_text(config.read_text().replace('"epsilon"', '"v_prediction"'))
    assert noise_of(other, None) == {"prediction": "v_prediction", "zero_snr": False}
    save_file(tensors, tmp_path / "plain.safetensors")
    assert noise_of(tmp_path / "plain.safetensors", folder) == plain
    marks = {"v_pred": torch.zeros(0), "ztsnr": torch.zeros(0)}
    save_file({**tensors, **marks}, tmp_path / "v.safetensors")
    assert noise_of(tmp_path / "v.safetensors", folder) == {"prediction": "v_prediction", "zero_snr": True}


def test_a_v_prediction_checkpoint_is_sampled_as_one(folder, tmp_path):
    girl = draw_girl(tmp_path / "girl.png")
    other = Path(shutil.copytree(folder, tmp_path / "v"))
    config = other / "scheduler" / "scheduler_config.json"
    config.write_text(config.read_text().replace('"epsilon"', '"v_prediction"'))
    way = Stylise(folder, keep="colours", width_px=64, height_px=64, steps=2, details=False)
    one, two = (pipeline.stylise(girl, replace(way, checkpoint=c)).picture for c in (folder, other))
    assert np.isfinite(two).all() and (one != two).any()


def test_sdxl_s_own_vae_reads_the_drawing_without_overflow():
    """In 16 bits this VAE passes 65,504; `force_upcast` says so, and the answer is that of 32 bits."""
    from genkei.stylise.run import _latent

    vae = diffusers.AutoencoderKL(
        block_out_channels=(4, 4, 8, 8), down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4, norm_num_groups=2, force_upcast=True,
    ).eval()  # fmt: skip
    with torch.no_grad():
        vae.encoder.conv_in.weight.fill_(4e4)
        vae.encoder.conv_in.bias.fill_(1e3)
    rgb = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
    wanted = _latent(vae, rgb)
    half = vae.half()
    assert not torch.isfinite(half.encode(torch.ones(1, 3, 64, 64).half()).latent_dist.mode()).all()
    found = _latent(half, rgb)
    assert found.dtype == torch.float16 and half.dtype == torch.float16
    assert torch.isfinite(found).all()
    assert torch.allclose(found.float(), wanted, atol=2e-2)


@pytest.mark.parametrize("means", [False, True])
def test_latents_are_coded_as_diffusers_codes_them(means):
    """There and back, with and without a mean and spread of the VAE's own; in bf16 the VAE works in 32."""
    from diffusers.image_processor import VaeImageProcessor

    from genkei.stylise.run import _latent, _picture

    torch.manual_seed(3)
    told = {"latents_mean": [0.1, -0.2, 0.3, 0.4], "latents_std": [0.5, 1.5, 2.0, 0.7]} if means else {}
    vae = diffusers.AutoencoderKL(
        block_out_channels=(4, 4, 8, 8), down_block_types=("DownEncoderBlock2D",) * 4, latent_channels=4,
        up_block_types=("UpDecoderBlock2D",) * 4, norm_num_groups=2, scaling_factor=0.13, **told,
    ).eval()  # fmt: skip
    rgb = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
    mean, std = (
        torch.tensor(told.get(n, d)).reshape(1, -1, 1, 1)
        for n, d in (("latents_mean", [0.0]), ("latents_std", [1.0]))
    )
    with torch.no_grad():
        there = vae.encode(2 * torch.from_numpy(rgb).permute(2, 0, 1)[None] - 1).latent_dist.mode()
        latents = (there - mean) * 0.13 / std
        back = vae.decode(latents * std / 0.13 + mean).sample
    wanted = VaeImageProcessor().postprocess(back, output_type="np")[0]
    assert torch.allclose(_latent(vae, rgb), latents, atol=1e-5)
    assert np.allclose(_picture(vae, latents), wanted, atol=1e-5)
    short = vae.to(torch.bfloat16)
    assert np.abs(_picture(short, latents.bfloat16()) - wanted).mean() < 4e-3
    assert short.dtype == torch.bfloat16 and _latent(short, rgb).dtype == torch.bfloat16
