"""The road to the slicer: what it is told, what its words mean, and what happens without it."""

import pytest

from genkei.formats import slicer
from genkei.formats.slicer import Machine, _minutes


def test_the_settings_are_a_flat_table_of_the_machine():
    resin = Machine("resin", (218, 123), 250, 0.05).settings
    assert resin["printer_technology"] == "SLA" and resin["bed_shape"] == "0x0,218x0,218x123,0x123"
    assert resin["supports_enable"] == 0 and resin["display_width"] == 218
    fdm = Machine("fdm", (250, 210), 210, 0.2, supports=True, filaments=3, more={"perimeters": 4}).settings
    assert fdm["nozzle_diameter"] == "0.4,0.4,0.4" and fdm["support_material"] == 1
    assert fdm["perimeters"] == 4 and fdm["layer_height"] == 0.2
    assert "0.05 mm" in Machine("resin", (218, 123), 250, 0.05).says


def test_times_in_the_slicers_words():
    assert _minutes("1d 2h 3m 30s") == 1440 + 120 + 3.5
    assert _minutes("28m 0s") == 28 and _minutes("") == 0


def test_without_the_slicer_the_next_step_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert slicer.program() == ""
    with pytest.raises(ValueError, match="PrusaSlicer is not installed: apt install prusa-slicer"):
        slicer.info(tmp_path / "x.stl")


def _fake(tmp_path, monkeypatch, script: str) -> None:
    """A program of that name that does what the script says."""
    program = tmp_path / slicer.NAME
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("echo No extrusions; exit 3", "ended with code 3: No extrusions"),
        ("exit 1", "ended with code 1: it said nothing"),
        ("exit 0", "wrote nothing for x.stl"),
        ('while [ "$1" != "-o" ]; do shift; done; echo "; no layers" > "$2"', "made no layers of x.stl"),
    ],
)
def test_a_slicer_that_does_not_do_its_work_is_told(tmp_path, monkeypatch, script, says):
    _fake(tmp_path, monkeypatch, script)
    with pytest.raises(ValueError, match=says):
        slicer.slice_part(tmp_path / "x.stl", Machine("fdm", (250, 210), 210, 0.2))


def test_a_slicer_that_never_ends_is_stopped(tmp_path, monkeypatch):
    _fake(tmp_path, monkeypatch, "exec sleep 30")
    with pytest.raises(ValueError, match=r"did not finish within 0\.2 s"):
        slicer.run("--info", "x", timeout_s=0.2)
