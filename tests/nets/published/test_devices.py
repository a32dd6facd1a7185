"""What a published model needs on this machine, said before a file is opened."""

import sys
from types import SimpleNamespace

import pytest

from genkei.nets.published import devices
from genkei.nets.published.devices import DIFFUSION, providers, refuse_unready


@pytest.mark.parametrize(
    ("missing", "says"),
    [
        ("torch", r"runs on torch, which is not installed: pip install 'genkei\[torch\]'"),
        ("torch diffusers", r"runs on torch, diffusers, which are not .*'genkei\[diffusion\]'"),
    ],
)
def test_missing_packages_are_named_with_their_extra(monkeypatch, missing, says):
    monkeypatch.setattr(devices, "find_spec", lambda name: None if name in missing.split() else object())
    with pytest.raises(ValueError, match=says):
        refuse_unready("cpu", ("torch",) if missing == "torch" else DIFFUSION)


def test_a_gpu_that_torch_does_not_find_is_said(monkeypatch):
    monkeypatch.setattr(devices, "find_spec", lambda name: object())
    cuda = SimpleNamespace(is_available=lambda: False)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(__version__="9", cuda=cuda))
    refuse_unready("cpu")
    with pytest.raises(ValueError, match=r"--device cuda: torch 9 finds no CUDA device here.*leave --device"):
        refuse_unready("cuda")
    cuda.is_available = lambda: True
    refuse_unready("cuda:0")


def test_unknown_devices_are_refused():
    for ready in (refuse_unready, providers):
        with pytest.raises(ValueError, match="no device 'mps'; models run on cpu or cuda"):
            ready("mps")


def test_matte_nets_go_to_the_gpu_where_onnxruntime_has_one(monkeypatch):
    found = ["CPUExecutionProvider"]
    told = SimpleNamespace(__version__="9", get_available_providers=lambda: found)
    monkeypatch.setitem(sys.modules, "onnxruntime", told)
    assert providers("cpu") == ["CPUExecutionProvider"]
    with pytest.raises(ValueError, match=r"--device cuda: onnxruntime 9 is the build.*onnxruntime-gpu"):
        providers("cuda")
    found.append("CUDAExecutionProvider")
    assert providers("cuda") == ["CUDAExecutionProvider", "CPUExecutionProvider"]
