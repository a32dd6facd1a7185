"""Our GLB in programs other people wrote: Khronos' validator and three.js' loader, both in plain node."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from genkei.formats import glb
from tests.formats.probes import character, figure, put_together, taken_apart

pytestmark = pytest.mark.clients

VALIDATE = """
const fs = require('fs');
const validator = require('gltf-validator');
validator.validateBytes(new Uint8Array(fs.readFileSync(process.argv[1]))).then(report => {
  const { numErrors, numWarnings, messages } = report.issues;
  console.log(JSON.stringify({
    errors: numErrors, warnings: numWarnings,
    codes: messages.map(m => m.severity + ' ' + m.code + ' ' + m.pointer),
    triangles: report.info.totalTriangleCount,
    skins: report.info.hasSkins, textures: report.info.hasTextures }));
});
"""

LOAD = """
globalThis.self = globalThis;
globalThis.createImageBitmap = async () => ({ width: 1, height: 1, close() {} });
const fs = await import('fs');
const { pathToFileURL } = await import('url');
const modules = process.env.NODE_PATH;
const { GLTFLoader } = await import(pathToFileURL(modules + '/three/examples/jsm/loaders/GLTFLoader.js'));
const { Box3 } = await import(pathToFileURL(modules + '/three/build/three.module.js'));
const raw = fs.readFileSync(process.argv[1]);
const buffer = raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.byteLength);
new GLTFLoader().parse(buffer, '', gltf => {
  gltf.scene.updateMatrixWorld(true);
  const meshes = [], bones = [];
  gltf.scene.traverse(o => { if (o.isMesh) meshes.push(o); if (o.isBone) bones.push(o.name); });
  const box = new Box3().setFromObject(gltf.scene, true);
  console.log(JSON.stringify({
    names: meshes.map(m => m.name), bones, low: box.min.toArray(), high: box.max.toArray(),
    unlit: meshes.every(m => m.material.type === 'MeshBasicMaterial'),
    textured: meshes.every(m => m.material.map) }));
}, error => { console.error(String(error)); process.exit(1); });
"""


def node_modules() -> Path:
    """$GENKEI_NODE_MODULES, else `node_modules` in the repository; skips the test when neither serves."""
    folder = Path(os.environ.get("GENKEI_NODE_MODULES", Path(__file__).resolve().parents[2] / "node_modules"))
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (folder / "gltf-validator").is_dir() or not (folder / "three").is_dir():
        pytest.skip(f"gltf-validator and three are not in {folder}: npm i gltf-validator three")
    return folder


def node(script: str, path: Path, module: bool = False) -> dict[str, Any]:
    """What a script prints about a file, parsed; fails the test with the script's own error."""
    modules = node_modules()
    kind = ["--input-type=module"] if module else []
    done = subprocess.run(
        ["node", *kind, "-e", script, "--", str(path)],
        env=os.environ | {"NODE_PATH": str(modules)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def written(folder: Path, kind: str) -> Path:
    path = folder / f"{kind}.glb"
    if kind == "figure":
        glb.write_figure(path, figure())
    else:
        glb.write_character(path, character(rigged=kind == "rigged"))
    return path


@pytest.mark.parametrize("kind", ["figure", "character", "rigged"])
def test_the_validator_finds_no_error_and_no_warning(tmp_path: Path, kind: str) -> None:
    report = node(VALIDATE, written(tmp_path, kind))
    assert (report["errors"], report["warnings"]) == (0, 0), report["codes"]
    assert report["triangles"] == 24
    assert report["textures"]
    assert report["skins"] == (kind == "rigged")


def test_the_validator_refuses_a_broken_file(tmp_path: Path) -> None:
    tree, binary = taken_apart(written(tmp_path, "figure"))
    tree["accessors"][0]["max"][0] += 1
    report = node(VALIDATE, put_together(tmp_path / "broken.glb", tree, binary))
    assert report["errors"] > 0


def test_three_js_shows_parts_bones_size_and_paint(tmp_path: Path) -> None:
    seen = node(LOAD, written(tmp_path, "rigged"), module=True)
    assert seen["names"] == ["body", "head_1"]  # three makes names unique over the whole scene
    assert seen["bones"] == ["hips", "spine", "head"]
    assert seen["low"] == pytest.approx([-0.32, 0, -0.16], abs=1e-5)
    assert seen["high"] == pytest.approx([0.32, 1.6, 0.32], abs=1e-5)
    assert seen["unlit"]
    assert seen["textured"]


def test_three_js_refuses_a_broken_file(tmp_path: Path) -> None:
    path = written(tmp_path, "figure")
    path.write_bytes(b"glTX" + path.read_bytes()[4:])
    with pytest.raises(AssertionError, match="SyntaxError"):
        node(LOAD, path, module=True)
