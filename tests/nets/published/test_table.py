"""The table of models says what it must, and every row is told from every other."""

import re
from dataclasses import replace

import pytest

from genkei.nets.published.contents import read
from genkei.nets.published.recognise import looks_like
from genkei.nets.published.table import COMMERCIAL, STATUSES, models, named
from tests.nets.published.files import key_shapes, write_model, write_safetensors

ROWS = list(models().values())
BY_FILE = [m for m in ROWS if m.keys and not any(k.startswith(("input:", "output:")) for k, _ in m.keys)]


@pytest.mark.parametrize("model", ROWS, ids=lambda m: m.name)
def test_a_row_says_what_a_user_must_know(model):
    assert model.status in STATUSES
    assert model.commercial in COMMERCIAL
    for said in (model.title, model.job, model.licence, model.weak, model.get, model.source):
        assert said.strip() == said != ""
    assert not model.sha256 or (re.fullmatch(r"[0-9a-f]{64}", model.sha256) and model.bytes > 0)
    assert bool(model.use) or model.status != "runs"
    assert bool(model.keys) or model.status != "runs"


@pytest.mark.parametrize("model", BY_FILE, ids=lambda m: m.name)
def test_a_file_is_told_by_its_tensors(model, tmp_path):
    found = looks_like(read(write_model(tmp_path / "m", model))).models
    same = {m.name for m in ROWS if m.keys == model.keys}
    assert model.name in {m.name for m in found}
    assert {m.name for m in found} <= same


@pytest.mark.parametrize("model", [m for m in BY_FILE if len(m.keys) > 1], ids=lambda m: m.name)
def test_one_key_missing_is_another_file(model, tmp_path):
    less = replace(model, keys=model.keys[1:])
    found = looks_like(read(write_model(tmp_path / "m", less)))
    assert model.name not in {m.name for m in found.models}


def test_the_class_of_a_folder_decides_between_equals(tmp_path):
    folder = write_model(tmp_path / "m", named("marigold-normals"))
    assert [m.name for m in looks_like(read(folder)).models] == ["marigold-normals"]


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"no model called 'sdxxl'; there are .*sdxl"):
        named("sdxxl")


def test_the_nearest_is_told_with_what_speaks_against_it(tmp_path):
    shapes = key_shapes(named("sam-vit-b"))
    shapes["vision_encoder.patch_embed.projection.weight"] = (64, 3, 16, 16)
    found = looks_like(read(write_safetensors(tmp_path / "s.safetensors", shapes)))
    assert not found.models
    assert "is [64, 3, 16, 16] instead of [" in found.told
