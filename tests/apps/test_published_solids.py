"""Solids by published models, to the GLB: tiny random checkpoints, the whole road, no connection."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="needs the extra: pip install 'genkei[torch]'")

from genkei.apps.cli import main  # noqa: E402
from genkei.formats.files import read_model  # noqa: E402
from genkei.nets import charactergen3d, triposr  # noqa: E402
from genkei.nets.published import recognise  # noqa: E402
from genkei.nets.published.table import models  # noqa: E402
from tests.apps.drawings import draw_girl  # noqa: E402
from tests.nets.checkpoints import random_weights  # noqa: E402
from tests.nets.test_charactergen3d import TINY as TINY_3D  # noqa: E402
from tests.nets.test_triposr import TINY as TINY_SR  # noqa: E402

pytestmark = pytest.mark.usefixtures("no_network")


@pytest.fixture
def tiny(monkeypatch):
    """Nets of smaller sizes where the published ones are fixed, and their rows with free lengths."""
    monkeypatch.setattr(triposr, "Sizes", lambda: TINY_SR)
    monkeypatch.setattr(charactergen3d, "Sizes", lambda: TINY_3D)
    free = {
        name: replace(model, keys=tuple((key, tuple(-1 for _ in shape)) for key, shape in model.keys))
        for name, model in models().items()
        if name in ("triposr", "charactergen-3d")
    }
    monkeypatch.setattr(recognise, "models", lambda: {**models(), **free})


def made(capsys, folder: Path, file: str, layout: dict, last: str, *words: str | Path) -> dict:
    """What `genkei make` told on stdout, by a random checkpoint."""
    draw_girl(folder / "front.png")
    weights = random_weights(layout, 3)
    weights[last][0] = 8.0  # most of the field is matter: a net that sees none is refused
    torch.save({"state_dict": weights}, folder / file)
    told = ["make", folder / "front.png", "-o", folder / "out", "--json", "--quiet", "--formats", "glb"]
    code = main([str(word) for word in (*told, "--checkpoint", folder / file, *words)])
    said = capsys.readouterr()
    assert code in (0, 3), said.err
    assert len(read_model(folder / "out" / "character.glb").faces) > 1000
    return json.loads(said.out)


def test_one_drawing_becomes_a_solid_by_triposr(capsys, tmp_path, tiny):
    words = ["--shape", "triposr"]
    told = made(capsys, tmp_path, "model.ckpt", TINY_SR.layout, "decoder.layers.6.bias", *words)
    assert told["scores"][0]["silhouette_iou"] > 0.9  # the drawing's outline holds, whatever the net says
    assert {entry["name"] for entry in told["inputs"]} >= {"front.png", "model.ckpt"}


def test_four_sides_become_a_solid_by_the_3d_stage(capsys, tmp_path, tiny):
    sides = [word for side in ("back", "left", "right") for word in (f"--{side}", tmp_path / "front.png")]
    words = [*sides, "--shape", "charactergen", "--as-drawn"]
    told = made(capsys, tmp_path, "lrm.ckpt", TINY_3D.layout, "decoder.heads.sdf.2.bias", *words)
    assert len(told["views"]) == 4
