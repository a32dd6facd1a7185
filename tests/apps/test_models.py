"""`genkei models`: the table, one model, one file; told on one screen or as JSON."""

import hashlib
import json
from dataclasses import replace

import pytest

from genkei.apps.cli import main
from genkei.nets.published import recognise, table
from genkei.nets.published.table import named
from tests.nets.published.files import write_model, write_safetensors


def test_the_table_names_every_model_with_a_job(capsys):
    assert main(["models"]) == 0
    told = capsys.readouterr().out
    for model in table.models().values():
        assert (f"\n{model.name} " in told) == (model.job != "none")
    assert main(["models", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["models"]
    assert {row["name"] for row in listed} == {m.name for m in table.models().values() if m.job != "none"}


def test_one_model_is_told_with_its_licence_and_faults(capsys):
    assert main(["models", "info", "isnet-anime"]) == 0
    told = capsys.readouterr().out
    model = named("isnet-anime")
    assert model.sha256 in told and model.weak in told and "commercial use: yes" in told
    assert main(["models", "info", "isnet-anime", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["sha256"] == model.sha256


def test_a_file_is_told_by_what_it_looks_like(tmp_path, capsys):
    path = write_model(tmp_path, named("sam-vit-b"))
    assert main(["models", "check", str(path)]) == 0
    assert "it looks like Segment Anything, ViT-B (sam-vit-b)" in capsys.readouterr().out
    assert main(["models", "check", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["looks_like"] == ["sam-vit-b"]


def test_a_stranger_fails_the_check(tmp_path, capsys):
    path = write_safetensors(tmp_path / "x.safetensors", {"strange.weight": (2, 2)})
    assert main(["models", "check", str(path)]) == 1
    assert "no model that genkei knows; its first tensor is strange.weight" in capsys.readouterr().out


@pytest.mark.parametrize("right", [True, False])
def test_the_hash_on_record_is_compared(tmp_path, capsys, monkeypatch, right):
    model = named("lora")
    path = write_model(tmp_path, model)
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if right else "0" * 64
    known = {"lora": replace(model, sha256=digest, bytes=1)}
    monkeypatch.setattr(recognise, "models", lambda: known)
    assert main(["models", "check", str(path)]) == 0
    told = capsys.readouterr().out
    assert ("the published file of lora" if right else "not the one on record") in told


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["info"], 2, "needs a model's NAME"),
        (["check"], 2, "needs the PATH of a file"),
        (["info", "nobody"], 1, "no model called 'nobody'"),
        (["check", "nowhere.safetensors"], 1, "does not exist"),
        (["delete"], 2, "delete"),
    ],
)
def test_wrong_words(capsys, words, code, says):
    assert main(["models", *words]) == code
    assert says in " ".join(capsys.readouterr().err.split())
