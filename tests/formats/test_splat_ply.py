"""Splats in a .ply as public viewers read it: the layout byte for byte, a round trip, refusals."""

import numpy as np
import pytest

from genkei.formats import splat_ply
from genkei.geometry.gaussians import SH1, Gaussians, rotations

FLIP = np.diag([1.0, -1.0, -1.0])


def some(count: int = 7, flat: bool = False) -> Gaussians:
    chance = np.random.default_rng(0)
    turns = chance.normal(size=(count, 4))
    parts = (
        chance.normal(size=(count, 3)),
        chance.uniform(0.01, 0.1, (count, 3)) * [1, 1, 0 if flat else 1],
        turns / np.linalg.norm(turns, axis=1, keepdims=True),
        chance.uniform(0.05, 0.95, count),
        chance.normal(size=(count, 4, 3)),
    )
    return Gaussians(*(part.astype(np.float32) for part in parts))


def fields(path) -> dict[str, np.ndarray]:
    """Every property by name, read as any .ply reader would."""
    head, _, body = path.read_bytes().partition(b"end_header\n")
    names = [line.split()[2] for line in head.decode().splitlines() if line.startswith("property float")]
    return dict(zip(names, np.frombuffer(body, "<f4").reshape(-1, len(names)).T, strict=True))


def test_the_header_is_the_layouts(tmp_path):
    splat_ply.write(tmp_path / "a.ply", some())
    lines = (tmp_path / "a.ply").read_bytes().partition(b"end_header\n")[0].decode().splitlines()
    assert lines[:3] == ["ply", "format binary_little_endian 1.0", "element vertex 7"]
    wanted = ["x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2"]
    wanted += [f"f_rest_{k}" for k in range(45)] + ["opacity", "scale_0", "scale_1", "scale_2"]
    wanted += ["rot_0", "rot_1", "rot_2", "rot_3"]
    assert lines[3:] == [f"property float {name}" for name in wanted]


def test_a_readers_activations_give_the_splats_turned_half_about_x(tmp_path):
    splats = some()
    splat_ply.write(tmp_path / "a.ply", splats)
    f = fields(tmp_path / "a.ply")
    assert np.allclose(np.stack([f["x"], f["y"], f["z"]], 1), splats.places @ FLIP, atol=1e-6)
    assert np.allclose(1 / (1 + np.exp(-f["opacity"])), splats.opacities, atol=1e-5)
    assert np.allclose(np.exp(np.stack([f[f"scale_{k}"] for k in range(3)], 1)), splats.scales, rtol=1e-5)
    turned = rotations(np.stack([f[f"rot_{k}"] for k in range(4)], 1))
    assert np.allclose(turned, FLIP @ rotations(splats.turns), atol=1e-5)
    assert np.allclose(np.stack([f["nx"], f["ny"], f["nz"]], 1), splats.normals @ FLIP, atol=1e-5)


def test_colours_from_any_side_survive_the_turn(tmp_path):
    splats = some()
    splat_ply.write(tmp_path / "a.ply", splats)
    f = fields(tmp_path / "a.ply")
    rest = np.stack([f[f"f_rest_{k}"] for k in range(45)], 1).reshape(-1, 3, 15)  # channel by channel
    assert not rest[:, :, 3:].any()

    def degree_one(harmonics, way):  # [n, 3 harmonics, 3 channels]
        x, y, z = way
        return SH1 * np.einsum("h,nhc->nc", [-y, z, -x], harmonics)

    for way in np.eye(3):
        wanted = degree_one(splats.colours[:, 1:], way)
        assert np.allclose(degree_one(rest[:, :, :3].transpose(0, 2, 1), FLIP @ way), wanted, atol=1e-5)


@pytest.mark.parametrize("flat", [False, True], ids=["gaussians", "surfels"])
def test_what_is_written_is_read_again(tmp_path, flat):
    splats = some(flat=flat)
    splat_ply.write(tmp_path / "a.ply", splats)
    again = splat_ply.read(tmp_path / "a.ply")
    assert again.flat == flat
    for name in splats.__dataclass_fields__:
        assert np.allclose(getattr(again, name), getattr(splats, name), atol=1e-5), name


def test_the_order_is_kept_and_the_bytes_are_the_same_every_time(tmp_path):
    for name in ("a.ply", "b.ply"):
        splat_ply.write(tmp_path / name, some())
    assert (tmp_path / "a.ply").read_bytes() == (tmp_path / "b.ply").read_bytes()


def test_no_splats_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no splats to write"):
        splat_ply.write(tmp_path / "a.ply", some(0))


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (lambda data: data[:-8], "cut off"),
        (lambda data: data.replace(b"f_rest_44", b"f_rest_99"), "no .ply of Gaussian splats"),
        (lambda data: b"solid\n" + data[:40], "no .ply of Gaussian splats"),
    ],
)
def test_other_files_are_refused(tmp_path, broken, says):
    path = tmp_path / "a.ply"
    splat_ply.write(path, some())
    path.write_bytes(broken(path.read_bytes()))
    with pytest.raises(ValueError, match=says):
        splat_ply.read(path)
