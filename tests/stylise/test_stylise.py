"""The figure-style picture with tiny random checkpoints: they prove the road, never the picture's quality."""

import shutil
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genkei import pipeline
from genkei.apps.cli import main
from genkei.stylise import Stylise
from tests.apps.drawings import draw_girl
from tests.nets.published.files import write_safetensors

pytest.importorskip("diffusers", reason="the extra [diffusion] is not installed")

from tests.stylise.tiny import tiny_control, tiny_sdxl

SIZE = ("--size", "64", "96")


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoints")
    tiny_sdxl(folder / "sdxl")
    tiny_control(folder / "canny")
    tiny_control(folder / "tile")
    draw_girl(folder / "girl.png")
    return folder


@pytest.fixture(scope="module")
def way(files) -> Stylise:
    return Stylise(
        files / "sdxl", canny=files / "canny", tile=files / "tile", width_px=64, height_px=96, steps=2
    )


@pytest.fixture(scope="module")
def styled(files, way):
    return pipeline.stylise(files / "girl.png", way)


def test_a_drawing_becomes_a_picture_of_the_asked_size(styled):
    assert styled.picture.shape == styled.drawing.shape == (96, 64, 3)
    assert styled.picture.min() >= 0 and styled.picture.max() <= 1
    assert 0 <= styled.kept.lines <= 1 and styled.kept.colour_lab > 0
    assert len(styled.notes) == 1


def test_the_same_seed_gives_the_same_picture_and_another_another(files, way, styled):
    again = pipeline.stylise(files / "girl.png", way)
    assert (again.picture == styled.picture).all()
    other = pipeline.stylise(files / "girl.png", replace(way, seed=1))
    assert (other.picture != styled.picture).any()


def test_what_is_kept_changes_the_picture(files, way, styled):
    for keep in ("lines", "colours"):
        other = pipeline.stylise(files / "girl.png", replace(way, keep=keep, details=False))
        assert (other.picture != styled.picture).any(), keep


def test_in_16_bits_a_processor_paints_nearly_the_same_picture(capsys, files, way, tmp_path):
    plain = replace(way, details=False)
    wide, short = (
        pipeline.stylise(files / "girl.png", replace(plain, half=h)).picture for h in (False, True)
    )
    assert 0 < np.abs(wide - short).mean() < 0.03
    given = {"--checkpoint": "sdxl", "--canny": "canny", "--tile": "tile"}
    paths = [word for name, folder in given.items() for word in (name, str(files / folder))]
    words = ["stylise", str(files / "girl.png"), *paths, "--steps", "2", "--no-details", "--quiet", *SIZE]
    assert main([*words, "--precision", "16", "-o", str(tmp_path / "16.png")]) == 0, capsys.readouterr().err
    shown = np.asarray(Image.open(tmp_path / "16.png"), np.float32) / 255
    assert np.abs(shown - short).max() < 0.003


def test_the_enlarged_picture_is_gone_over_by_the_same_seed(files, way, tmp_path):
    import torch
    from safetensors.torch import save_file

    from genkei.nets.rrdb import rrdb

    torch.manual_seed(0)
    save_file({n: t.contiguous() for n, t in rrdb(1, 8, 4).state_dict().items()}, tmp_path / "up.safetensors")
    large = replace(way, upscaler=tmp_path / "up.safetensors", details=False)
    one, again = (pipeline.stylise(files / "girl.png", large) for _ in range(2))
    assert one.picture.shape == one.drawing.shape == (144, 96, 3)
    assert (one.picture == again.picture).all() and one.picture.std() > 0


def test_a_detail_is_painted_again_inside_its_box_alone(way, styled):
    from genkei.stylise.details import Box
    from genkei.stylise.run import Run

    found = Run.of(way).repainted(styled.picture, Box("face", 16, 8, 32))
    changed = (found != styled.picture).any(-1)
    assert changed[8:40, 16:48].any()
    changed[8:40, 16:48] = False
    assert not changed.any()


def test_the_command_prints_what_was_kept(capsys, files, tmp_path):
    out = tmp_path / "図 styled.png"
    code = main(
        ["stylise", str(files / "girl.png"), "-o", str(out), "--checkpoint", str(files / "sdxl"), "--quiet",
         "--canny", str(files / "canny"), "--steps", "2", "--no-details", *SIZE]
    )  # fmt: skip
    told = capsys.readouterr()
    assert code == 0, told.err
    assert "of its lines" in told.out and out.is_file()


def test_without_a_checkpoint_light_falls_on_the_drawing(capsys, files, tmp_path):
    out = tmp_path / "shot.png"
    code = main(["stylise", str(files / "girl.png"), "-o", str(out), "--quiet", *SIZE])
    told = capsys.readouterr()
    assert code == 0, told.err
    assert "no checkpoint was given" in told.out and out.is_file()
    assert "of its lines" in told.out and "colours off by" in told.out


def test_nothing_is_downloaded(files, tmp_path):
    """In a process whose sockets do not open, and without the variable that forbids the hub."""
    blocked = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise AssertionError('a connection was tried')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from genkei.apps.cli import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    words = ["stylise", str(files / "girl.png"), "-o", str(tmp_path / "a.png"), "--checkpoint"]
    more = [str(files / "sdxl"), "--keep", "colours", "--steps", "1", "--no-details", "--quiet", *SIZE]
    done = subprocess.run([sys.executable, "-c", blocked, *words, *more], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (tmp_path / "a.png").unlink()
    unknown = [*words, "someone/no-such-model", *more[1:]]
    done = subprocess.run([sys.executable, "-c", blocked, *unknown], capture_output=True, text=True)
    says = " ".join(done.stderr.split())
    assert done.returncode == 1 and "downloads nothing" in says and "Traceback" not in says


def changed(files: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoint that may be spoilt."""
    return Path(shutil.copytree(files / "sdxl", tmp_path / "spoilt"))


def refusal(files: Path, checkpoint: Path, **more) -> str:
    way = Stylise(checkpoint, keep="colours", width_px=64, height_px=64, steps=1, details=False, **more)
    with pytest.raises(ValueError) as told:
        pipeline.stylise(files / "girl.png", way)
    return str(told.value)


def test_a_checkpoint_without_its_tokenizer_is_refused(files, tmp_path):
    spoilt = changed(files, tmp_path)
    shutil.rmtree(spoilt / "tokenizer_2")
    assert "tokenizer_2 is missing" in refusal(files, spoilt)


def test_half_matching_weights_are_refused(files, tmp_path):
    from safetensors.torch import load_file, save_file

    spoilt = changed(files, tmp_path)
    file = next((spoilt / "unet").glob("*.safetensors"))
    tensors = load_file(file)
    tensors.pop("conv_in.weight")
    save_file(tensors, file, {"format": "pt"})
    assert "1 tensors are missing (conv_in.weight first)" in refusal(files, spoilt)


def test_text_encoders_load_under_the_names_they_were_published_with(files, tmp_path):
    """SDXL's files say `text_model.` before every name and carry position numbers; newer ones do not."""
    import torch
    from safetensors.torch import load_file, save_file

    from genkei.stylise.checkpoint import load

    older = changed(files, tmp_path)
    for part in ("text_encoder", "text_encoder_2"):
        file = next((older / part).glob("*.safetensors"))
        tensors = {
            name
            if name.startswith("text_projection")
            else f"text_model.{name.removeprefix('text_model.')}": tensor
            for name, tensor in load_file(file).items()
        }
        tensors["text_model.embeddings.position_ids"] = torch.arange(77)[None]
        save_file(tensors, file, {"format": "pt"})
    was, now = (load(folder, None, "cpu", torch.float32) for folder in (files / "sdxl", older))
    for part in ("text_encoder", "text_encoder_2"):
        for old, new in zip(was[part].parameters(), now[part].parameters(), strict=True):
            assert torch.equal(old, new)


def test_another_pipeline_is_refused(files, tmp_path):
    spoilt = changed(files, tmp_path)
    index = spoilt / "model_index.json"
    index.write_text(index.read_text().replace("StableDiffusionXLPipeline", "StableDiffusionPipeline"))
    assert "is no SDXL" in refusal(files, spoilt)


def test_a_truncated_part_is_refused(files, tmp_path):
    spoilt = changed(files, tmp_path)
    file = next((spoilt / "vae").glob("*.safetensors"))
    file.write_bytes(file.read_bytes()[:-100])
    assert "breaks off" in refusal(files, spoilt) or "cut off" in refusal(files, spoilt)


def test_a_single_file_that_is_no_sdxl_says_what_it_is(files, tmp_path):
    lora = write_safetensors(tmp_path / "style.safetensors", {"lora_unet_x.lora_down.weight": (4, 8)})
    assert "is not what is wanted here" in refusal(files, lora)


def test_a_single_file_wants_the_small_files_beside_it(files, tmp_path, monkeypatch):
    from genkei.nets.published.table import named
    from tests.nets.published.files import key_shapes

    real = write_safetensors(tmp_path / "pvc.safetensors", key_shapes(named("sdxl")))
    assert "--config FOLDER" in refusal(files, real)
    assert "is no folder" in refusal(files, real, config=lora_file(tmp_path))
    assert "lacks unet/config.json" in refusal(files, real, config=empty_folder(tmp_path))


def lora_file(tmp_path: Path) -> Path:
    return write_safetensors(tmp_path / "x.safetensors", {"a": (1,)})


def empty_folder(tmp_path: Path) -> Path:
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


def test_a_control_of_another_kind_is_refused(files, way):
    with pytest.raises(ValueError, match="is no ControlNet for SDXL"):
        pipeline.stylise(files / "girl.png", replace(way, canny=files / "sdxl" / "unet"))


@pytest.mark.parametrize("part", ["canny", "sdxl"])
def test_what_does_not_fit_the_memory_is_refused_before_it_is_read(files, monkeypatch, part):
    """Weighed in the precision it runs in: a file in halves takes twice its size on the processor."""
    import torch

    from genkei.nets.published import weights
    from genkei.nets.published.contents import read
    from genkei.stylise.checkpoint import load, load_control

    way = load_control if part == "canny" else partial(load, config=None)
    need = read(files / part).bytes
    room = need + weights.HEADROOM_GB * 1e9
    monkeypatch.setattr(weights, "free_bytes", lambda device: room + 1)
    way(files / part, device="cpu", dtype=torch.float32)
    monkeypatch.setattr(weights, "free_bytes", lambda device: room - 1)
    with pytest.raises(ValueError, match=r"GB free.*smaller model"):
        way(files / part, device="cpu", dtype=torch.float32)
    way(files / part, device="cpu", dtype=torch.float16)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"preset": "oil"}, "'oil' is not known"),
        ({"width_px": 100}, "width is 100 px"),
        ({"steps": 0}, "0 steps"),
        ({"canny": None}, "an edge ControlNet is needed"),
    ],
)
def test_what_cannot_be_meant_is_said(way, wrong, says):
    with pytest.raises(ValueError, match=says):
        replace(way, **wrong)


def test_controls_without_a_checkpoint_are_wrong_usage(capsys, files, tmp_path):
    out = tmp_path / "a.png"
    code = main(
        ["stylise", str(files / "girl.png"), "-o", str(out), "--canny", str(files / "canny"), "--quiet"]
    )
    assert code == 2 and "--canny work on a --checkpoint" in " ".join(capsys.readouterr().err.split())
    assert not out.exists()


def test_an_empty_view_is_refused(way):
    from genkei.types import Camera, View

    with pytest.raises(ValueError, match="view is empty"):
        way(View(np.zeros((32, 32, 4), np.float32), Camera.orthographic(0.0)))
