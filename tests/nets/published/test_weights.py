"""Weights come in whole or not at all, save -> load -> the same numbers, with no network."""

import subprocess
import sys
from pathlib import Path

import pytest

from genkei.nets.published.contents import read
from genkei.nets.published.weights import explained_memory, fill, free_bytes, refuse_too_large, tensors

torch = pytest.importorskip("torch", reason="needs the extra: pip install 'genkei[torch]'")


def net() -> "torch.nn.Module":
    torch.manual_seed(3)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))


def save(module, path: Path) -> Path:
    from safetensors.torch import save_file

    (save_file if path.suffix == ".safetensors" else torch.save)(module.state_dict(), path)
    return path


@pytest.mark.parametrize("name", ["x.safetensors", "x.pth"])
def test_saved_and_loaded_is_the_same(tmp_path, name):
    given = net()
    with torch.device("meta"):
        empty = net()
    found = fill(empty, read(save(given, tmp_path / name)))
    assert not found.training
    for key, value in given.state_dict().items():
        assert torch.equal(found.state_dict()[key], value)
        assert found.state_dict()[key].device.type == "cpu"


def test_half_precision_leaves_counts_alone(tmp_path):
    found = fill(net(), read(save(net(), tmp_path / "x.safetensors")), dtype=torch.float16)
    kinds = {key: value.dtype for key, value in found.state_dict().items()}
    assert kinds["0.weight"] == torch.float16
    assert kinds["1.num_batches_tracked"] == torch.int64


def test_names_are_translated(tmp_path):
    outer = torch.nn.ModuleDict({"inner": net(), "unused": torch.nn.Linear(2, 2)})
    contents = read(save(outer, tmp_path / "x.safetensors"))
    new = fill(net(), contents, rename=lambda n: n.removeprefix("inner.") if n.startswith("inner.") else None)
    assert torch.equal(new.state_dict()["0.weight"], outer.state_dict()["inner.0.weight"])
    with pytest.raises(ValueError, match="would both be x"):
        fill(net(), contents, rename=lambda n: "x")


def test_a_file_that_half_fits_leaves_the_module_as_it_was(tmp_path):
    from safetensors.torch import save_file

    state = net().state_dict()
    del state["0.bias"]
    state["0.weight"] = torch.zeros(4, 5)
    state["more"] = torch.zeros(1)
    save_file(state, tmp_path / "x.safetensors")
    module = net()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    says = (
        r"fits only in part: of 7 tensors wanted, 1 missing \(0\.bias\); 1 not asked for \(more\);"
        r" 1 of another shape \(0\.weight \[4, 5\] instead of \[4, 3\]\)\. Nothing was loaded"
    )
    with pytest.raises(ValueError, match=says):
        fill(module, read(tmp_path / "x.safetensors"))
    assert all(torch.equal(before[key], value) for key, value in module.state_dict().items())


def test_folders_give_their_parts_under_their_names(tmp_path):
    import json

    for part in ("unet", "vae"):
        (tmp_path / part).mkdir()
        save(net(), tmp_path / part / "w.safetensors")
    (tmp_path / "model_index.json").write_text(json.dumps({"unet": ["a", "B"], "vae": ["a", "B"], "_x": "y"}))
    assert {"unet/0.weight", "vae/0.bias"} <= set(tensors(read(tmp_path)))


def test_too_little_memory_is_said_before_loading():
    free = free_bytes("cpu")
    if free is None:
        pytest.skip("this system does not tell its free memory")
    refuse_too_large(1, "a little", "cpu")
    with pytest.raises(ValueError, match=r"much take .* GB, and cpu has .* GB free.*smaller model"):
        refuse_too_large(free, "much", "cpu")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
        torch.OutOfMemoryError("CUDA out of memory."),
    ],
)
def test_running_out_of_memory_is_explained(error):
    with (
        pytest.raises(ValueError, match="the memory ran out over the picture"),
        explained_memory("the picture"),
    ):
        raise error


def test_other_faults_stay_themselves():
    with pytest.raises(RuntimeError, match="mat1 and mat2"), explained_memory("x"):
        torch.zeros(2, 3) @ torch.zeros(2, 3)


BLOCKED = """
import socket, sys
def refuse(*words, **more): raise AssertionError(f"a connection was tried: {words}")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
from genkei.apps.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize(
    ("words", "code"),
    [(["list"], 0), (["info", "sdxl"], 0), (["check", "{file}"], 1), (["check", "no/model"], 1)],
)
def test_no_connection_is_tried(tmp_path, words, code):
    file = save(net(), tmp_path / "x.safetensors")
    words = [word.replace("{file}", str(file)) for word in words]
    done = subprocess.run([sys.executable, "-c", BLOCKED, "models", *words], capture_output=True, text=True)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr


def test_the_block_can_stop_one():
    code = BLOCKED.split("from genkei")[0] + "import urllib.request as u\nu.urlopen('http://localhost:1/x')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "a connection was tried" in done.stderr
