"""What ships says what was trained: onnxruntime against torch, and the record beside the file."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="exporting needs the extra: pip install 'genkei[train]'")
onnx = pytest.importorskip("onnx", reason="exporting needs the extra: pip install 'genkei[train]'")

from genkei.nets.loader import load, records  # noqa: E402
from genkei_train import export as module  # noqa: E402
from genkei_train import train as training  # noqa: E402
from genkei_train.export import (  # noqa: E402
    Options,
    answers,
    export,
    main,
    recipe,
    rounded,
    shown,
    write_registry,
)
from genkei_train.unet import Architecture  # noqa: E402


def lively(net: str):
    """A net whose every weight matters: fresh ones have zeros where blocks begin as the identity."""
    torch.manual_seed(1)
    made = Architecture(net, 8).build().eval()
    with torch.no_grad():
        for weight in made.parameters():
            weight += 0.1 * torch.randn_like(weight)
    return made


def checkpoint(folder: Path, net: str) -> Path:
    settings = training.Options(Path("shapes"), folder, net=net, width=8, precision="fp32")
    state = training.begin(settings)
    state.averaged = lively(net).state_dict()
    state.step, state.history = 7, [{"step": 7.0, "iou": 0.123456}]
    state.save(folder / "checkpoint.pt", settings)
    return folder / "checkpoint.pt"


@pytest.mark.parametrize("net", ["solid", "matte"])
@pytest.mark.parametrize("store", ["fp16", "fp32"])
def test_the_file_says_what_torch_says(net, store):
    made = export(lively(net), store)
    assert made.precision == store
    assert max(made.parity.values()) <= 1e-4
    props = {p.key: p.value for p in onnx.load_from_string(made.content).metadata_props}
    assert json.loads(props["architecture"]) == {"net": net, "width": 8}
    assert (max(made.rounding.values()) > 0) == (store == "fp16")


@pytest.mark.parametrize("net", ["solid", "matte"])
@pytest.mark.parametrize("store", ["fp16", "fp32"])
def test_training_can_begin_from_what_was_exported(net, store, tmp_path):
    made = lively(net)
    file = tmp_path / "net.onnx"
    file.write_bytes(export(made, store).content)
    settings = training.Options(Path("shapes"), tmp_path, net=net, width=8, precision="fp32", start=file)
    begun = training.begin(settings).net.state_dict()
    wanted = (rounded(made) if store == "fp16" else made).state_dict()
    assert all(torch.equal(begun[name], value) for name, value in wanted.items())
    with pytest.raises(ValueError, match="asked for was"):
        training.begin(replace(settings, width=16))
    file.write_bytes(b"no net")
    with pytest.raises(ValueError, match="no net that genkei exported"):
        training.begin(settings)


def test_half_precision_is_half_as_large():
    half, single = (len(export(lively("matte"), store).content) for store in ("fp16", "fp32"))
    assert half < 0.7 * single


def test_a_recipe_tells_what_is_not_default_and_no_folder():
    trained = {
        "net": "matte",
        "minutes": 5,
        "data": "x",
        "lr": 2e-3,
        "batch": 96,
        "shares": {"cc0": 1.0, "own": 1.0},
    }
    told = recipe(trained)
    assert told == "python -m genkei_train.train --net matte --minutes 5 --batch 96 --shares.cc0 1.0"


def test_rounding_is_done_once():
    net = rounded(lively("solid"))
    again = rounded(net).state_dict()
    assert all(torch.equal(again[name], value) for name, value in net.state_dict().items())


def test_a_file_that_differs_is_refused(monkeypatch):
    monkeypatch.setattr(module, "halved", lambda model: module.to_onnx(Architecture("matte", 8).build()))
    with pytest.raises(ValueError, match="alpha of the file differs from torch by"):
        export(lively("matte"), "fp16")


def test_from_checkpoint_to_answers(tmp_path):
    options = Options(checkpoint(tmp_path, "solid"), tmp_path / "nets" / "weights" / "solid.onnx", "fp32")
    main(options)
    registry = tmp_path / "nets" / "weights.toml"
    entry = records(registry)["solid"]
    assert entry["file"] == "weights/solid.onnx"
    assert entry["bytes"] == options.out.stat().st_size
    assert entry["licence"] == "Apache-2.0"
    assert entry["held_out"] == {"step": 7.0, "iou": 0.1235}
    said = "python -m genkei_train.train --net solid --minutes 60 --width 8 --precision fp32"
    assert entry["recipe"] == said
    pictures = shown(lively("solid"), 96, 2)
    said = load("solid", registry, threads=1)(picture=pictures[0], behind=pictures[1])
    wanted = answers(lively("solid"), pictures)
    assert list(said) == entry["outputs"] == list(wanted)
    np.testing.assert_allclose(said["depth"], wanted["depth"], atol=1e-3)
    np.testing.assert_allclose(np.linalg.norm(said["normals"], axis=1), 1, atol=1e-2)


def test_the_record_of_one_net_leaves_the_others(tmp_path):
    path = tmp_path / "weights.toml"
    write_registry(path, "solid", {"bytes": 1, "inputs": {"picture": 4}, "note": 'a "word" \\ and ü'})
    write_registry(path, "matte", {"bytes": 2})
    first = path.read_text("utf-8")
    write_registry(path, "matte", {"bytes": 2})
    assert path.read_text("utf-8") == first
    found = tomllib.loads(first)
    assert found["matte"] == {"bytes": 2}
    assert found["solid"]["note"] == 'a "word" \\ and ü'
    assert json.dumps(found["solid"]["inputs"]) == '{"picture": 4}'


def test_exporting_what_was_never_trained_is_refused(tmp_path):
    options = Options(tmp_path / "checkpoint.pt", tmp_path / "weights" / "solid.onnx")
    with pytest.raises(ValueError, match="there is no checkpoint"):
        main(replace(options, store="fp32"))
