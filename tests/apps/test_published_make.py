"""Sides by published models, to the GLB: tiny random checkpoints, the whole road, by seed, no connection.

Only the numbers in the files are random; everything between the command and the GLB runs as it does for a
user. A random model draws no character, so a matte net that sees an oval everywhere cuts one out.
"""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra: pip install 'genkei[diffusion]'")
pytest.importorskip("diffusers")
pytest.importorskip("onnx")

from genkei import pipeline  # noqa: E402
from genkei.apps.cli import main  # noqa: E402
from genkei.drawing.around import Around  # noqa: E402
from genkei.drawing.published import Published  # noqa: E402
from genkei.drawing.sheet import Options  # noqa: E402
from genkei.formats.files import read_model  # noqa: E402
from genkei.formats.glb_writer import write_character, write_figure  # noqa: E402
from genkei.nets.published.matte_net import load_matte  # noqa: E402
from genkei.nets.published.table import named  # noqa: E402
from genkei.pipeline import Recipe  # noqa: E402
from genkei.shape.hull import Hull  # noqa: E402
from genkei.texture.paint import Paint  # noqa: E402
from tests.apps.drawings import draw_girl  # noqa: E402
from tests.nets.published.onnx_nets import write_oval  # noqa: E402
from tests.nets.published.tiny_views import write_charactergen, write_eschernet  # noqa: E402

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture(scope="module")
def given(tmp_path_factory) -> Path:
    """A drawing, and files of every model."""
    folder = tmp_path_factory.mktemp("given")
    draw_girl(folder / "front.png")
    write_oval(folder / "oval.onnx", named("u2netp"))
    write_charactergen(folder, halvings=4)
    write_eschernet(folder / "eschernet-6dof")
    return folder


def run(capsys, verb: str, given: Path, out: str, *words: str | Path) -> tuple[Path, dict]:
    """The folder that was written, and what was told on stdout."""
    told = [verb, given / "front.png", "-o", given / out, "--json", "--quiet", *words]
    told += ["--formats", "glb", "--shape", "hull"] if verb == "make" else []
    code = main([str(word) for word in told])
    said = capsys.readouterr()
    assert code in (0, 3), said.err
    return given / out, json.loads(said.out)


def drawn_by(name: str, given: Path, seed: int = 0) -> list[str | Path]:
    """Words that have a model make the other sides in a few steps."""
    which = {
        "charactergen": ["--charactergen", given / "models", "--sd21", given / "sd21"],
        "eschernet": ["--eschernet", given / "eschernet-6dof"],
    }
    return [*which[name], "--steps", "2", "--seed", str(seed), "--matte", given / "oval.onnx"]


def pictures(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted((folder / "views").glob("*.png"))}


def solid(folder: Path) -> int:
    """Triangles of the character's GLB."""
    return len(read_model(folder / "character.glb").faces)


def test_sides_that_charactergen_makes_become_a_character(capsys, given):
    out, told = run(capsys, "make", given, "made", *drawn_by("charactergen", given))
    assert {view["name"] for view in told["views"]} == {"front", "left", "back", "right"}
    assert solid(out) > 1000
    assert any("guesses" in note for note in told["notes"])


def test_the_same_seed_gives_the_same_files_byte_for_byte(given):
    """The whole road from the drawing to the files, small so that it can be gone three times."""

    def files(seed: int, out: Path) -> list[bytes]:
        recipe = Recipe(
            read=Options(size_px=256, mattes=(Published(load_matte(given / "oval.onnx")),)),
            around=Around(given / "models", given / "sd21", steps=2, seed=seed),
            shape=Hull(resolution=48),
            paint=Paint(size=256),
            look=False,
        )
        made = pipeline.make(given / "front.png", recipe=recipe)
        write_character(out / "character.glb", made.character)
        write_figure(out / "figure.glb", made.figure)
        return [(out / name).read_bytes() for name in ("character.glb", "figure.glb")]

    one, again, other = (files(seed, given) for seed in (0, 0, 1))
    assert one == again
    assert one[0] != other[0]


def test_eschernet_makes_the_sides_nobody_drew_and_says_its_licence(capsys, given):
    one, told = run(capsys, "views", given, "one", *drawn_by("eschernet", given))
    assert [view["name"] for view in told["views"]] == ["front", "left", "back", "right"]
    assert any("guesses" in note and "non-commercial" in note for note in told["notes"])
    again, _ = run(capsys, "views", given, "two", *drawn_by("eschernet", given))
    assert pictures(one) == pictures(again)  # the same seed, the same bytes


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--eschernet", "{given}/eschernet-6dof", "--charactergen", "a", "--sd21", "b"], "give one"),
        (["--charactergen", "a"], "two halves of one model"),
        (["--freedoms", "4"], "give --eschernet FOLDER too"),
        (["--steps", "4"], "give one of them"),
        (["--eschernet", "{given}/eschernet-6dof", "--steps", "-1"], "1 or more"),
    ],
)
def test_words_that_cannot_be_meant(capsys, given, words, says):
    words = [word.format(given=given) for word in words]
    assert main(["make", str(given / "front.png"), "-o", str(given / "never"), *words]) == 2
    assert says in " ".join(capsys.readouterr().err.split())


def test_what_a_model_drew_is_refused_in_words_where_no_character_is_in_it(capsys, given):
    """The oval's own picture is found by the background's colour; random pictures have none."""
    words = [word for word in drawn_by("eschernet", given) if word != given / "oval.onnx"]
    words.remove("--matte")
    assert main([str(w) for w in ("views", given / "front.png", "-o", given / "no", *words)]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "what the model drew cannot be read" in said and "Another --seed" in said


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
@pytest.mark.parametrize(
    "words",
    [
        ["--matte", "{given}/oval.onnx"],
        ["--eschernet", "{given}/eschernet-6dof"],
        ["--charactergen", "{given}/models", "--sd21", "{given}/sd21"],
        ["--shape", "triposr", "--checkpoint", "{given}/oval.onnx"],
        ["--prior", "{given}/sd21"],
        ["--box", "1,2,30,40", "--sam", "{given}/sd21"],
    ],
    ids=lambda words: words[0],
)
def test_a_gpu_that_is_not_there_is_said(capsys, given, words):
    words = [word.format(given=given) for word in words]
    assert main(["make", str(given / "front.png"), "-o", str(given / "g"), "--device", "cuda", *words]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert "--device cuda" in said and "leave --device out" in said


def test_the_oval_is_an_oval(given):
    plane = load_matte(given / "oval.onnx")(np.zeros((80, 40, 3), np.float32))
    assert plane[40, 20] == 1 and plane[0, 0] == 0 and 0.25 < float((plane > 0.5).mean()) < 0.4
