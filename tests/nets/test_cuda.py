"""On a GPU the ports say what they say on the processor, to one part in a hundred; skipped without one."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")

from genkei.nets import charactergen3d, triposr  # noqa: E402
from genkei_train.feed import stack, truth  # noqa: E402
from tests.genkei_train.shapes import labelled  # noqa: E402
from tests.nets import test_charactergen3d, test_triposr  # noqa: E402
from tests.nets.checkpoints import random_weights  # noqa: E402

CLOSE = 1e-2


def far(one: np.ndarray, other: np.ndarray) -> float:
    """Largest difference as a share of the largest value."""
    return float(np.abs(one - other).max() / max(np.abs(one).max(), 1e-6))


def picture(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).random(shape).astype(np.float32)


@pytest.mark.parametrize(
    ("net", "sizes", "shape"),
    [
        (triposr.TripoSrNet, test_triposr.TINY, (3, 32, 32)),
        (charactergen3d.CharacterGenNet, test_charactergen3d.TINY, (4, 3, 24, 24)),
    ],
)
def test_triplanes(net, sizes, shape):
    weights = random_weights(sizes.layout)
    found = []
    for device in ("cpu", "cuda"):
        one = net({name: tensor.to(device) for name, tensor in weights.items()}, sizes)
        with torch.no_grad():
            found.append(one.scene(torch.from_numpy(picture(*shape)).to(device)).cpu().numpy())
    assert far(*found) < CLOSE


def test_eschernet(tmp_path):
    pytest.importorskip("diffusers")
    from genkei.nets.eschernet_files import load
    from tests.nets.published.tiny_views import write_eschernet
    from tests.nets.test_eschernet import GIVEN, MADE, pictures

    folder = write_eschernet(tmp_path / "eschernet-6dof")
    found = [load(folder, 6, device=d)(pictures(), GIVEN, MADE, steps=2, seed=5) for d in ("cpu", "cuda")]
    assert far(*found) < CLOSE


def test_charactergen2d(tmp_path):
    pytest.importorskip("diffusers")
    from genkei.nets.charactergen2d_files import load
    from tests.nets.published.tiny_views import write_charactergen

    folders = write_charactergen(tmp_path)
    found = [load(*folders, device=d)(picture(3, 64, 64), steps=2, seed=5) for d in ("cpu", "cuda")]
    assert far(*found) < CLOSE


@pytest.mark.parametrize("job", ["depth", "normals"])
def test_priors(tmp_path, monkeypatch, job):
    pytest.importorskip("diffusers")
    from genkei.nets.published import recognise
    from genkei.nets.published.priors import load_prior
    from tests.nets.published.tiny_marigold import tiny_rows, write

    monkeypatch.setattr(recognise, "models", tiny_rows)
    folder = write(tmp_path / "m", job)
    found = [load_prior(folder, device=d)(picture(80, 64, 3))[job] for d in ("cpu", "cuda")]
    assert far(*found) < CLOSE


@pytest.mark.parametrize("name", ["sam-vit-b", "sam2-tiny"])
def test_masks(tmp_path, monkeypatch, name):
    from genkei.nets.published import recognise
    from genkei.nets.published.sam import load_segmenter
    from tests.nets.published.tiny_sam import save, tiny_rows

    monkeypatch.setattr(recognise, "models", tiny_rows)
    folder: Path = save(name, tmp_path / "m")
    found = [
        load_segmenter(folder, d)(picture(100, 80, 3), (10.0, 5.0, 60.0, 90.0), ())[0]
        for d in ("cpu", "cuda")
    ]
    assert far(*found) < CLOSE


def test_a_figure_style_picture(tmp_path):
    pytest.importorskip("diffusers")
    from genkei import pipeline
    from genkei.stylise import Stylise
    from tests.apps.drawings import draw_girl
    from tests.stylise.tiny import tiny_control, tiny_sdxl

    files = tiny_sdxl(tmp_path / "sdxl"), None, tiny_control(tmp_path / "canny")
    girl = draw_girl(tmp_path / "girl.png")
    found = [
        pipeline.stylise(girl, Stylise(*files, width_px=64, height_px=96, steps=2, details=False, device=d))
        for d in ("cpu", "cuda")
    ]
    assert far(found[0].picture, found[1].picture) < CLOSE


def test_neus_finds_the_same_ball():
    from genkei.geometry.mesh import volume
    from genkei.shape import Neus
    from genkei.shape.neus_fit import Pace
    from tests.shape.test_posed import CAMERAS, disk

    views = tuple(disk(camera) for camera in CAMERAS)
    small = {"resolution": 32, "paces": (Pace(60, rays=256),), "size_px": 64}
    one, other = (volume(Neus(device=d, **small)(views)) for d in ("cpu", "cuda"))
    assert other == pytest.approx(one, rel=0.03)


@pytest.mark.parametrize("net", ["solid", "matte"])
def test_a_step_of_training_is_the_same_step(tmp_path, net):
    from genkei_train.train import Options, advance, begin

    batch = stack([truth(labelled(k, 64), net) for k in range(2)])
    told = []
    for device in ("cpu", "cuda"):
        settings = Options(
            Path("shapes"), tmp_path, net=net, width=8, device=device, precision="fp32", steps=9
        )
        state = begin(settings)
        told.append([advance(state, batch, settings)["total"] for _ in range(3)])
    np.testing.assert_allclose(told[1], told[0], rtol=CLOSE)


@pytest.mark.parametrize("net", ["solid", "matte"])
def test_a_resident_training_runs_and_resumes(tmp_path, net):
    from dataclasses import replace

    from genkei_train.train import Options, train
    from tests.genkei_train.shapes import Shapes

    shapes = Shapes(5, 64)
    settings = Options(
        Path("shapes"), tmp_path / "a", net=net, width=8, device="cuda", steps=3, batch=2, resident=5,
        least=5, grounds=4,
    )  # fmt: skip
    assert train(settings, lambda: shapes, []).step == 3
    assert train(replace(settings, resume=True, steps=5), lambda: shapes, []).step == 5
