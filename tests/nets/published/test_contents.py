"""What is in a file is read without running it; every wrong file ends in one paragraph with the next step."""

import json
import pickle
import zipfile

import pytest

from genkei.nets.published.contents import read, refuse_eight_bit
from genkei.nets.published.folders import local, require_parts
from genkei.nets.published.recognise import expect
from genkei.nets.published.table import named
from tests.nets.published.files import key_shapes, write_model, write_safetensors

torch = pytest.importorskip("torch", reason="needs the extra: pip install 'genkei[torch]'")


class Trap:
    """A pickle that writes a file when it is loaded."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_safetensors_are_read_as_torch_reads_them(tmp_path):
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(2, 3), "b": torch.zeros(4, dtype=torch.bfloat16)}, tmp_path / "x.safetensors")
    found = read(tmp_path / "x.safetensors")
    assert {n: (t.kind, t.shape) for n, t in found.tensors.items()} == {
        "a": ("F32", (2, 3)),
        "b": ("BF16", (4,)),
    }
    assert found.bytes == 2 * 3 * 4 + 4 * 2


@pytest.mark.parametrize("root", ["", "state_dict", "params_ema"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.bool])
def test_torch_files_are_read_without_torch(tmp_path, root, dtype):
    state = {"w": torch.zeros(2, 3).to(dtype), "v": torch.nn.Parameter(torch.ones(2))}
    torch.save({root: state, "epoch": 3} if root else state, tmp_path / "x.pth")
    found = read(tmp_path / "x.pth")
    assert found.notes["root"] == root
    assert {n: t.shape for n, t in found.tensors.items()} == {"w": (2, 3), "v": (2,)}
    assert found.tensors["w"].bytes == 6 * dtype.itemsize


def test_onnx_files_are_read_without_onnx(tmp_path):
    onnx = pytest.importorskip("onnx")
    helper, number = onnx.helper, onnx.TensorProto.FLOAT
    weight = helper.make_tensor("w", number, [2, 3, 1, 1], [0.0] * 6)
    ports = [
        helper.make_tensor_value_info(n, number, s)
        for n, s in (("img", ["b", 3, 8, "w"]), ("mask", [1, 2, 8, 8]))
    ]
    node = helper.make_node("Conv", ["img", "w"], ["mask"])
    model = helper.make_model(helper.make_graph([node], "g", ports[:1], ports[1:], [weight]))
    (tmp_path / "x.onnx").write_bytes(model.SerializeToString())
    found = {n: t.shape for n, t in read(tmp_path / "x.onnx").tensors.items()}
    assert found == {"input:img": (-1, 3, 8, -1), "output:mask": (1, 2, 8, 8), "w": (2, 3, 1, 1)}


def test_the_shipped_nets_are_read_as_onnxruntime_reads_them():
    import onnxruntime

    from genkei.nets.loader import REGISTRY

    file = REGISTRY.parent / "weights" / "matte.onnx"
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    found = read(file).tensors
    for word, ports in (("input", session.get_inputs()), ("output", session.get_outputs())):
        for port in ports:
            shape = tuple(n if isinstance(n, int) else -1 for n in port.shape)
            assert found[f"{word}:{port.name}"].shape == shape


def test_a_pickle_is_never_opened(tmp_path):
    sprung = tmp_path / "sprung"
    bare, inside = tmp_path / "bare.ckpt", tmp_path / "inside.ckpt"
    bare.write_bytes(pickle.dumps(Trap(sprung)))
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("x/data.pkl", pickle.dumps({"state_dict": Trap(sprung)}, protocol=2))
    with pytest.raises(ValueError, match=r"bare\.ckpt is a Python pickle.*Take the \.safetensors"):
        read(bare)
    with pytest.raises(ValueError, match=r"more than weights: to load it, .*open would have to run"):
        read(inside)
    assert not sprung.exists()
    with zipfile.ZipFile(inside) as archive:
        pickle.loads(archive.read("x/data.pkl"))
    assert sprung.exists(), "the trap of this test does not work"


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
@pytest.mark.parametrize("form", ["safetensors", "pth", "onnx"])
def test_a_cut_off_file_is_refused(tmp_path, form, share):
    from genkei.nets.loader import REGISTRY

    whole = tmp_path / f"whole.{form}"
    if form == "safetensors":
        write_safetensors(whole, {"a": (64, 64), "b": (3,)})
    elif form == "pth":
        torch.save({"a": torch.zeros(64, 64)}, whole)
    else:
        whole.write_bytes((REGISTRY.parent / "weights" / "matte.onnx").read_bytes())
    read(whole)
    raw = whole.read_bytes()
    cut = tmp_path / f"cut.{form}"
    cut.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(ValueError, match=r"get it again|get the file again"):
        read(cut)


REFUSED = {
    "missing": (None, "does not exist; check the spelling"),
    "page.safetensors": (b"<!DOCTYPE html><html>", "a web page or a text was saved instead"),
    "pointer.safetensors": (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "model.gguf": (b"GGUF" + bytes(40), "a GGUF file, weights pressed into few bits"),
    "noise.safetensors": (bytes([255] * 64), "its first bytes are no list of tensors"),
    "page.ckpt": (b'{"error": "Access denied"}', "a web page or a text was saved instead"),
    "empty.safetensors": (b"\x02" + bytes(7) + b"{}", "holds no tensors"),
    "list.safetensors": (b"\x02" + bytes(7) + b"[]", "its first bytes are no list of tensors"),
    "other.safetensors": (b"\x08" + bytes(7) + b'{"a": 1}', "its first bytes are no list of tensors"),
    "words.safetensors": (b"\x04" + bytes(7) + b"word", "its first bytes are no list of tensors"),
    "noise.onnx": (bytes([255] * 64), "is no whole ONNX file"),
    "long.onnx": (b"\x3a" + b"\xff" * 12, "is no whole ONNX file"),
    "seven.onnx": (b"\x0f" * 9, "is no whole ONNX file"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_file_is_refused(tmp_path, name):
    raw, says = REFUSED[name]
    if raw is not None:
        (tmp_path / name).write_bytes(raw)
    with pytest.raises(ValueError, match=says):
        read(tmp_path / name)


def zipped(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in files.items():
            archive.writestr(name, raw)
    return path


def test_other_zips_are_refused(tmp_path):
    with pytest.raises(ValueError, match="no torch file of plain weights"):
        read(zipped(tmp_path / "a.pt", {"readme": b"x"}))
    with pytest.raises(ValueError, match="TorchScript program"):
        read(zipped(tmp_path / "b.pt", {"x/data.pkl": b"", "x/code/m.py": b""}))
    with pytest.raises(ValueError, match="cannot be read"):
        read(zipped(tmp_path / "c.pt", {"x/data.pkl": b"\x80\x02."}))
    with pytest.raises(ValueError, match="holds no tensors"):
        read(zipped(tmp_path / "d.pt", {"x/data.pkl": pickle.dumps([1], protocol=2)}))


def test_lost_numbers_are_found(tmp_path):
    torch.save({"a": torch.zeros(8, 8)}, tmp_path / "x.pth")
    with zipfile.ZipFile(tmp_path / "x.pth") as whole:
        files = {name: whole.read(name) for name in whole.namelist() if "/data/" not in name}
    with pytest.raises(ValueError, match="the numbers 0 take 0 bytes, its list says 256"):
        read(zipped(tmp_path / "y.pth", files))


@pytest.mark.parametrize("form", ["safetensors", "pth"])
def test_eight_bit_floats_are_refused(tmp_path, form):
    path = tmp_path / f"x.{form}"
    if form == "pth":
        torch.save({"w": torch.zeros(4, 4).to(torch.float8_e4m3fn), "b": torch.zeros(4)}, path)
    else:
        write_safetensors(path, {"w": (4, 4)}, "F8_E4M3")
    with pytest.raises(ValueError, match=r"8-bit floats \(F8_E4M3, first w\).*Take the fp16"):
        refuse_eight_bit(read(path))


WRONG = {
    "sd15": r"looks like Stable Diffusion 1\.x checkpoint \(sd15\).*take an SDXL checkpoint",
    "lora": r"looks like LoRA \(lora\).*take a whole checkpoint",
    "sdxl-refiner": r"looks like SDXL refiner",
    "vae": r"looks like VAE alone",
    "flux": r"looks like FLUX",
}


@pytest.mark.parametrize("name", WRONG)
def test_the_wrong_model_is_told_by_name(tmp_path, name):
    path = write_model(tmp_path, named(name))
    with pytest.raises(ValueError, match=WRONG[name]):
        expect(path, ["sdxl"])


def test_the_right_model_is_taken(tmp_path):
    path = write_model(tmp_path, named("sdxl"))
    contents, model = expect(path, ["sdxl-folder", "sdxl"])
    assert model.name == "sdxl"
    assert set(contents.tensors) == set(key_shapes(model))


def test_a_hub_name_is_looked_up_on_this_machine_only(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ValueError, match=r"downloads nothing: run `hf download some/model`"):
        local("some/model")
    with pytest.raises(ValueError, match="does not exist; check the spelling"):
        local("some where/else/model.safetensors")
    kept = tmp_path / "models--some--model"
    for revision in ("aaa", "zzz"):
        (kept / "snapshots" / revision).mkdir(parents=True)
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text("aaa")
    assert local("some/model") == kept / "snapshots" / "aaa"
    assert local(tmp_path) == tmp_path
    monkeypatch.delenv("HF_HUB_CACHE")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "no"))
    with pytest.raises(ValueError, match=r"looked in .*no/hub"):
        local("some/model")


def test_folders_say_what_they_lack(tmp_path):
    with pytest.raises(ValueError, match=r"neither model_index\.json nor weights"):
        read(tmp_path)
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"pytorch_model\.bin, a pickle"):
        read(tmp_path)
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": {"a": "1.safetensors", "b": "2.safetensors"}}))
    write_safetensors(tmp_path / "1.safetensors", {"a": (2,)})
    with pytest.raises(ValueError, match=r"lacks 1 of 2 files of weights \(2\.safetensors first\)"):
        read(tmp_path)
    write_safetensors(tmp_path / "2.safetensors", {"b": (2,)})
    assert set(read(tmp_path).tensors) == {"a", "b"}
    index.write_text("{")
    with pytest.raises(ValueError, match="is damaged"):
        read(tmp_path)
    index.write_text("[]")
    with pytest.raises(ValueError, match="is no description of a model"):
        read(tmp_path)


def test_no_tokenizer_is_said_before_anything_is_loaded(tmp_path):
    write_safetensors(tmp_path / "unet" / "x.safetensors", {"a": (2,)})
    (tmp_path / "unet" / "config.json").write_text("{}")
    (tmp_path / "scheduler").mkdir()
    (tmp_path / "scheduler" / "scheduler_config.json").write_text("{}")
    (tmp_path / "tokenizer").mkdir()
    require_parts(tmp_path, ("unet", "scheduler"), "pipeline")
    with pytest.raises(ValueError, match=r"no whole pipeline: tokenizer, vae are missing.*words"):
        require_parts(tmp_path, ("unet", "tokenizer", "vae", "scheduler"), "pipeline")
    for name in ("vocab.json", "merges.txt"):
        (tmp_path / "tokenizer" / name).write_text("{}")
    require_parts(tmp_path, ("unet", "tokenizer"), "pipeline")


def test_full_weights_before_their_half_precision_twins(tmp_path):
    write_safetensors(tmp_path / "model.fp16.safetensors", {"half": (2,)})
    write_safetensors(tmp_path / "model.safetensors", {"full": (2,)})
    assert set(read(tmp_path).tensors) == {"full"}
