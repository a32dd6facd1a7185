"""Training: one batch can be learnt by heart, a resumed run is the run, and averages are averages."""

import csv
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs the extra: pip install 'genkei[train]'")

import onnx  # noqa: E402

from genkei_train.beginning import begin_from  # noqa: E402
from genkei_train.export import halved, to_onnx  # noqa: E402
from genkei_train.feed import STILL, Place, stack, truth  # noqa: E402
from genkei_train.train import (  # noqa: E402
    Curve,
    Options,
    Stopped,
    advance,
    averaging,
    begin,
    learning_rate,
    load_averaged,
    read_checkpoint,
    train,
)
from genkei_train.unet import Architecture  # noqa: E402
from tests.genkei_train.shapes import Shapes, labelled  # noqa: E402

SHAPES = Shapes(5, 32)


def options(out: Path, **changes) -> Options:
    plain = Options(Path("shapes"), out, steps=6, batch=2, width=8, precision="fp32", warm_up=2)
    return replace(plain, **changes)


@pytest.mark.parametrize(("net", "steps"), [("solid", 140), ("matte", 50)])
def test_one_batch_is_learnt_by_heart(net, steps, tmp_path):
    torch.set_num_threads(1)
    settings = options(tmp_path, net=net, steps=10**6, lr=1e-2, warm_up=5)
    state = begin(settings)
    batch = stack([truth(labelled(4, 64), net)])
    told = [advance(state, batch, settings) for _ in range(steps)]
    assert told[-1]["total"] < told[0]["total"] / 10


def test_a_resumed_run_is_the_run(tmp_path):
    whole = train(options(tmp_path / "whole"), lambda: SHAPES, [])
    count = iter(range(99))
    stopped = train(options(tmp_path / "cut"), lambda: SHAPES, [], lambda: next(count) == 3)
    assert stopped.step == 3
    resumed = train(options(tmp_path / "cut", resume=True), lambda: SHAPES, [])
    assert resumed.step == whole.step == 6
    assert resumed.place == whole.place
    for name, value in whole.net.state_dict().items():
        torch.testing.assert_close(resumed.net.state_dict()[name], value, rtol=0, atol=0)
        torch.testing.assert_close(resumed.averaged[name], whole.averaged[name], rtol=0, atol=0)


def test_same_seed_same_losses_and_another_seed_others(tmp_path):
    batch = stack([truth(labelled(0, 32), "solid")])
    first = [advance(begin(options(tmp_path, seed=s)), batch, options(tmp_path))["total"] for s in (1, 1, 2)]
    assert first[0] == first[1] != first[2]


def test_the_average_follows_its_law(tmp_path):
    settings = options(tmp_path)
    state = begin(settings)
    before = {name: value.clone() for name, value in state.averaged.items()}
    advance(state, stack([truth(labelled(0, 32), "solid")]), settings)
    keep = averaging(1, 0.999)
    for name, value in state.net.state_dict().items():
        torch.testing.assert_close(state.averaged[name], keep * before[name] + (1 - keep) * value)


def test_averages_remember_more_and_more():
    kept = [averaging(step, 0.999) for step in (0, 10, 1000, 100_000)]
    assert kept == sorted(kept)
    assert kept[0] == pytest.approx(0.1)
    assert kept[-1] == 0.999


def test_the_learning_rate_rises_then_falls(tmp_path):
    settings = options(tmp_path, steps=100, warm_up=10)
    state = begin(settings)
    rates = []
    for step in range(101):
        state.step = step
        rates.append(learning_rate(state, settings))
    assert rates[0] == pytest.approx(settings.lr / 10)
    assert max(rates) == max(rates[8:14])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(settings.lr / 100)


def test_the_minutes_are_those_of_all_runs(tmp_path):
    settings = options(tmp_path, steps=0, minutes=10)
    state = begin(settings)
    state.step, state.elapsed_s = 1000, 600.0
    assert learning_rate(state, settings) == pytest.approx(settings.lr / 100)


def test_checkpoint_scores_and_curves_are_left(tmp_path):
    state = train(options(tmp_path, steps=20), lambda: SHAPES, SHAPES.made[:2])
    assert {p.name for p in tmp_path.iterdir()} == {"checkpoint.pt", "losses.csv", "held.csv", "held.png"}
    with (tmp_path / "held.csv").open() as file:
        row = next(csv.DictReader(file))
    assert float(row["step"]) == 20
    assert 0 <= float(row["iou"]) <= float(row["iou_aligned"]) <= 1
    assert {"normals_deg", "parts_miou", "joints_within_5", "iou_two_views"} <= set(row)
    averaged = load_averaged(read_checkpoint(tmp_path / "checkpoint.pt")).state_dict()
    assert all(torch.equal(averaged[name], value) for name, value in state.averaged.items())


def test_rows_behind_the_checkpoint_are_forgotten(tmp_path):
    path = tmp_path / "losses.csv"
    path.write_text("step,total\n20,3\n40,2\n60,1\n")
    Curve(path).forget_after(40)
    assert path.read_text().split() == ["step,total", "20,3", "40,2"]


def test_signals_ask_to_stop():
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        stopped = Stopped()
        assert not stopped
        os.kill(os.getpid(), signal.SIGTERM)
        assert stopped
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)


def test_nothing_to_resume_is_refused(tmp_path):
    with pytest.raises(ValueError, match="there is no checkpoint"):
        train(options(tmp_path, resume=True), lambda: SHAPES, [])


def test_a_checkpoint_is_not_overwritten_nor_mistaken(tmp_path):
    begin(options(tmp_path)).save(tmp_path / "checkpoint.pt", options(tmp_path))
    with pytest.raises(ValueError, match="holds a checkpoint already; go on with --resume"):
        begin(options(tmp_path))
    with pytest.raises(ValueError, match="give the same --net and --width"):
        begin(options(tmp_path, resume=True, width=16))


def test_a_loss_that_is_no_number_stops_training(tmp_path):
    settings = options(tmp_path)
    state = begin(settings)
    with torch.no_grad():
        state.net.stem.weight.fill_(float("nan"))
    with pytest.raises(ValueError, match="the loss became nan at step 1; lower --lr"):
        advance(state, stack([truth(labelled(0, 32), "solid")]), settings)


def test_the_variation_has_a_still_point():
    assert STILL.alone == STILL.mirror == STILL.noise == 0
    assert Place() == Place(0, 0, 0)


def test_the_matte_net_may_begin_with_the_trunk_of_the_solid_net(tmp_path: Path) -> None:
    torch.manual_seed(0)
    solid = Architecture("solid", 8).build().eval()
    onnx.save(halved(to_onnx(solid)), str(tmp_path / "solid.onnx"))
    matte = Architecture("matte", 8).build().eval()
    begin_from(matte, tmp_path / "solid.onnx")
    given = matte.state_dict()
    torch.testing.assert_close(
        given["decoder.0.0.conv1.weight"], solid.state_dict()["decoder.0.0.conv1.weight"]
    )
    # one opaque colour: the stem answers alike away from the border
    picture = torch.rand(1, 3, 1, 1).expand(1, 3, 64, 64)
    opaque = torch.cat([picture, torch.ones(1, 1, 64, 64)], 1)
    answers = [
        net.stem(torch.nn.functional.pixel_unshuffle(torch.cat([*p, torch.zeros(1, 2, 64, 64)], 1), 2))
        for net, p in ((matte, (picture,)), (solid, (opaque, torch.zeros(1, 4, 64, 64))))
    ]
    torch.testing.assert_close(answers[0][..., 2:-2, 2:-2], answers[1][..., 2:-2, 2:-2], atol=1e-3, rtol=1e-3)
    with pytest.raises(ValueError, match="asked for was"):
        begin_from(Architecture("matte", 16).build(), tmp_path / "solid.onnx")
