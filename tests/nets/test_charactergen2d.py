"""CharacterGen's 2D stage with tiny random nets: end to end, by seed, offline, and attention as published."""

import socket

import numpy as np
import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")
transformers = pytest.importorskip("transformers")

from genkei.nets.charactergen2d import AZIMUTHS, CAMERAS, Drawer, Lending, Reading  # noqa: E402
from tests.nets import plain  # noqa: E402

WIDTH = 32


class Words:
    """A tokenizer of two words; the stage asks for nothing but numbers of a fixed length."""

    model_max_length = 8

    def __call__(self, texts, **_):
        rows = [[1] + [2 + len(text) % 5] * 6 + [3] for text in texts]
        return transformers.BatchEncoding({"input_ids": torch.tensor(rows)})


def unet(seed: int, **more):
    torch.manual_seed(seed)
    return diffusers.UNet2DConditionModel(
        sample_size=8, block_out_channels=(32, 64), layers_per_block=1, cross_attention_dim=WIDTH,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), attention_head_dim=8, norm_num_groups=16,
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D"), use_linear_projection=True, **more,
    ).eval()  # fmt: skip


def drawer() -> Drawer:
    torch.manual_seed(0)
    vae = diffusers.AutoencoderKL(
        block_out_channels=(16, 16, 16, 16), norm_num_groups=8, latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4,
    ).eval()  # fmt: skip
    small = {"hidden_size": WIDTH, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    seen = transformers.CLIPVisionConfig(image_size=32, patch_size=16, projection_dim=WIDTH, **small)
    told = transformers.CLIPTextConfig(vocab_size=16, max_position_embeddings=8, eos_token_id=3, **small)
    camera = {
        "0.weight": torch.randn(128, 12), "0.bias": torch.randn(128),
        "2.weight": torch.randn(128, 128) / 11, "2.bias": torch.randn(128),
    }  # fmt: skip
    return Drawer(
        unet=unet(1, class_embed_type="identity"), reference=unet(2), camera=camera, vae=vae,
        clip=transformers.CLIPVisionModelWithProjection(seen).eval(), tokenizer=Words(),
        text=transformers.CLIPTextModel(told).eval(),
        scheduler=diffusers.DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False,
            set_alpha_to_one=False, steps_offset=1, prediction_type="v_prediction",
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def stage() -> Drawer:
    return drawer()


def picture(seed: int = 4) -> np.ndarray:
    return np.random.default_rng(seed).random((3, 64, 64)).astype(np.float32)


def test_four_views_by_seed_and_offline(stage, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    one, again = (stage(picture(), steps=2, seed=5) for _ in range(2))
    assert one.shape == (4, 3, 64, 64) and one.min() >= 0 and one.max() <= 1
    assert one.tobytes() == again.tobytes()
    assert np.abs(one - stage(picture(), steps=2, seed=6)).mean() > 1e-3
    assert np.abs(one - stage(picture(9), steps=2, seed=5)).mean() > 1e-5  # the drawing is read
    assert not stage.kept  # tokens of one step are not left for the next


def test_every_view_reads_all_views_and_the_drawing():
    """The equation in numpy: own queries; keys and values of all four views and the kept tokens."""
    torch.manual_seed(3)
    attn = diffusers.models.attention_processor.Attention(query_dim=16, heads=2, dim_head=8).eval()
    w = {name: t.detach().double().numpy() for name, t in attn.state_dict().items()}
    kept = {"a": torch.randn(1, 5, 16)}
    own = torch.randn(4, 3, 16)
    with torch.no_grad():
        found = Reading(kept, "a", 4)(attn, own).numpy()
        lent = Lending(kept, "b")(attn, own[:1]).numpy()
    context = np.concatenate([own.numpy().reshape(12, 16), kept["a"][0].numpy()])
    for view, row in zip(own.numpy(), found, strict=True):
        assert np.abs(row - attended(w, view, context)).max() < 1e-5
    assert np.abs(lent[0] - attended(w, own[0].numpy(), own[0].numpy())).max() < 1e-5
    assert torch.equal(kept["b"], own[:1])


def attended(w: plain.Arrays, x: np.ndarray, context: np.ndarray) -> np.ndarray:
    q, k, v = plain.linear(w, "to_q", x), plain.linear(w, "to_k", context), plain.linear(w, "to_v", context)
    return plain.linear(w, "to_out.0", plain.attend(q, k, v, 2))


def test_cameras_are_embedded_as_published(stage):
    w = {name: tensor.double().numpy() for name, tensor in stage.camera.items()}
    hidden = plain.silu(np.array(CAMERAS, float) @ w["0.weight"].T + w["0.bias"])
    expected = hidden @ w["2.weight"].T + w["2.bias"]
    assert np.abs(stage.embedded_cameras(torch.zeros(1)).numpy() - expected).max() < 1e-4
    assert len(AZIMUTHS) == len(CAMERAS) == 4


def test_folders_that_are_not_whole_are_refused(tmp_path):
    from genkei.nets.charactergen2d_files import load

    with pytest.raises(ValueError, match=r"not whole: missing the net that draws .*, unet .*none is downl"):
        load(tmp_path, tmp_path)


def test_checkpoint_names_are_sorted_to_their_places():
    from genkei.nets.charactergen2d_files import camera_layout, camera_name, own_name

    names = [*unet(1).state_dict(), "class_embedding.linear_1.weight", "camera_embedding.2.bias"]
    assert {name for name in names if own_name(name) is None} == set(names[-2:])
    assert [camera_name(name) for name in names if camera_name(name)] == ["2.bias"]
    assert camera_layout(1280)["0.weight"] == (1280, 12)
