"""Cutting out: laws on drawn people of known shape, refusals with their measure."""

from typing import get_args

import numpy as np
import pytest
from PIL import Image

from genkei.drawing.backdrop import dilate, flood
from genkei.drawing.cutout import Cutout
from genkei.drawing.edge import soft_rim, subject_colour
from genkei.drawing.learned import Learned
from genkei.drawing.matte import Alpha, Background, Matte, cut_out, cut_with_mask
from genkei.drawing.prompted import Prompt, Prompted
from genkei.drawing.published import Published
from genkei.drawing.resample import resample
from genkei.drawing.sketch import Sketch
from tests.drawing.figures import person, saved, textured


def figure(side: str = "front", margin: int = 30) -> np.ndarray:
    rgba = np.asarray(person(side, 260), np.float32) / 255
    return np.pad(rgba, ((margin, margin), (margin, margin), (0, 0)))


def on(rgba: np.ndarray, behind: np.ndarray) -> np.ndarray:
    rgb = rgba[..., :3] * rgba[..., 3:] + behind * (1 - rgba[..., 3:])
    return np.dstack([rgb, np.ones(rgb.shape[:2])]).astype(np.float32)


def iou(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / (a | b).sum())


def ramp(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    return np.stack([0.7 + 0.2 * x, 0.85 - 0.2 * y, 0.95 - 0.2 * x * y], -1)


def truth(rgb: np.ndarray) -> np.ndarray:
    """A net that knows the ramp behind the figure."""
    off = np.abs(rgb - ramp(*rgb.shape[:2])).max(-1)
    return np.clip(off / 0.1, 0, 1).astype(np.float32)


GIVEN = {
    Published: {"net": truth},
    Prompted: {"prompt": Prompt(), "own": (Background(),)},
}
"""What a matte that cannot be without it is given."""
EVERY = [backend(**GIVEN.get(backend, {})) for backend in get_args(Matte)]


@pytest.mark.parametrize("matte", EVERY, ids=lambda m: type(m).__name__)
def test_contract_of_every_matte(matte):
    rgba = figure()
    picture = rgba if isinstance(matte, Alpha) else on(rgba, ramp(*rgba.shape[:2]))
    found = matte(picture)
    assert isinstance(found, Cutout) and found.rgba.shape == rgba.shape and found.rgba.dtype == np.float32
    # a figure of discs is none the net was shown, and a sketch has no holes
    least = 0.75 if isinstance(matte, Learned) else 0.9 if isinstance(matte, Sketch) else 0.97
    assert iou(found.rgba[..., 3] > 0.5, rgba[..., 3] > 0.5) > least
    with pytest.raises(ValueError, match=r"transparent|plain"):
        matte(np.ones((64, 64, 4), np.float32))


@pytest.mark.parametrize("ground", ["white", "solid", "gradient"])
def test_background_is_removed_with_its_colour(ground):
    rgba = figure()
    h, w = rgba.shape[:2]
    behind = {
        "white": np.ones((h, w, 3)),
        "solid": np.full((h, w, 3), [0.4, 0.8, 0.5]),
        "gradient": ramp(h, w),
    }[ground]
    found = Background()(on(rgba, behind))
    assert iou(found.rgba[..., 3] > 0.5, rgba[..., 3] > 0.5) > 0.97
    rim = (rgba[..., 3] > 0.3) & (rgba[..., 3] < 0.8) & (found.rgba[..., 3] > 0.1)
    fringe = np.abs(found.rgba[rim][:, :3] - rgba[rim][:, :3]).mean()
    assert fringe < 0.6 * np.abs(on(rgba, behind)[rim][:, :3] - rgba[rim][:, :3]).mean()


def test_mirror_law():
    picture = on(figure("left"), ramp(320, 268))
    mirrored = Background()(picture[:, ::-1].copy()).rgba[:, ::-1]
    assert iou(Background()(picture).rgba[..., 3] > 0.5, mirrored[..., 3] > 0.5) > 0.995


def test_gaps_open_but_white_clothes_and_paper_stay():
    hole = figure()
    hole[154:176, 124:146] = 0
    assert Background()(on(hole, np.full((320, 268, 3), [0.6, 0.8, 0.9]))).rgba[165, 135, 3] < 0.1
    seen = Background()(on(hole, np.ones((320, 268, 3))))
    assert seen.rgba[165, 135, 3] < 0.1 and any("see-through" in n for n in seen.notes)
    shaded = hole.copy()
    shaded[154:176, 124:146] = 1
    shaded[155:175, 125:145, :3] = np.linspace(0.975, 1, 20)[:, None]
    assert Background()(on(shaded, np.ones((320, 268, 3)))).rgba[165, 135, 3] > 0.9
    outline = np.zeros((200, 200, 4), np.float32)
    ring = dilate(np.hypot(*(np.mgrid[:200, :200] - 100)) < 60, 0)
    outline[ring & (np.hypot(*(np.mgrid[:200, :200] - 100)) > 55)] = [0.2, 0.1, 0.4, 1]
    sketch = Background()(on(outline, np.full((200, 200, 3), 0.7)))
    assert sketch.rgba[100, 100, 3] == 1 and any("line drawing" in n for n in sketch.notes)


def test_white_clothes_eaten_by_a_remover_come_back():
    """A white shirt behind a line is filled; a gap behind a whole arm and a hole without white stay open."""
    y, x = np.mgrid[0:300, 0:200]
    body = (np.abs(x - 100) < 60) & (np.abs(y - 150) < 130)
    shirt = (np.abs(x - 100) < 57) & (np.abs(y - 100) < 40)
    gap = (np.abs(x - 100) < 15) & (np.abs(y - 220) < 20)
    rgba = np.dstack([np.full((300, 200, 3), 0.98), body & ~shirt & ~gap]).astype(np.float32)
    rgba[body & ~shirt & ~gap, :3] = (0.1, 0.2, 0.6)
    found = Alpha()(rgba)
    assert (found.rgba[shirt, 3] == 1).all() and (found.rgba[gap, 3] == 0).all()
    assert "white patches" in found.notes[0]
    hidden = rgba * (rgba[..., 3:] > 0)
    assert np.array_equal(Alpha()(hidden).rgba, hidden)
    assert np.array_equal(Alpha(eaten_share=1.0)(rgba).rgba, rgba)


def test_white_trousers_within_a_seam_and_pockets_come_back():
    """What no outline alone parts from the outside goes with what lies about it; a gap between legs stays."""
    y, x = np.mgrid[0:300, 0:200]
    body = (np.abs(x - 100) < 60) & (np.abs(y - 150) < 130)
    trousers = (np.abs(x - 100) < 57) & (np.abs(y - 120) < 40)
    seams = (np.abs(np.abs(x - 100) - 25) < 2) | (np.abs(x - 100) < 2) | (np.abs(y - 150) < 2)
    gap = (np.abs(x - 100) < 8) & (np.abs(y - 230) < 25)
    clear = (trousers & ~seams) | gap
    rgba = np.dstack([np.full((300, 200, 3), 0.98), body & ~clear]).astype(np.float32)
    rgba[body & ~clear, :3] = (0.1, 0.2, 0.6)
    found = Alpha()(rgba)
    assert (found.rgba[trousers, 3] == 1).all() and (found.rgba[gap, 3] == 0).all()


def test_photographed_paper_is_looked_into():
    paper = np.full((500, 460, 3), 0.25)
    paper[60:440, 60:400] = 0.92
    rgba = np.pad(figure(), ((90, 90), (96, 96), (0, 0)))
    found = Background()(on(rgba, paper))
    assert iou(found.rgba[..., 3] > 0.5, rgba[..., 3] > 0.5) > 0.95 and "paper" in found.notes[0]


def test_ball_does_not_pass_a_narrow_gap():
    wall = np.ones((60, 60), bool)
    wall[20:40, 20:40] = False
    wall[24:36, 24:36] = True
    wall[20:24, 29:31] = True
    assert flood(wall, 0)[30, 30] and not flood(wall, 2)[30, 30] and flood(wall, 2)[2, 2]
    assert not dilate(np.zeros((4, 4), bool), 2).any()


def test_soft_rim_recovers_a_known_mix():
    truth = np.clip((np.mgrid[:60, :60][1] - 30) / 3 + 0.5, 0, 1).astype(np.float32)
    front, back = np.array([0.8, 0.2, 0.1]), np.array([0.2, 0.6, 0.9])
    rgb = (truth[..., None] * front + (1 - truth[..., None]) * back).astype(np.float32)
    found, pure = soft_rim(rgb, np.broadcast_to(back, rgb.shape).astype(np.float32), truth > 0.5)
    assert np.abs(found - truth).max() < 0.1 and np.abs(pure[found > 0] - front).max() < 0.05
    colour = subject_colour(rgb, truth)
    assert np.abs(colour[truth > 0.2] - front).max() < 0.12 and np.array_equal(
        colour[truth == 1], rgb[truth == 1]
    )


def test_cut_out_chooses_and_refuses(tmp_path):
    rgba = figure()
    assert cut_out(rgba).method == "alpha"
    assert cut_out(on(rgba, ramp(*rgba.shape[:2]))).method == "background"
    rounded = on(rgba, np.full((320, 268, 3), 0.8))
    rounded[:10, :10, 3] = 0
    assert cut_out(rounded).method == "background"
    noisy = textured(268, 320) / 255
    with pytest.raises(ValueError, match=r"Lab units off .*limit 9.*mask picture"):
        cut_out(on(rgba, noisy), (Alpha(), Background()))
    with pytest.raises(ValueError, match=r"Lab units off .*limit 9.*and .*the net"):
        cut_out(on(np.zeros_like(rgba), noisy))
    with pytest.raises(ValueError, match="no character found"):
        cut_out(np.ones((100, 100, 4), np.float32))
    full = np.zeros((100, 100, 4), np.float32)
    full[..., 3] = 1
    full[2:-2, 2:-2, :3] = np.array([1.0, 0, 0])
    with pytest.raises(ValueError, match=r"no character found|nothing"):
        cut_out(full)


def test_mask_by_hand(tmp_path):
    rgba = figure()
    picture = on(rgba, textured(268, 320) / 255)
    mask = saved(Image.fromarray((rgba[..., 3] > 0.5).astype(np.uint8) * 255), tmp_path / "mask.png")
    found = cut_with_mask(picture, mask)
    assert found.method == "mask" and iou(found.rgba[..., 3] > 0.5, rgba[..., 3] > 0.5) > 0.98
    small = saved(Image.new("L", (50, 50), 255), tmp_path / "small.png")
    with pytest.raises(ValueError, match="50 x 50 px, the picture 268 x 320"):
        cut_with_mask(picture, small)
    everything = saved(Image.new("L", (268, 320), 255), tmp_path / "all.png")
    with pytest.raises(ValueError, match="nothing could be cut away"):
        cut_with_mask(picture, everything)


def test_resample_keeps_place_and_hides_no_colour():
    rgba = figure()
    assert np.abs(resample(rgba, (0, 0, 268, 320), 268, 320)[..., 3] - rgba[..., 3]).max() < 0.01
    moved = resample(rgba, (-10, -20, 258, 300), 268, 320)
    assert np.abs(moved[20:, 10:, 3] - rgba[:-20, :-10, 3]).max() < 0.01


class Seer:
    """A matte net that knows the colour of what it looks for."""

    def __init__(self, colour: tuple[float, float, float], blur: float = 1.0):
        self.colour, self.blur = np.array(colour, np.float32), blur

    def __call__(self, *, paper: np.ndarray) -> dict[str, np.ndarray]:
        off = np.abs(paper - self.colour[:, None, None]).max(1, keepdims=True)
        return {"alpha": ((0.2 - off) * 40 * self.blur).astype(np.float32)}


def red_on_texture() -> np.ndarray:
    """A red disc before noise of blue and green."""
    y, x = np.mgrid[:300, :260]
    picture = np.ones((300, 260, 4), np.float32)
    picture[..., 0] = 0.1
    picture[..., 1:3] = np.random.default_rng(0).uniform(0, 1, (300, 260, 2))
    picture[np.hypot(x - 90, y - 170) < 60] = (0.9, 0.1, 0.1, 1)
    return picture


def test_the_learned_matte_follows_its_net_and_finds_small_figures():
    picture = red_on_texture()
    found = Learned(net=Seer((0.9, 0.1, 0.1)))(picture)
    y, x = np.mgrid[:300, :260]
    assert found.method == "net" and "net" in found.notes[0]
    assert iou(found.rgba[..., 3] > 0.5, np.hypot(x - 90, y - 170) < 60) > 0.97
    turned = Learned(net=Seer((0.9, 0.1, 0.1)))(np.ascontiguousarray(picture[:, ::-1]))
    assert iou(turned.rgba[:, ::-1, 3] > 0.5, found.rgba[..., 3] > 0.5) > 0.98


def test_the_learned_matte_refuses_what_it_cannot_tell():
    with pytest.raises(ValueError, match="no character was found"):
        Learned(net=Seer((0.5, 0.9, 0.0), 9))(red_on_texture() * 0)
    with pytest.raises(ValueError, match=r"unsure on an area of \d+%"):
        Learned(net=Seer((0.9, 0.1, 0.1), 0.05))(red_on_texture())
