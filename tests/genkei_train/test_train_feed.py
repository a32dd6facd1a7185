"""Batches are the same for a seed, go through everything, and mirroring means what it says."""

from itertools import islice

import numpy as np
import pytest
from scipy.ndimage import label

from genkei_train.feed import STILL, Feed, Place, Variation, mirror, move_edge, truth, vary, zoomed
from genkei_train.subjects import JOINTS
from tests.genkei_train.shapes import Shapes, labelled

SAMPLE = truth(labelled(3), "solid")


def equal(a: dict, b: dict) -> bool:
    return set(a) == set(b) and all(np.array_equal(a[name], b[name]) for name in a)


def test_mirror_twice_is_the_sample():
    assert equal(mirror(mirror(SAMPLE)), SAMPLE)
    assert not equal(mirror(SAMPLE), SAMPLE)


def test_mirror_swaps_left_and_right():
    turned = mirror(SAMPLE)
    left, right = JOINTS.index("leftHand"), JOINTS.index("rightHand")
    x, y, z, _ = SAMPLE["joints"][left]
    np.testing.assert_allclose(turned["joints"][right, :3], [64 - x, y, z])
    np.testing.assert_array_equal(turned["normals"][:, ::-1, 0], -SAMPLE["normals"][..., 0])
    np.testing.assert_array_equal(turned["normals"][:, ::-1, 1:], SAMPLE["normals"][..., 1:])
    np.testing.assert_array_equal(turned["depth"][..., ::-1], SAMPLE["depth"])
    np.testing.assert_array_equal(turned["canonical"][:, ::-1, 0], -SAMPLE["canonical"][..., 0])


def test_standing_still_changes_nothing():
    assert equal(vary(SAMPLE, STILL, np.random.default_rng(0)), SAMPLE)


def test_variation_leaves_the_truth_alone():
    varied = vary(SAMPLE, Variation(mirror=0, warp=0), np.random.default_rng(0))
    for name in set(SAMPLE) - {"picture", "behind", "given"}:
        np.testing.assert_array_equal(varied[name], SAMPLE[name])


def test_grey_is_grey_and_both_sides_change_alike():
    varied = vary(SAMPLE, Variation(mirror=0, warp=0, grey=1, noise=0, edge=0), np.random.default_rng(0))
    for name in ("picture", "behind"):
        assert (np.ptp(varied[name][..., :3], -1) == 0).all()
        np.testing.assert_array_equal(varied[name][..., 3], SAMPLE[name][..., 3])


@pytest.mark.parametrize("outwards", [True, False])
def test_the_edge_moves_by_one_pixel(outwards):
    before = SAMPLE["picture"][..., 3] > 0
    after = move_edge(SAMPLE["picture"], outwards)[..., 3] > 0
    spreading = before if outwards else ~before
    grown = spreading.copy()
    for shift, axis in ((1, 0), (-1, 0), (1, 1), (-1, 1)):
        grown |= np.roll(spreading, shift, axis)
    np.testing.assert_array_equal(after, grown if outwards else ~grown)
    assert after.sum() != before.sum()


def drawn(feed: Feed, count: int, place: Place = Place()) -> list:
    return list(islice(feed.batches(place), count))


def test_same_seed_same_batches_and_another_seed_others():
    shapes = Shapes(6, 32)
    first, again, other = (drawn(Feed(lambda: shapes, "solid", 2, seed), 5) for seed in (1, 1, 2))
    assert all(equal(a, b) and pa == pb for (a, pa), (b, pb) in zip(first, again, strict=True))
    assert not all(equal(a, b) for (a, _), (b, _) in zip(first, other, strict=True))


def test_going_on_from_a_place_gives_the_batches_that_were_left():
    shapes = Shapes(5, 32)
    feed = Feed(lambda: shapes, "solid", 2)
    whole = drawn(feed, 7)
    for done in (1, 3, 5):
        rest = drawn(feed, 7 - done, whole[done - 1][1])
        assert all(equal(a, b) for (a, _), (b, _) in zip(whole[done:], rest, strict=True))


def test_every_pass_shows_every_sample_and_sees_the_folder_grow():
    folder = Shapes(4, 32)
    feed = Feed(lambda: folder, "solid", 2, variation=STILL, ahead=1)
    batches = feed.batches(Place())
    seen = [picture.tobytes() for batch, _ in islice(batches, 2) for picture in batch["picture"]]
    assert set(seen) == {made["picture"].tobytes() for made in folder.made}
    folder.made += Shapes(4, 32, first=4).made
    later = [picture.tobytes() for batch, _ in islice(batches, 8) for picture in batch["picture"]]
    assert {made["picture"].tobytes() for made in folder.made} <= set(later)


def test_a_family_of_small_share_comes_seldom():
    folder = Shapes(8, 32)
    for made in folder.made[:4]:
        made["family"] = np.array("cc0")
    rare = {made["picture"].tobytes() for made in folder.made[:4]}
    feed = Feed(lambda: folder, "solid", 4, variation=STILL, share={"cc0": 0.1})
    shown = [picture.tobytes() in rare for batch, _ in drawn(feed, 20) for picture in batch["picture"]]
    assert 0 < np.mean(shown) < 0.25


def test_an_empty_folder_is_refused():
    with pytest.raises(ValueError, match="holds 0 of them, at least 1 are wanted"):
        drawn(Feed(lambda: Shapes(0), "solid"), 1)


def test_a_folder_that_shrank_is_refused():
    with pytest.raises(ValueError, match="holds 2 of them, at least 9 are wanted"):
        drawn(Feed(lambda: Shapes(2, 32), "solid"), 1, Place(0, 1, 9))


def test_a_sample_without_its_truth_is_refused():
    sample = labelled(0, 32)
    del sample["depth"]
    with pytest.raises(ValueError, match="a sample lacks depth; it holds azimuth, behind"):
        truth(sample, "solid")


def test_zooming_out_keeps_every_figure_pixel_of_one_figure() -> None:
    side = 64
    mask = np.zeros((side, side), np.uint8)
    mask[16:48, 24:40] = 255
    paper = np.repeat(mask[..., None], 3, 2)
    for seed in range(20):
        seen = zoomed({"paper": paper, "mask": mask}, np.random.default_rng(seed))
        assert seen["paper"].shape == paper.shape and seen["mask"].shape == mask.shape
        lit = seen["mask"] > 0
        assert (seen["paper"][lit] == 255).all()
        _, count = label(lit)
        assert count <= 1
