"""Models that make views: their parameters at full size, on no device, against lists kept as data."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("diffusers")
transformers = pytest.importorskip("transformers")

from genkei.nets.charactergen2d_files import (  # noqa: E402
    CAMERA,
    camera_layout,
    camera_name,
    own_name,
    reader,
)
from genkei.nets.published.stable_diffusion import bare_unet, vae_name  # noqa: E402
from tests.nets.checkpoints import layout  # noqa: E402

SD15 = {"sample_size": 64, "cross_attention_dim": 768, "attention_head_dim": 8}
SD21 = {
    "sample_size": 96, "cross_attention_dim": 1024, "attention_head_dim": [5, 10, 20, 20],
    "use_linear_projection": True,
}  # fmt: skip
LAST = "up_blocks.3.attentions.2."
BLOCK = LAST + "transformer_blocks.0."
ABSENT = {
    *("conv_norm_out.weight", "conv_norm_out.bias", "conv_out.weight", "conv_out.bias"),
    *(BLOCK + f"attn1.{name}" for name in ("to_q.weight", "to_k.weight", "to_v.weight")),
    *(BLOCK + f"attn2.{name}" for name in ("to_q.weight", "to_k.weight", "to_v.weight")),
    *(BLOCK + f"{attn}.to_out.0.{kind}" for attn in ("attn1", "attn2") for kind in ("weight", "bias")),
    *(BLOCK + f"{name}.{kind}" for name in ("norm2", "norm3") for kind in ("weight", "bias")),
    *(BLOCK + f"ff.net.{name}.{kind}" for name in ("0.proj", "2") for kind in ("weight", "bias")),
    *(LAST + f"proj_out.{kind}" for kind in ("weight", "bias")),
}
"""Of the net that reads the drawing: what unet_mv2d_ref.py of zjp-shadow/CharacterGen leaves out or replaces
by identities."""


def shapes(module, prefix: str = "") -> dict[str, tuple[int, ...]]:
    return {prefix + name: tuple(t.shape) for name, t in module.state_dict().items()}


def numbers(shapes: dict[str, tuple[int, ...]]) -> int:
    return sum(int(np.prod(shape)) for shape in shapes.values())


def test_charactergen_draws_with_the_published_tensors():
    told = layout("charactergen2d")
    ours = shapes(bare_unet({**SD21, "class_embed_type": "identity"}))
    added = {CAMERA + name: shape for name, shape in camera_layout(1280).items()}
    assert ours | added == told
    assert (len(told), numbers(ours)) == (690, 865_910_724)
    assert {name for name in told if own_name(name)} == set(ours)
    assert {camera_name(name) for name in told} - {None} == set(camera_layout(1280))


def test_charactergen_reads_with_the_published_tensors():
    told = {name: shape for name, shape in layout("charactergen2d").items() if name not in ABSENT}
    assert len(told) == 690 - len(ABSENT) == 666
    assert shapes(reader(bare_unet(SD21))) == {n: s for n, s in told.items() if own_name(n)}


def test_eschernet_has_the_published_tensors():
    told = layout("eschernet")
    with torch.device("meta"):
        eye = transformers.ConvNextV2Model(transformers.ConvNextV2Config())
    unet = shapes(bare_unet(SD15), "unet/")
    assert unet | shapes(eye, "image_encoder/") == told
    assert numbers(unet) == 859_520_964


def test_a_vae_is_read_under_the_names_of_both_generations():
    old = "decoder.mid_block.attentions.0.proj_attn.weight"
    assert vae_name(old) == "decoder.mid_block.attentions.0.to_out.0.weight"
    assert vae_name("encoder.mid_block.attentions.0.query.bias") == "encoder.mid_block.attentions.0.to_q.bias"
    assert vae_name("encoder.conv_in.weight") == "encoder.conv_in.weight"
