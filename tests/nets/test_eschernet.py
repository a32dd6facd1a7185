"""EscherNet with tiny random weights: published equations, its one law, strict folders, seeds, offline."""

import json
import shutil
import socket

import numpy as np
import pytest

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")
pytest.importorskip("transformers")

from safetensors.torch import save_file  # noqa: E402

from genkei.nets.eschernet import FAR, NEAR, Drawer, Posed, Stand, poses  # noqa: E402
from genkei.nets.eschernet_files import load  # noqa: E402
from genkei.types import Camera  # noqa: E402
from tests.nets import plain  # noqa: E402
from tests.nets.published.tiny_views import write_eschernet  # noqa: E402

GIVEN = (Stand(0.0, 10.0, 1.6), Stand(70.0, 0.0, 1.5))
MADE = (Stand(30.0, -5.0, 2.0), Stand(180.0, 0.0, 1.5), Stand(270.0, 40.0, 1.8))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_eschernet(tmp_path_factory.mktemp("hub") / "eschernet-6dof")


@pytest.fixture(scope="module", params=[4, 6])
def stage(request, folder) -> Drawer:
    return load(folder, request.param)


def pictures(seed: int = 4, count: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 3, 64, 64)).astype(np.float32)


def turned(stands: tuple[Stand, ...], by_deg: float) -> tuple[Stand, ...]:
    return tuple(Stand(s.azimuth_deg + by_deg, s.elevation_deg, s.distance) for s in stands)


def test_views_by_seed_and_offline(stage, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a connection was attempted")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    one, again = (stage(pictures(), GIVEN, MADE, steps=2, seed=5) for _ in range(2))
    assert one.shape == (3, 3, 64, 64) and one.min() >= 0 and one.max() <= 1
    assert one.tobytes() == again.tobytes()
    assert np.abs(one - stage(pictures(), GIVEN, MADE, steps=2, seed=6)).mean() > 1e-3
    assert np.abs(one - stage(pictures(9), GIVEN, MADE, steps=2, seed=5)).max() > 1e-5  # they are read


def test_saved_and_loaded_it_says_the_same_bytes(folder, tmp_path):
    first = load(folder, 6)
    shutil.copytree(folder, tmp_path / "again")
    for part, net in (("unet", first.unet), ("vae", first.vae), ("image_encoder", first.eye)):
        state = {name: tensor.contiguous() for name, tensor in net.state_dict().items()}
        save_file(state, tmp_path / "again" / part / "diffusion_pytorch_model.safetensors")
    one, again = (d(pictures(), GIVEN, MADE, steps=1, seed=5) for d in (first, load(tmp_path / "again", 6)))
    assert one.tobytes() == again.tobytes()


def test_turning_all_cameras_together_changes_nothing(stage):
    one = stage(pictures(), GIVEN, MADE, steps=2)
    whole = stage(pictures(), turned(GIVEN, 77.0), turned(MADE, 77.0), steps=2)
    half = stage(pictures(), GIVEN, turned(MADE, 77.0), steps=2)
    assert np.abs(one - whole).max() < 1e-4
    assert np.abs(one - half).max() > 20 * np.abs(one - whole).max()


def test_given_views_are_a_set(stage):
    one = stage(pictures(), GIVEN, MADE, steps=2)
    other = stage(pictures()[::-1], GIVEN[::-1], MADE, steps=2)
    assert np.abs(one - other).max() < 1e-4


@pytest.mark.parametrize("freedoms", [4, 6])
@pytest.mark.parametrize("crossed", [False, True])
def test_attention_is_the_published_equation(freedoms, crossed):
    """Token by token in numpy and float64, as CaPE.py and attention_processor.py of kxhit/EscherNet say."""
    torch.manual_seed(3)
    attn = diffusers.models.attention_processor.Attention(
        query_dim=16, cross_attention_dim=12 if crossed else None, heads=2, dim_head=8
    ).eval()
    w = {name: t.detach().double().numpy() for name, t in attn.state_dict().items()}
    cameras = {
        name: torch.from_numpy(poses(stands, freedoms)).float()[None]
        for name, stands in (("given", GIVEN), ("made", MADE))
    }
    rows, seen = torch.randn(3, 5, 16), torch.randn(1, 8, 12)
    with torch.no_grad():
        found = Posed(cameras)(attn, rows, seen if crossed else None).numpy()
    own = rows.numpy().reshape(15, 16).astype(float)
    context = seen[0].numpy().astype(float) if crossed else own
    here = [stand for stand in MADE for _ in range(5)]
    there = [stand for stand in GIVEN for _ in range(4)] if crossed else here
    q, k, v = plain.linear(w, "to_q", own), plain.linear(w, "to_k", context), plain.linear(w, "to_v", context)
    q = np.stack([encoded(t, s, freedoms, True) for t, s in zip(q, here, strict=True)])
    k = np.stack([encoded(t, s, freedoms, False) for t, s in zip(k, there, strict=True)])
    expected = plain.linear(w, "to_out.0", plain.attend(q, k, v, 2))
    assert np.abs(found.reshape(15, 16) - expected).max() < 1e-4


def encoded(token: np.ndarray, stand: Stand, freedoms: int, is_query: bool) -> np.ndarray:
    (pose,) = poses([stand], freedoms)
    out = np.zeros_like(token)
    if freedoms == 6:
        matrix = np.linalg.inv(pose).T if is_query else pose
        for first in range(0, len(token), 4):
            for column in range(4):
                out[first + column] = sum(token[first + row] * matrix[row, column] for row in range(4))
        return out
    run = len(token) // 4
    for place in range(0, len(token), 2):
        angle = pose[place // run]
        out[place] = token[place] * np.cos(angle) - token[place + 1] * np.sin(angle)
        out[place + 1] = token[place + 1] * np.cos(angle) + token[place] * np.sin(angle)
    return out


def test_cameras_are_those_of_the_published_program():
    """`look_at`, its inverse with the third row turned round, as eval_eschernet.py makes them, z up there."""
    for stand in (*GIVEN, *MADE):
        polar, azimuth = np.radians([90 - stand.elevation_deg, stand.azimuth_deg])
        sine = np.sin(polar)
        place = stand.distance * np.array([sine * np.cos(azimuth), sine * np.sin(azimuth), np.cos(polar)])
        forward = place / np.linalg.norm(place)
        right = np.cross([0, 0, 1], forward)
        right /= np.linalg.norm(right)
        columns = np.column_stack([right, np.cross(forward, right), -forward, place])
        pose = np.linalg.inv(np.vstack([columns, [0, 0, 0, 1]]))
        pose[2] *= -1
        ours = poses([stand], 6)[0]
        to_theirs = np.eye(4)[[2, 0, 1, 3]]  # x towards the viewer of the front, y to its right, z up
        assert np.abs(pose @ to_theirs - ours).max() < 1e-9
        axes = Camera.orthographic(stand.azimuth_deg, 1.2, stand.elevation_deg).axes
        assert np.abs(ours[:3, :3] - axes * [[1], [1], [-1]]).max() < 1e-6
    angles = poses([Stand(90.0, 0.0, NEAR), Stand(0.0, 30.0, FAR), Stand(0.0, 0.0, 9.0)], 4)
    assert np.allclose(angles[0], [np.pi / 2, np.pi / 2, 0, 0])
    assert np.allclose(angles[1], [np.pi / 3, 0, np.pi, 0]) and np.isclose(angles[2, 2], np.pi)


def test_tokens_are_the_normed_last_map_of_the_eye(stage):
    seen = torch.from_numpy(pictures(count=1))
    with torch.inference_mode():
        found = stage.tokens(seen)[0].double().numpy()
        small = torch.nn.functional.interpolate(seen, (224, 224), mode="bicubic", antialias=True)
        mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
        last = stage.eye((small - mean[:, None, None]) / deviation[:, None, None]).last_hidden_state[0]
    w = {name: t.detach().double().numpy() for name, t in stage.eye.state_dict().items()}
    rows = last.double().numpy().reshape(len(last), -1).T
    assert found.shape == (49, 16)
    assert np.abs(found - plain.norm(w, "layernorm", rows, 1e-12)).max() < 1e-4


def test_torch_files_of_plain_weights_are_read_too(tmp_path, folder):
    other = write_eschernet(tmp_path / "eschernet_4DoF", "diffusion_pytorch_model.bin")
    one, two = load(folder), load(other)
    assert (one.freedoms, two.freedoms) == (6, 4)
    ours = one.unet.state_dict()
    assert all(torch.equal(tensor, ours[name]) for name, tensor in two.unet.state_dict().items())


def test_the_scheduler_is_set_as_the_published_program_sets_it(folder):
    assert load(folder).scheduler.config.steps_offset == 1


def test_other_folders_are_refused(tmp_path, folder):
    with pytest.raises(ValueError, match=r"no whole EscherNet: missing unet/config.json, .*hf download"):
        load(tmp_path, 6)
    write_eschernet(tmp_path / "mine")
    with pytest.raises(ValueError, match=r"4 or 6 degrees of freedom.*--freedoms 6"):
        load(tmp_path / "mine")
    file = tmp_path / "mine" / "unet" / "config.json"
    config = json.loads(file.read_text())
    file.write_text(json.dumps({**config, "in_channels": 8}))  # Zero-1-to-3, which it began from
    with pytest.raises(ValueError, match=r"fits only in part.*conv_in.weight \[8, 4, 3, 3\] instead"):
        load(tmp_path / "mine", 6)
    (tmp_path / "mine" / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(ValueError, match="holds neither"):
        load(tmp_path / "mine", 6)
    with pytest.raises(ValueError, match="no device 'tpu'"):
        load(folder, 6, "tpu")
