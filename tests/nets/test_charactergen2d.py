"""CharacterGen's 2D stage with tiny random nets: end to end, by seed, offline, and attention as published."""

import shutil
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


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    from tests.nets.published.tiny_views import write_charactergen

    return write_charactergen(tmp_path_factory.mktemp("charactergen"))


def test_files_are_loaded_whole(written):
    from genkei.nets.charactergen2d_files import load

    made = load(*written)(picture(), steps=2, seed=5)
    assert made.shape == (4, 3, 64, 64)
    assert made.tobytes() == load(*written)(picture(), steps=2, seed=5).tobytes()


def test_what_the_reading_net_lacks_changes_nothing_that_it_lends():
    from genkei.nets.charactergen2d_files import reader
    from tests.nets.published.tiny_views import UNET

    torch.manual_seed(1)
    whole = diffusers.UNet2DConditionModel(**UNET).eval()
    lent = {}
    for name in ("whole", "cut"):
        net = whole if name == "whole" else reader(whole)
        lent[name] = {}
        processors = dict(net.attn_processors)
        for own in processors:
            if own.endswith("attn1.processor"):
                processors[own] = Lending(lent[name], own)
        net.set_attn_processor(processors)
        torch.manual_seed(2)
        with torch.no_grad():
            net(torch.randn(1, 4, 16, 16), 5, encoder_hidden_states=torch.randn(1, 3, 16))
    assert len(lent["whole"]) == len(lent["cut"]) > 2
    assert all(torch.equal(tensor, lent["cut"][name]) for name, tensor in lent["whole"].items())


def full_unet(path):
    torch.save({**torch.load(path), "conv_out.weight": torch.zeros(4, 8, 3, 3)}, path)


def eight_bit(path):
    torch.save({name: t.to(torch.float8_e4m3fn) for name, t in torch.load(path).items()}, path)


def truncated(path):
    path.write_bytes(path.read_bytes()[:-900])


def pickled(path):
    torch.save(torch.load(path), path, _use_new_zipfile_serialization=False)


def lora(path):
    torch.save({"lora_unet_down.lora_down.weight": torch.zeros(2, 2)}, path)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (full_unet, r"fits only in part.*1 not asked for \(conv_out.weight\)"),
        (eight_bit, r"8-bit floats.*Take the fp16"),
        (truncated, r"cut off or damaged.*get it again"),
        (pickled, r"is a Python pickle.*Take the \.safetensors"),
        (lora, r"fits only in part.*missing.*1 not asked for \(lora_unet_down"),
    ],
)
def test_a_file_that_is_not_the_one_is_refused(written, tmp_path, spoil, says):
    import shutil

    from genkei.nets.charactergen2d_files import FILES, load

    models = tmp_path / "models"
    shutil.copytree(written[0], models)
    spoil(models / FILES["the net that reads the drawing"])
    with pytest.raises(ValueError, match=says):
        load(models, written[1])


def test_no_tokenizer_is_said_before_anything_is_loaded(written, tmp_path):
    import shutil

    from genkei.nets.charactergen2d_files import load

    shutil.copytree(written[1], tmp_path / "sd21")
    (tmp_path / "sd21" / "tokenizer" / "merges.txt").unlink()
    with pytest.raises(ValueError, match=r"tokenizer is missing .*words cannot be read offline"):
        load(written[0], tmp_path / "sd21")


def test_saved_and_loaded_it_says_the_same_bytes(written, tmp_path):
    from genkei.nets.charactergen2d_files import FILES, load

    models, base = written
    first = load(models, base)
    shutil.copytree(models, tmp_path / "models")
    added = {f"camera_embedding.{name}": tensor for name, tensor in first.camera.items()}
    for what, net in (
        ("the net that draws", first.unet),
        ("the net that reads the drawing", first.reference),
    ):
        torch.save({**net.state_dict(), **added}, tmp_path / "models" / FILES[what])
    one, again = (d(picture(), steps=1, seed=5) for d in (first, load(tmp_path / "models", base)))
    assert one.tobytes() == again.tobytes()
