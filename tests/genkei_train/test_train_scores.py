"""The truth scores full marks; a shift in depth is forgiven by the aligned score only."""

import numpy as np
import pytest

from genkei_train.scores import Scores, aligned_overlap, angles_deg, overlap, peaks, solid_bins
from genkei_train.sheets import sheet
from tests.genkei_train.shapes import labelled


def unit(normals: np.ndarray) -> np.ndarray:
    long = normals.transpose(2, 0, 1).astype(np.float32)
    return long / np.maximum(np.linalg.norm(long, axis=0), 1)


def told(sample: dict, side: int = 64) -> dict:
    """What a net would say that knows everything."""
    bits = np.unpackbits(sample["occupancy"], -1).astype(np.float32)
    h = side // 2
    heat = np.full((17, h, h), -40.0, np.float32)
    centre = np.arange(h) + 0.5
    for joint, (x, y, _, _) in enumerate(sample["joints"]):
        heat[joint] = -((centre - x / 2) ** 2)[None] / 4.5 - ((centre - y / 2) ** 2)[:, None] / 4.5
    return {
        "occupancy": (bits * 80 - 40).transpose(2, 0, 1),
        "parts": (np.arange(6)[:, None, None] == sample["parts"]).astype(np.float32),
        "normals": unit(sample["normals"]),
        "normals_back": unit(sample["normals_back"]),
        "depth": sample["depth"].astype(np.float32),
        "joints": heat,
        "joint_z": sample["joints"][:, 2],
    }


def test_the_truth_scores_full_marks():
    scores = Scores()
    for seed in range(3):
        scores.add_solid(told(labelled(seed)), labelled(seed))
    means = scores.means()
    for name in ("iou", "iou_aligned", "parts_accuracy", "parts_miou", "joints_within_5"):
        assert means[name] == pytest.approx(1, abs=0.02), name
    assert means["normals_deg"] < 0.1
    assert means["depth_front"] < 1e-3


def test_alignment_forgives_a_shift_and_nothing_else():
    truth = np.unpackbits(labelled(1)["occupancy"], -1).astype(bool)
    shifted = np.roll(truth, 4, -1)
    assert overlap(shifted, truth) < 0.9
    assert aligned_overlap(shifted, truth) == 1
    assert aligned_overlap(truth[::-1], truth) < 1


def test_unsure_rays_still_hold_matter():
    probability = np.full((1, 1, 80), 0.05, np.float32)
    probability[0, 0, 30:40] = 0.3
    everywhere = np.ones((1, 1), bool)
    solid = solid_bins(probability, everywhere)
    assert solid.sum() == round(float(probability.sum()))
    assert solid[0, 0, 30:36].all()
    assert solid_bins(np.zeros((1, 1, 80), np.float32), everywhere).sum() == 1
    assert not solid_bins(probability, ~everywhere).any()


def test_angles_of_nothing_are_left_out():
    nothing = np.zeros((4, 4, 3), np.int8)
    assert angles_deg(np.zeros((3, 4, 4), np.float32), nothing) == []


def test_a_peak_is_found_between_pixels():
    centre = np.arange(16) + 0.5
    heat = -((centre[None] - 6.2) ** 2 + (centre[:, None] - 9.9) ** 2)[None].astype(np.float32)
    np.testing.assert_allclose(peaks(heat), [[6.2, 9.9]], atol=0.1)


def test_matte_scores_and_sheets():
    sample = labelled(2)
    alpha = np.where(sample["picture"][..., 3] > 0, 20.0, -20.0)[None].astype(np.float32)
    scores = Scores()
    scores.add_matte({"alpha": alpha}, sample)
    assert scores.means() == pytest.approx({"matte_iou": 1, "matte_mae": 0}, abs=1e-6)
    assert sheet([sample], [{"alpha": alpha}]).size == (4 * 64, 64)
    both = sheet([sample, sample], [told(sample), told(sample)])
    assert both.height == 128
