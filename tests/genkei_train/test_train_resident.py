"""A batch on the device is the processor's batch: mirrored, bent and coloured by the same laws."""

from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra: pip install 'genkei[train]'")

from PIL import Image  # noqa: E402

from genkei_train import feed, warps  # noqa: E402
from genkei_train.bent import mirrored, recoloured, seen, strays, varied, warped  # noqa: E402
from genkei_train.feed import STILL, Place, Variation, needed, stack, truth  # noqa: E402
from genkei_train.laid import Grounds, _jpeg, laid  # noqa: E402
from genkei_train.resident import Pool, Resident  # noqa: E402
from genkei_train.train import Options, train  # noqa: E402
from tests.genkei_train.shapes import Shapes, labelled  # noqa: E402

SIDE = 64
SAMPLES = [truth(labelled(k, SIDE), "solid") for k in range(3)]


def batch() -> dict:
    return {name: torch.from_numpy(value) for name, value in stack(SAMPLES).items()}


def rng(seed: int = 0):
    return torch.Generator().manual_seed(seed)


def equal(a: dict, b: dict) -> bool:
    return set(a) == set(b) and all(torch.equal(a[name], b[name]) for name in a)


def test_mirroring_is_the_processors_and_only_where_asked():
    found = mirrored(batch(), torch.tensor([True, False, True]))
    expected = stack([feed.mirror(SAMPLES[0]), SAMPLES[1], feed.mirror(SAMPLES[2])])
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name].numpy(), value, name)
    chosen = torch.tensor([True, True, True])
    assert equal(mirrored(mirrored(batch(), chosen), chosen), batch())


@pytest.mark.parametrize("seed", range(3))
def test_bending_is_the_processors(seed):
    stray = strays(3, SIDE, rng(seed))
    found = seen(batch(), stray)
    for index, sample in enumerate(SAMPLES):
        expected = warps._seen(sample, stray[index].numpy().astype(float))
        for name, value in expected.items():
            off = np.abs(found[name][index].numpy().astype(float) - value.astype(float))
            if name == "given":
                assert off == 0
            elif name == "joints":
                assert off.max() < 1e-3
            elif name in warps.SOFT:
                assert off[..., 3:].max() <= 1 if name in ("picture", "behind") else off.max() <= 1
                assert np.mean(off > 1) < 0.01
            else:  # a pixel may fall to the other side of a border by rounding
                assert np.mean(off > 2) < 2e-3, name


def test_no_strength_is_no_change_of_what_is_read_whole():
    found = warped(batch(), torch.zeros(3), rng())
    for name in set(found) - {"normals", "normals_back"}:
        assert torch.equal(found[name], batch()[name]), name


def test_no_figure_is_pushed_over_the_border():
    full = batch()
    full["mask"][:] = 0
    full["mask"][:, 1:-1, 20:44] = 255
    found = warped(full, torch.ones(3), rng())["mask"]
    assert not (found[:, [0, -1]] > 127).any()


def test_without_variation_nothing_changes_but_normals_roundings():
    found = varied(batch(), STILL, rng())
    for name in set(found) - {"normals", "normals_back"}:
        assert torch.equal(found[name], batch()[name]), name


def test_grey_is_grey_and_alpha_stays():
    found = recoloured(batch(), Variation(grey=1), rng())
    for name in ("picture", "behind"):
        assert (found[name][..., :3].amax(-1) == found[name][..., :3].amin(-1)).all()
        assert torch.equal(found[name][..., 3], batch()[name][..., 3])


def test_edges_move_by_one_pixel():
    before = batch()["picture"][..., 3].sum((1, 2)).float()
    moved = [
        varied(batch(), replace(STILL, edge=1.0), rng(seed))["picture"][..., 3].sum((1, 2)).float() / before
        for seed in range(4)
    ]
    shares = torch.stack(moved)
    assert (shares != 1).all()
    assert (shares > 1).any()
    assert (shares < 1).any()


def resident(net: str, shapes: Shapes, seed: int = 1, **changes) -> Resident:
    pool = Pool(lambda: shapes, net, "cpu", 100)
    pool.wait(len(shapes))
    grounds = Grounds.made(4, 32, 0, "cpu") if net == "matte" else None
    return replace(Resident(pool, net, 2, seed, Variation(), least=1, grounds=grounds), **changes)


@pytest.mark.parametrize("net", ["solid", "matte"])
def test_same_seed_same_batches(net):
    shapes = Shapes(6, 32)
    first, again, other = (
        [b for b, _ in islice(resident(net, shapes, seed).batches(Place()), 4)] for seed in (1, 1, 2)
    )
    assert all(equal(a, b) for a, b in zip(first, again, strict=True))
    assert not any(equal(a, b) for a, b in zip(first, other, strict=True))


def test_going_on_from_a_place_gives_the_batches_that_were_left():
    shapes = Shapes(5, 32)
    whole = list(islice(resident("solid", shapes).batches(Place()), 7))
    for done in (1, 3, 5):
        left = list(islice(resident("solid", shapes).batches(whole[done - 1][1]), 7 - done))
        assert all(equal(a, b) and pa == pb for (a, pa), (b, pb) in zip(left, whole[done:], strict=True))


def test_a_pass_shows_every_sample_once_and_a_family_by_its_share():
    one = resident("solid", Shapes(6, 32))
    assert sorted(one._rows(0, 6).ravel()) == list(range(6))
    none = replace(one, share={"own": 0.0})
    with pytest.raises(ValueError, match="none of 6 samples"):
        none._rows(0, 6)
    one.pool.close()


def test_a_growing_folder_is_read_on_and_room_is_kept():
    shapes = Shapes(8, 32)
    shown = Shapes(2, 32)
    pool = Pool(lambda: shown, "solid", "cpu", 5)
    assert pool.wait(2) == 2
    shown.made = shapes.made
    assert pool.wait(5) == 5
    pool.close()
    assert pool.count() == 5
    np.testing.assert_array_equal(pool.arrays["picture"][4].numpy(), shapes.sample(4)["picture"])


def test_an_unreadable_sample_is_told():
    class Broken(Shapes):
        def sample(self, index: int) -> dict:
            raise ValueError("the shard is damaged")

    pool = Pool(lambda: Broken(2, 32), "solid", "cpu", 5)
    with pytest.raises(ValueError, match="damaged"):
        pool.wait(1)


def test_needed_arrays_are_missed_by_name():
    with pytest.raises(ValueError, match="lacks occupancy"):
        needed({n: v for n, v in labelled(0).items() if n != "occupancy"}, "solid")


def figures() -> tuple:
    shown = torch.stack([torch.from_numpy(labelled(k, SIDE)["picture"]) for k in range(24)])
    paper = torch.stack([torch.from_numpy(labelled(k, SIDE)["paper"]) for k in range(24)])
    return shown, shown[torch.randint(24, (24, 3), generator=rng())], paper


def test_what_is_laid_stands_where_its_mask_says():
    """On a black ground, of white figures alone: the paper is the mask, whatever their size and place."""
    shown, others, paper = figures()
    shown[..., :3], others = 255, torch.zeros_like(others)
    black = Grounds(torch.zeros(2, SIDE, SIDE, 3, dtype=torch.uint8))
    paper[:] = 0
    paper[shown[..., 3] > 0] = 255
    found = laid(shown, others, paper, black, replace(STILL, channels=0), rng())
    bright, mask = found["paper"].float().mean(-1) / 255, found["mask"].float() / 255
    sure = (mask < 0.02) | (mask > 0.98)
    assert found["paper"].dtype == found["mask"].dtype == torch.uint8
    assert (mask.amax((1, 2)) > 0.9).sum() > 18, "figures are there"
    wrong = ((bright > 0.4) != (mask > 0.5)) & sure
    glowing = ((bright > 0.4) & (mask < 0.02)).float().mean((1, 2)) > 0.02
    assert wrong[~glowing].float().mean() < 0.01
    assert glowing.float().mean() < 0.4


def test_some_pictures_show_nobody():
    shown, others, paper = figures()
    grounds = Grounds.made(3, SIDE, 0, "cpu")
    masks = torch.cat(
        [laid(shown, others, paper, grounds, Variation(), rng(k))["mask"].amax((1, 2)) for k in range(6)]
    )
    assert 0.005 < (masks == 0).float().mean() < 0.2


def test_a_fine_jpeg_is_the_picture_and_a_coarse_one_is_not():
    picture = torch.rand(2, 3, 32, 32, generator=rng())
    fine, coarse = (_jpeg(picture, torch.full((2, 1, 1, 1), k)) for k in (1e-3, 2.0))
    torch.testing.assert_close(fine, picture, atol=2e-3, rtol=0)
    assert (coarse - picture).abs().mean() > 0.02
    flat = torch.full((1, 3, 16, 16), 0.5)
    torch.testing.assert_close(_jpeg(flat, torch.ones(1, 1, 1, 1)), flat, atol=0.02, rtol=0)


def test_photographs_are_among_the_grounds(tmp_path):
    Image.new("RGB", (90, 60), (3, 200, 7)).save(tmp_path / "green.png")
    grounds = Grounds.made(20, 32, 0, "cpu", tmp_path).pictures
    green = (grounds.reshape(20, -1, 3) == torch.tensor([3, 200, 7])).all(-1).all(-1)
    assert 3 <= int(green.sum()) <= 14
    two = Grounds.made(20, 32, 0, "cpu", tmp_path, workers=2).pictures
    assert torch.equal(two, grounds)


def test_a_folder_without_photographs_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no photographs"):
        Grounds.made(2, 32, 0, "cpu", tmp_path)


@pytest.mark.parametrize("net", ["solid", "matte"])
def test_a_resumed_run_is_the_run(net, tmp_path):
    shapes = Shapes(5, 32)
    plain = Options(
        Path("shapes"), tmp_path / "whole", net=net, steps=4, batch=2, width=8, precision="fp32", resident=5,
        least=5, grounds=4,
    )  # fmt: skip
    whole = train(plain, lambda: shapes, [])
    cut, count = replace(plain, out=tmp_path / "cut"), iter(range(99))
    assert train(cut, lambda: shapes, [], lambda: next(count) == 2).step == 2
    resumed = train(replace(cut, resume=True), lambda: shapes, [])
    assert resumed.step == whole.step == 4
    for name, value in whole.net.state_dict().items():
        torch.testing.assert_close(resumed.net.state_dict()[name], value, rtol=0, atol=0)
