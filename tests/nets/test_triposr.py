"""TripoSR: the published layout, the published equations, refusals; the real weights were never run here."""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from genkei.nets import vit  # noqa: E402
from genkei.nets.published.contents import read  # noqa: E402
from genkei.nets.published.weights import fit  # noqa: E402
from genkei.nets.triplane import Triplane  # noqa: E402
from genkei.nets.triposr import DISTANCE, HALF, RADIUS, Sizes, TripoSrNet, cube_points, load  # noqa: E402
from tests.nets import plain  # noqa: E402
from tests.nets.checkpoints import layout, random_weights  # noqa: E402

TINY = Sizes(
    eye=vit.Vit(patch_px=8, grid=4, width=32, depth=2, heads=4, eps=1e-12, second=False),
    planes=Triplane(plane=4, channels=32, blocks=2, heads=2, head_width=16, context=32, features=5),
    neurons=16,
    hidden=3,
    picture_px=32,
)
NAMES = ("layernorm_before", "layernorm_after", "intermediate.dense", "output.dense")


@pytest.fixture(scope="module")
def net() -> TripoSrNet:
    return TripoSrNet(random_weights(TINY.layout), TINY)


def arrays(net: TripoSrNet) -> plain.Arrays:
    return {name: tensor.double().numpy() for name, tensor in net.weights.items()}


def picture(side: int = 32, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random((3, side, side)).astype(np.float32)


def test_names_and_shapes_are_the_published_ones():
    assert Sizes().layout == layout("triposr")
    assert sum(int(np.prod(shape)) for shape in Sizes().layout.values()) == 419_275_628  # x 4 bytes: 1.68 GB


def test_scene_equals_the_plain_equations(net):
    w, rgb = arrays(net), picture()
    eye = plain.under(w, "image_tokenizer.model.")
    standard = (rgb - np.array(vit.MEAN)[:, None, None]) / np.array(vit.DEVIATION)[:, None, None]
    x = np.concatenate([eye["embeddings.cls_token"][0], plain.patches(eye, standard, 8)])
    x = x + eye["embeddings.position_embeddings"][0]
    for index in range(2):
        x = plain.vit_block(plain.under(eye, f"encoder.layer.{index}."), x, 4, 1e-12, NAMES)
    x = plain.norm(eye, "layernorm", x, 1e-12)
    expected = plain.triplane(w, x, 4, 2, 2)
    found = net.scene(torch.from_numpy(rgb))[0].numpy()
    assert found.shape == (3, 5, 8, 8)
    assert np.abs(found - expected).max() < 1e-4


def test_density_and_colour_equal_the_plain_equations(net):
    scene = torch.from_numpy(np.random.default_rng(2).standard_normal((3, 5, 8, 8)).astype(np.float32))
    points = np.random.default_rng(3).uniform(-1.1, 1.1, (40, 3)).astype(np.float32) * RADIUS
    found = net.raw(scene, torch.from_numpy(points)).numpy()
    w = arrays(net)
    for point, row in zip(points, found, strict=True):
        expected = plain.perceptron(
            w, "decoder.layers", plain.features(scene.double().numpy(), point / RADIUS), 4
        )
        assert np.abs(row - expected).max() < 1e-4


def test_positions_are_stretched_as_the_published_nets_were_trained():
    """A picture of other size: (n + 0.1) / grid, not n / grid; the difference is small and there."""
    grid = torch.arange(16.0).reshape(1, 16, 1).repeat(1, 1, 2)
    table = torch.cat([torch.full((1, 1, 2), -7.0), grid], 1)
    stretched = vit._places(table, TINY.eye, 8, 6)
    assert stretched.shape == (1, 1 + 48, 2) and stretched[0, 0, 0] == -7
    rows = stretched[0, 1:, 0].reshape(8, 6)
    plainly = torch.nn.functional.interpolate(
        table[:, 1:].reshape(1, 4, 4, 2).permute(0, 3, 1, 2), (8, 6), mode="bicubic"
    )[0, 0]
    assert 0 < (rows - plainly).abs().max() < 0.3
    assert (vit._places(table, TINY.eye, 4, 4) == table).all()


@pytest.mark.parametrize("second", [False, True])
def test_the_eye_equals_transformers(second):
    """Another implementation of the same papers; its newer names are mapped here."""
    transformers = pytest.importorskip("transformers")
    eye = replace(TINY.eye, second=second, eps=1e-6)
    common = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "image_size": 32}
    common |= {"patch_size": 8, "layer_norm_eps": 1e-6, "attn_implementation": "eager"}
    if second:
        model = transformers.Dinov2Model(transformers.Dinov2Config(mlp_ratio=4, **common)).eval()
    else:
        model = transformers.ViTModel(transformers.ViTConfig(intermediate_size=128, **common)).eval()
    weights = random_weights(eye.layout, seed=4)
    model.load_state_dict({newer(name, second): tensor for name, tensor in weights.items()})
    pictures = torch.from_numpy(np.stack([picture(seed=5), picture(seed=6)]))
    mean, deviation = (torch.tensor(c)[:, None, None] for c in (vit.MEAN, vit.DEVIATION))
    with torch.no_grad():
        expected = model((pictures - mean) / deviation).last_hidden_state
        found = vit.tokens(weights, eye, pictures)
    assert (found - expected).abs().max() < 1e-4


def newer(name: str, second: bool) -> str:
    """The name transformers 5 gives a tensor of the published files."""
    pairs = {"attention.attention.query": "attention.q_proj", "attention.attention.key": "attention.k_proj"}
    pairs |= {"attention.attention.value": "attention.v_proj", "attention.output.dense": "attention.o_proj"}
    if not second:
        pairs |= {"encoder.layer.": "layers.", "intermediate.dense": "mlp.fc1"}
    for old, new in pairs.items():
        name = name.replace(old, new)
    return name if second else name.replace(".output.dense", ".mlp.fc2")


def test_a_block_equals_diffusers():
    models = pytest.importorskip("diffusers.models.attention")
    from genkei.nets.triplane import _block

    block = models.BasicTransformerBlock(32, 2, 16, cross_attention_dim=24).eval()
    weights = random_weights({name: tuple(t.shape) for name, t in block.state_dict().items()}, seed=7)
    block.load_state_dict(weights)
    x, context = torch.randn(2, 9, 32), torch.randn(2, 5, 24)
    with torch.no_grad():
        expected = block(x, encoder_hidden_states=context)
        assert (_block(weights, x, context, 2) - expected).abs().max() < 1e-5


def test_a_batch_is_its_single_pictures(net):
    eye = {k.removeprefix("image_tokenizer.model."): v for k, v in net.weights.items()}
    pictures = torch.from_numpy(np.stack([picture(seed=8), picture(seed=9)]))
    both = vit.tokens(eye, TINY.eye, pictures)
    assert (both[1:] - vit.tokens(eye, TINY.eye, pictures[1:])).abs().max() < 1e-5


def test_its_field_projects_onto_the_picture():
    """Seen by the net's own camera, every point lies where the picture's parallel rays have it."""
    points = np.random.default_rng(10).uniform(-0.5, 0.5, (50, 3)).astype(np.float32)
    x, y, z = cube_points(points).T
    depth = DISTANCE - x
    assert np.allclose(y / depth * DISTANCE / HALF / 2, points[:, 0], atol=1e-5)
    assert np.allclose(z / depth * DISTANCE / HALF / 2, points[:, 1], atol=1e-5)
    assert np.allclose(x, 2 * HALF * points[:, 2], atol=1e-5)


def test_what_it_says_is_log_density_over_the_surfaces(net):
    rgba = np.concatenate([picture() * 0.5, np.full((1, 32, 32), 0.5, np.float32)])
    points = np.random.default_rng(11).uniform(-0.4, 0.4, (30, 3)).astype(np.float32)
    found = net(rgba)(points)
    with torch.no_grad():
        scene = net.scene(torch.from_numpy(rgba[:3] + 0.5 * (1 - rgba[3:])))[0]
        density = torch.exp(net.raw(scene, torch.from_numpy(cube_points(points)))[:, 0] - 1)
    assert np.allclose(found, np.log(density.numpy() / 25), atol=1e-4)
    assert found.dtype == np.float32 and (net(rgba)(points) == found).all()


@pytest.mark.parametrize("suffix", [".safetensors", ".ckpt"])
def test_saved_and_loaded_it_says_the_same_bytes(net, tmp_path, suffix):
    path = saved(tmp_path / f"model{suffix}", dict(net.weights))
    again = TripoSrNet(fit(read(path), TINY.layout), TINY)
    rgba, points = np.ones((4, 32, 32), np.float32), np.zeros((3, 3), np.float32)
    assert again(rgba)(points).tobytes() == net(rgba)(points).tobytes()


def test_half_precision_files_run_in_full_on_the_processor(net, tmp_path):
    half = {name: tensor.half() for name, tensor in net.weights.items()}
    loaded = fit(read(saved(tmp_path / "half.safetensors", half)), TINY.layout)
    assert {tensor.dtype for tensor in loaded.values()} == {torch.float32}


def saved(path, weights):
    if path.suffix == ".ckpt":
        torch.save({"state_dict": weights, "epoch": 3}, path)
    else:
        pytest.importorskip("safetensors.torch").save_file(weights, path)
    return path


def test_a_missing_an_extra_and_a_wrong_tensor_are_refused(net, tmp_path):
    weights = dict(net.weights)
    taken = weights.pop("decoder.layers.0.bias")
    bad = {
        r"1 missing \(decoder.layers.0.bias\)": weights,
        r"1 not asked for \(lora_down\)": {**net.weights, "lora_down": taken.clone()},
        r"decoder.layers.0.bias \[15\] instead of \[16\]": {
            **weights,
            "decoder.layers.0.bias": taken[:15].clone(),
        },
    }
    for index, (says, state) in enumerate(bad.items()):
        path = saved(tmp_path / f"{index}.safetensors", state)
        with pytest.raises(ValueError, match=says):
            fit(read(path), TINY.layout)


def test_another_model_is_refused_by_name(net, tmp_path):
    path = saved(tmp_path / "model.safetensors", dict(net.weights))
    with pytest.raises(ValueError, match=r"not what is wanted here \(TripoSR\).*genkei models info triposr"):
        load(path)
