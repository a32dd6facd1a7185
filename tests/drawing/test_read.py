"""Whatever file a person hands in: one float RGBA, or one sentence that helps."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from genkei.drawing.read import LONGEST_PX, read_file, read_picture

RAMP = np.linspace(0, 255, 64 * 48).astype(np.uint8).reshape(48, 64)


def colourful() -> Image.Image:
    rgb = np.stack([RAMP, RAMP[::-1], 255 - RAMP], -1)
    return Image.fromarray(rgb)


@pytest.mark.parametrize(
    "mode", ["RGB", "RGBA", "L", "LA", "1", "P", "PA", "CMYK", "HSV", "YCbCr", "I;16", "I", "F"]
)
def test_every_mode_becomes_rgba(tmp_path, mode):
    path = tmp_path / "picture.tif"
    if mode in ("I;16", "I", "F"):
        values = RAMP.astype({"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]) * 257
        Image.fromarray(values).save(path)
    elif mode in ("PA", "HSV"):
        path = tmp_path / "picture.png"
        colourful().convert("P" if mode == "PA" else "RGB").save(
            path, **({"transparency": 0} if mode == "PA" else {})
        )
    else:
        colourful().convert(mode).save(path)
    rgba = read_picture(path)
    assert rgba.shape == (48, 64, 4) and rgba.dtype == np.float32
    assert rgba.min() >= 0 and rgba.max() <= 1 and np.ptp(rgba[..., 0]) > 0.35


def test_sixteen_bit_grey_is_scaled_not_clipped(tmp_path):
    Image.fromarray(RAMP.astype(np.uint16) * 257).save(tmp_path / "deep.png")
    grey = read_picture(tmp_path / "deep.png")
    assert np.abs(grey[..., 0] - RAMP / 255).max() < 1e-4 and (grey[..., 3] == 1).all()


def test_palette_transparency_and_first_frame(tmp_path):
    frames = [Image.new("P", (40, 40), k) for k in (0, 1)]
    for frame in frames:
        frame.putpalette([255, 0, 0, 0, 0, 255, 0, 255, 0])
        frame.paste(2, (0, 0, 20, 40))
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:], transparency=2)
    rgba = read_picture(tmp_path / "moving.gif")
    assert (rgba[:, :20, 3] == 0).all() and np.allclose(rgba[:, 21:], [1, 0, 0, 1])


def test_exif_rotation_is_undone(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    colourful().save(tmp_path / "turned.png", exif=exif)
    upright = read_picture(tmp_path / "turned.png")
    assert np.allclose(upright, np.rot90(np.asarray(colourful().convert("RGBA"), np.float32) / 255, -1))


def test_embedded_profile_is_used_and_a_lying_one_ignored(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    colourful().save(tmp_path / "good.png", icc_profile=profile)
    colourful().convert("CMYK").save(tmp_path / "lying.tif", icc_profile=profile)
    wanted = np.asarray(colourful(), np.float32) / 255
    assert np.abs(read_picture(tmp_path / "good.png")[..., :3] - wanted).max() < 0.02
    assert np.abs(read_picture(tmp_path / "lying.tif")[..., :3] - wanted).max() < 0.02


def test_lab_picture(tmp_path):
    lab = ImageCms.profileToProfile(
        colourful(), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    lab.save(tmp_path / "lab.tif")
    wanted = np.asarray(colourful(), np.float32) / 255
    assert np.abs(read_picture(tmp_path / "lab.tif")[..., :3] - wanted).mean() < 0.03


def test_large_scan_is_reduced_without_colour_from_hidden_pixels(tmp_path):
    rgba = np.zeros((600, 5000, 4), np.uint8)
    rgba[:, ::2] = [255, 0, 0, 255]
    rgba[:, 1::2] = [0, 255, 0, 0]
    Image.fromarray(rgba).save(tmp_path / "scan.png")
    found = read_file(tmp_path / "scan.png")
    assert found.rgba.shape[1] == LONGEST_PX and found.reduction == pytest.approx(5000 / LONGEST_PX)
    assert found.rgba[10:-10, 10:-10, 1].max() < 0.02


def test_spaces_and_kanji_in_the_path(tmp_path):
    folder = tmp_path / "原型 の 絵"
    folder.mkdir()
    colourful().save(folder / "前 面.png")
    assert read_picture(folder / "前 面.png").shape == (48, 64, 4)


def refusal(path) -> str:
    with pytest.raises(ValueError) as caught:
        read_picture(path)
    return str(caught.value)


def test_refusals(tmp_path):
    assert "does not exist" in refusal(tmp_path / "no.png")
    assert "folder" in refusal(tmp_path)
    (tmp_path / "empty.png").touch()
    assert "0 bytes" in refusal(tmp_path / "empty.png")
    (tmp_path / "text.png").write_text("this is no picture at all")
    assert "begins with b'this is no pictu'" in refusal(tmp_path / "text.png")
    colourful().save(tmp_path / "whole.png")
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (200, 200, 3), np.uint8))
    noise.save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:5000])
    assert "breaks off" in refusal(tmp_path / "cut.png")
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    assert "1 x 1 px, wanted at least 32" in refusal(tmp_path / "dot.png")
    Image.new("RGBA", (50, 50)).save(tmp_path / "clear.png")
    assert "fully transparent" in refusal(tmp_path / "clear.png")


def claims(width: int, height: int, path):
    """A PNG whose header promises that many pixels and whose data are missing."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"")))
    return path


def test_bombs_are_refused_before_they_are_unpacked(tmp_path):
    assert "too large (13500 x 13200 px)" in refusal(claims(13500, 13200, tmp_path / "big.png"))
    assert "too large" in refusal(claims(60000, 60000, tmp_path / "bomb.png"))
    assert "breaks off" in refusal(claims(12000, 12000, tmp_path / "scan.png"))


def test_unknown_colour_mode_is_named(tmp_path, monkeypatch):
    colourful().convert("YCbCr").save(tmp_path / "odd.tif")

    def stuck(*_args, **_options):
        raise ValueError("conversion not supported")

    monkeypatch.setattr("genkei.drawing.read._to_srgb", stuck)
    assert "colour mode" in refusal(tmp_path / "odd.tif")
