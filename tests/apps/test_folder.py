"""All or nothing: `staged` puts a complete folder into place or leaves everything as it was."""

import json
from pathlib import Path

import pytest

from genkei.apps.folder import staged


def our_folder(target: Path) -> Path:
    target.mkdir()
    (target / "figure.stl").write_text("old")
    (target / "run.json").write_text(json.dumps({"outputs": [{"name": "figure.stl"}]}))
    return target


def refused(target: Path, force: bool, says: str) -> None:
    """The work does not even begin."""
    with pytest.raises((ValueError, OSError), match=says), staged(target, force):
        pytest.fail("the work must not begin")


def test_a_folder_appears_complete(tmp_path):
    target = tmp_path / "a" / "深い 場所"
    with staged(target) as folder:
        (folder / "x").write_text("1")
        assert not target.exists()
    assert [entry.name for entry in target.iterdir()] == ["x"]
    assert [entry.name for entry in (tmp_path / "a").iterdir()] == [target.name]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError, OSError])
def test_a_failure_leaves_nothing(tmp_path, error):
    with pytest.raises(error), staged(tmp_path / "a" / "b" / "out") as folder:
        (folder / "x").write_text("1")
        raise error
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_used(tmp_path):
    (tmp_path / "out").mkdir()
    with staged(tmp_path / "out") as folder:
        (folder / "x").write_text("1")
    assert (tmp_path / "out" / "x").is_file()


def test_force_replaces_our_results_after_success(tmp_path):
    target = our_folder(tmp_path / "out")
    with staged(target, force=True) as folder:
        (folder / "new").write_text("1")
        assert (target / "figure.stl").read_text() == "old"
    assert [entry.name for entry in target.iterdir()] == ["new"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_force_keeps_our_results_on_failure(tmp_path):
    target = our_folder(tmp_path / "out")
    with pytest.raises(RuntimeError), staged(target, force=True):
        raise RuntimeError
    assert (target / "figure.stl").read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


def test_an_existing_folder_is_refused(tmp_path):
    target = our_folder(tmp_path / "out")
    with (
        pytest.raises(ValueError, match="exists already and nothing was overwritten; add --force"),
        staged(target),
    ):
        pytest.fail("the work must not begin")
    assert (target / "figure.stl").read_text() == "old"


@pytest.mark.parametrize("record", ["", "{}", "[]", '{"outputs": [{"name": ""}]}'])
def test_force_never_deletes_what_we_did_not_write(tmp_path, record):
    target = tmp_path / "home"
    target.mkdir()
    (target / "thesis.txt").write_text("years")
    if record:
        (target / "run.json").write_text(record)
    with (
        pytest.raises(ValueError, match=r"holds files that genkei did not write \(.*thesis.txt"),
        staged(target, True),
    ):
        pytest.fail("the work must not begin")
    assert (target / "thesis.txt").read_text() == "years"


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "out").write_text("a file")
    with (
        pytest.raises(ValueError, match="is a file, and the results need a folder"),
        staged(tmp_path / "out", True),
    ):
        pytest.fail("the work must not begin")


def test_a_place_that_takes_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("a file")
    refused(tmp_path / "file" / "out", False, "cannot be written to")


def test_what_appears_meanwhile_is_not_overwritten(tmp_path):
    target = tmp_path / "out"
    with pytest.raises(ValueError, match="exists already"), staged(target) as folder:
        (folder / "x").write_text("1")
        target.mkdir()
        (target / "theirs").write_text("2")
    assert [entry.name for entry in target.iterdir()] == ["theirs"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]
