"""Labels made firm: tongues along seams change sides, free tips and everything thick stay."""

import numpy as np
from scipy.ndimage import distance_transform_edt

from genkei.figure.firm import firm, within


def block() -> np.ndarray:
    """Two halves of a block in air, the second with a tongue one cell thick over the first."""
    label = np.full((24, 24, 24), -1, np.int16)
    label[4:20, 4:20, 4:12], label[4:20, 4:20, 12:20] = 0, 1
    label[4, 6:18, 6:12] = 1
    return label


def test_a_tongue_goes_to_the_other_part():
    made = firm(block())
    assert (made[4, 6:18, 6:9] == 0).all()
    assert ((made >= 0) == (block() >= 0)).all()


def test_what_is_thick_stays():
    plain = block()
    plain[4, 6:18, 6:12] = 0
    assert np.array_equal(firm(plain), plain)


def test_a_tip_that_is_thin_by_itself_stays():
    label = block()
    label[10:12, 10:12, 20:23] = 1
    assert (firm(label)[10:12, 10:12, 21:23] == 1).all()


def test_mirror_in_mirror_out():
    assert np.array_equal(firm(block()[:, ::-1]), firm(block())[:, ::-1])


def test_a_part_that_is_thin_altogether_is_not_lost():
    label = np.full((20, 20, 20), -1, np.int16)
    label[4:16, 4:16, 4:16] = 0
    label[4:16, 4:16, 15] = 1
    assert (firm(label) == 1).any()


def test_within_a_radius_is_what_a_distance_transform_says():
    rng = np.random.default_rng(3)
    for radius in (0.5, 1.0, 1.6, 2.0, 3.2):
        mask = rng.random((9, 14, 11)) < 0.02
        mask[0, 0, 0] = mask[-1, -1, -1] = True  # at the edge
        assert np.array_equal(within(mask, radius), distance_transform_edt(~mask) <= radius)
