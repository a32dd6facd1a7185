"""A figure before another ground: its matte is its own alpha, whatever stands behind it."""

import numpy as np
import pytest

from genkei_train import composites
from genkei_train.composites import BUSY, busy_ground, composed, placed
from genkei_train.feed import Feed, Kept, Place, shrunk
from tests.genkei_train.shapes import Shapes, labelled

SIDE = 64
FIGURE, OTHER = (labelled(seed, SIDE)["picture"] for seed in (3, 5))


def test_same_seed_same_picture_and_another_seed_another():
    first, again, other = (composed(FIGURE, [OTHER], np.random.default_rng(seed)) for seed in (4, 4, 6))
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_in_its_place_and_size_the_figure_keeps_its_alpha():
    whole = placed(FIGURE, 1.0, (0.0, 0.0))
    np.testing.assert_array_equal(np.round(255 * whole[..., 3]), FIGURE[..., 3])
    np.testing.assert_allclose(whole[..., :3], FIGURE[..., :3] * (FIGURE[..., 3:] / 255) / 255, atol=1e-6)


def test_a_moved_figure_moves_by_as_much_and_is_cut_at_the_border():
    moved = placed(FIGURE, 1.0, (0.25, 0.0))[..., 3]
    np.testing.assert_allclose(moved[:, SIDE // 4 :] * 255, FIGURE[:, : -SIDE // 4, 3], atol=1e-3)
    assert not moved[:, : SIDE // 4].any()
    assert not placed(FIGURE, 0.5, (3.0, 0.0)).any()


def test_what_stands_behind_changes_no_matte(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(composites, "NOBODY", 0.0)
    for seed in range(4):
        paper, mask = composed(FIGURE, [], np.random.default_rng(seed))
        assert paper.shape == (SIDE, SIDE, 3) and mask.shape == (SIDE, SIDE)
        assert 0.02 < (mask > 127).mean() < 0.9


def test_pictures_of_nobody_have_an_empty_matte(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(composites, "NOBODY", 1.0)
    paper, mask = composed(FIGURE, [OTHER], np.random.default_rng(0))
    assert not mask.any() and paper.std() > 0


@pytest.mark.parametrize("index", range(len(BUSY)))
def test_grounds_are_pictures(index: int):
    picture = BUSY[index](np.random.default_rng(1), SIDE)
    assert picture.shape == (SIDE, SIDE, 3) and np.isfinite(picture).all() and picture.std() > 0


def test_laid_grounds_stay_in_range():
    for seed in range(6):
        picture = busy_ground(np.random.default_rng(seed), SIDE)
        assert picture.min() >= 0 and picture.max() <= 1


def test_shrinking_weighs_colours_by_alpha():
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[:, :32] = 255, 0, 0, 255
    small = shrunk(picture, 32)
    assert small.shape == (32, 32, 4)
    assert (small[small[..., 3] > 0][:, 0] > 250).all()


def test_a_kept_folder_reads_each_sample_once_and_feeds_papers_of_the_asked_size():
    class Counted(Shapes):
        read = 0

        def sample(self, index: int) -> dict[str, np.ndarray]:
            self.read += 1
            return super().sample(index)

    folder, kept = Counted(4, SIDE), Kept("matte", 32)
    batches = Feed(lambda: kept.of(folder), "matte", 2, ahead=1).batches(Place())
    for _ in range(6):
        batch, _ = next(batches)
        assert batch["paper"].shape == (2, 32, 32, 3) and batch["mask"].shape == (2, 32, 32)
    assert folder.read == 4
