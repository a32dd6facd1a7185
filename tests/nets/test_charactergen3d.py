"""CharacterGen's 3D stage: published layout, published equations, mirrored cameras; no real weights."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from genkei.geometry.mesh import open_edges, volume  # noqa: E402
from genkei.nets import vit  # noqa: E402
from genkei.nets.charactergen3d import BIAS, CAMERAS, CharacterGenNet, Sizes, cube_points, load, used  # noqa: E402
from genkei.nets.published.contents import read  # noqa: E402
from genkei.nets.published.weights import fit  # noqa: E402
from genkei.nets.triplane import Triplane  # noqa: E402
from genkei.shape import CharacterGen  # noqa: E402
from genkei.shape.charactergen import frame_of  # noqa: E402
from genkei.shape.known import known_solid  # noqa: E402
from genkei.types import Camera, View  # noqa: E402
from tests.nets import plain  # noqa: E402
from tests.nets.checkpoints import layout, random_weights  # noqa: E402

TINY = Sizes(
    eye=vit.Vit(patch_px=8, grid=3, width=32, depth=2, heads=4, eps=1e-6, second=True),
    planes=Triplane(plane=4, channels=32, blocks=1, heads=2, head_width=8, context=32, features=5),
    neurons=16,
    shared=3,
    picture_px=24,
)
NAMES = ("norm1", "norm2", "mlp.fc1", "mlp.fc2")


@pytest.fixture(scope="module")
def net() -> CharacterGenNet:
    return CharacterGenNet(random_weights(TINY.layout, 3), TINY)


def test_names_and_shapes_are_the_published_ones():
    assert Sizes().layout == layout("charactergen3d")


def test_scene_and_field_equal_the_plain_equations(net):
    w = {name: tensor.double().numpy() for name, tensor in net.weights.items()}
    rgb = np.random.default_rng(1).random((4, 3, 24, 24)).astype(np.float32)
    eye, tokens = plain.under(w, "image_tokenizer.model."), []
    for picture, camera in zip(rgb, CAMERAS.values(), strict=True):
        lit = plain.silu(plain.linear(w, "camera_embedder.linear", np.array(camera, float).ravel()))
        standard = (picture - np.array(vit.MEAN)[:, None, None]) / np.array(vit.DEVIATION)[:, None, None]
        x = np.concatenate([eye["embeddings.cls_token"][0], plain.patches(eye, standard, 8)])
        x = x + eye["embeddings.position_embeddings"][0]
        for index in range(2):
            x = modulated_block(plain.under(eye, f"encoder.layer.{index}."), x, lit)
        tokens.append(plain.norm(eye, "layernorm", x, 1e-6))
    expected = plain.triplane(w, np.concatenate(tokens), 4, 1, 2)
    with torch.no_grad():
        scene = net.scene(torch.from_numpy(rgb))[0]
        assert np.abs(scene.numpy() - expected).max() < 1e-4
        points = np.random.default_rng(2).uniform(-0.6, 0.6, (20, 3)).astype(np.float32)
        for head in ("sdf", "features"):
            found = net.raw(scene, torch.from_numpy(points), head).numpy()
            for point, row in zip(points, found, strict=True):
                seen = plain.features(expected, point / 0.6)
                shared = plain.silu(plain.perceptron(w, "decoder.shared_layers", seen, 3))
                assert np.abs(row - plain.perceptron(w, f"decoder.heads.{head}", shared, 2)).max() < 1e-4


def modulated_block(w: plain.Arrays, x: np.ndarray, lit: np.ndarray) -> np.ndarray:
    """A DINOv2 block with x (1 + scale) + shift after both norms."""
    calm = []
    for norm in ("norm1", "norm2"):
        scale, shift = np.split(plain.linear(w, f"{norm}_modulation.linear2", lit), 2)
        calm.append((scale, shift))
    before = plain.norm(w, "norm1", x, 1e-6) * (1 + calm[0][0]) + calm[0][1]
    q, k, v = (plain.linear(w, f"attention.attention.{part}", before) for part in ("query", "key", "value"))
    x = x + plain.linear(w, "attention.output.dense", plain.attend(q, k, v, 4)) * w["layer_scale1.lambda1"]
    after = plain.norm(w, "norm2", x, 1e-6) * (1 + calm[1][0]) + calm[1][1]
    wide = plain.linear(w, "mlp.fc2", plain.gelu(plain.linear(w, "mlp.fc1", after)))
    return x + wide * w["layer_scale2.lambda1"]


@pytest.mark.parametrize("azimuth", CAMERAS)
def test_its_mirrored_cameras_are_ours(azimuth):
    """Right, up and back of our camera are the columns of theirs, once brought to their world."""
    right, up, forward = Camera.orthographic(azimuth).axes
    matrix = np.array(CAMERAS[azimuth], float)
    for column, axis in enumerate((right, up, -forward)):
        assert np.allclose(
            cube_points(axis[None])[0] / np.linalg.norm(cube_points(axis[None])),
            matrix[:3, column],
            atol=1e-6,
        )
    assert np.allclose(matrix[:3, 3], 1.5 * matrix[:3, 2]) and np.linalg.det(matrix[:3, :3]) < 0


def test_what_it_says_is_its_value_over_the_bias(net):
    pictures = {
        azimuth: np.random.default_rng(azimuth).random((4, 24, 24)).astype(np.float32) for azimuth in CAMERAS
    }
    points = np.random.default_rng(5).uniform(-0.4, 0.4, (10, 3)).astype(np.float32)
    with torch.no_grad():
        scene = net.scene(torch.from_numpy(np.stack([pictures[a][:3] for a in CAMERAS])))[0]
        expected = net.raw(scene, torch.from_numpy(cube_points(points)))[:, 0].numpy() + BIAS
    assert np.allclose(net(pictures)(points), expected, atol=1e-5)


def test_a_training_checkpoint_loads_without_what_only_training_needs(net, tmp_path):
    path = tmp_path / "lrm.ckpt"
    extra = {
        "decoder.heads.density.0.weight": torch.zeros(2),
        "image_tokenizer.modulations.0.linear2.bias": torch.zeros(2),
    }
    torch.save({"state_dict": {**net.weights, **extra}, "global_step": 1}, path)
    loaded = fit(read(path), TINY.layout, rename=used)
    assert set(loaded) == set(TINY.layout)
    with pytest.raises(ValueError, match="not what is wanted here"):
        load(path)
    torch.save({**net.weights, "unheard.of": torch.zeros(2)}, path)
    with pytest.raises(ValueError, match=r"1 not asked for \(unheard.of\)"):
        fit(read(path), TINY.layout, rename=used)


def test_saved_and_loaded_it_says_the_same_bytes(net, tmp_path):
    torch.save({"state_dict": dict(net.weights)}, tmp_path / "model.ckpt")
    again = CharacterGenNet(fit(read(tmp_path / "model.ckpt"), TINY.layout), TINY)
    seen = torch.rand(4, 3, 24, 24, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        assert torch.equal(again.scene(seen), net.scene(seen))


def test_its_solid_is_cut_from_tetrahedra_and_as_large_as_from_cubes():
    """A ball in the middle of the character's square, 0.3 of its side in radius."""
    y, x = (np.mgrid[0:128, 0:128] + 0.5) / 128 - 0.5
    disc = np.stack([np.ones_like(x)] * 3 + [np.hypot(x, y) < 0.3], -1).astype(np.float32)
    four = tuple(View(disc, Camera.orthographic(a)) for a in (0, 90, 180, 270))

    def ball(pictures):
        return lambda points: 40 * (0.37 - np.linalg.norm(points, axis=1)).astype(np.float32)

    way = CharacterGen(net=ball)
    square = frame_of(four)

    def matter(points):
        return ball(None)(((points - np.array([0, square.y, 0])) / square.side).astype(np.float32))

    cubes, ours = known_solid(four, matter, way.resolution, way.smoothing), way(four)
    assert open_edges(ours.faces) == 0
    assert volume(ours) == pytest.approx(volume(cubes), rel=0.01)
    assert ours.vertices.shape != cubes.vertices.shape


def test_a_missing_side_and_missing_weights_are_refused():
    seen = np.ones((64, 64, 4), np.float32)
    two = tuple(View(seen, Camera.orthographic(a)) for a in (0, 90))
    with pytest.raises(ValueError, match="missing: back, right"):
        CharacterGen()(two)
    four = tuple(View(seen, Camera.orthographic(a)) for a in (0, 90, 180, 270))
    with pytest.raises(ValueError, match=r"give --checkpoint .*lrm.ckpt"):
        CharacterGen()(four)
