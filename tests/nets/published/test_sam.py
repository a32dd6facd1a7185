"""Segment Anything by its published classes: our preparation is theirs, loading is whole or refused."""

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra: pip install 'genkei[diffusion]'")
transformers = pytest.importorskip("transformers", reason="needs the extra: pip install 'genkei[diffusion]'")

from genkei.nets.published import recognise  # noqa: E402
from genkei.nets.published.sam import load_segmenter  # noqa: E402
from genkei.nets.published.table import models, named  # noqa: E402
from tests.nets.published.files import write_model  # noqa: E402
from tests.nets.published.tiny_sam import SIDE, save, tiny, tiny_rows  # noqa: E402

NAMES = ("sam-vit-b", "sam2-tiny")
BOX, POINTS = (10.0, 5.0, 60.0, 90.0), ((30.0, 40.0, True), (70.0, 95.0, False))


@pytest.fixture
def small_rows(monkeypatch):
    monkeypatch.setattr(recognise, "models", tiny_rows)


def picture() -> np.ndarray:
    rng = np.random.default_rng(2)
    return np.kron(rng.random((10, 8, 3)), np.ones((10, 10, 1))).astype(np.float32)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("words", [(BOX, ()), (None, POINTS), (BOX, POINTS)], ids=["box", "points", "both"])
def test_masks_are_those_of_the_class_itself(tmp_path, small_rows, name, words):
    net = load_segmenter(save(name, tmp_path / "m"))
    assert net.side_px == SIDE
    masks, worth = net(picture(), *words)
    assert masks.shape == (3, 100, 80) and worth.shape == (3,)
    again, _ = net(picture(), *words)
    assert (masks == again).all()
    wanted = plainly(name, *words)
    assert np.abs(masks - wanted).max() < 1e-4 * max(np.abs(wanted).max(), 1)


def plainly(name, box, points):
    """The steps of the published demos in a row, over the class as it was saved."""
    from PIL import Image
    from torch.nn.functional import interpolate

    wide, high = (102, 128) if name == "sam-vit-b" else (128, 128)
    raw = Image.fromarray((picture() * 255).round().astype(np.uint8))
    small = np.asarray(raw.resize((wide, high), Image.Resampling.BILINEAR)) / 255
    paper = torch.zeros(1, 3, 128, 128)
    for c, (mean, std) in enumerate(zip((0.485, 0.456, 0.406), (0.229, 0.224, 0.225), strict=True)):
        paper[0, c, :high, :wide] = torch.tensor((small[..., c] - mean) / std)
    given = {"pixel_values": paper}
    if box is not None:
        corners = [n * s for n, s in zip(box, 2 * (wide / 80, high / 100), strict=True)]
        given["input_boxes"] = torch.tensor([[corners]])
    if points:
        given["input_points"] = torch.tensor([[[[x * wide / 80, y * high / 100] for x, y, _ in points]]])
        given["input_labels"] = torch.tensor([[[1 if on else 0 for _, _, on in points]]])
    with torch.no_grad():
        low = tiny(name)(**given).pred_masks[0]
    up = interpolate(low, (128, 128), mode="bilinear", align_corners=False)[..., :high, :wide]
    return interpolate(up, (100, 80), mode="bilinear", align_corners=False)[0].numpy()


def test_preparation_is_that_of_transformers(tmp_path, small_rows):
    from transformers.models.sam.image_processing_pil_sam import SamImageProcessorPil

    net = load_segmenter(save("sam-vit-b", tmp_path / "m"))
    theirs = SamImageProcessorPil(size={"longest_edge": SIDE}, pad_size={"height": SIDE, "width": SIDE})
    raw = (picture() * 255).round().astype(np.uint8)
    wanted = np.asarray(theirs(raw, return_tensors="np")["pixel_values"])
    assert np.abs(net._seen(picture(), *net._filled(100, 80)) - wanted).max() < 1e-4


def test_the_memory_of_films_is_left_out(tmp_path, small_rows):
    from safetensors.torch import load_file, save_file

    folder = save("sam2-tiny", tmp_path / "m")
    state = load_file(folder / "model.safetensors")
    save_file({**state, "memory_attention.layers.0.w": torch.ones(2)}, folder / "model.safetensors")
    load_segmenter(folder)
    save_file({**state, "surplus": torch.ones(2)}, folder / "model.safetensors")
    with pytest.raises(ValueError, match=r"1 not asked for \(surplus\)"):
        load_segmenter(folder)


@pytest.mark.parametrize("twin", [True, False])
def test_shared_numbers_may_be_there_once_or_twice(tmp_path, small_rows, twin):
    from safetensors.torch import load_file, save_file

    folder = save("sam-vit-b", tmp_path / "m")
    state = load_file(folder / "model.safetensors")
    shared = state["shared_image_embedding.positional_embedding"]
    name = "prompt_encoder.shared_embedding.positional_embedding"
    state.pop(name, None)
    save_file({**state, **({name: shared.clone()} if twin else {})}, folder / "model.safetensors")
    net = load_segmenter(folder).net
    assert torch.equal(net.prompt_encoder.shared_embedding.positional_embedding, shared)


def test_other_folders_are_refused(tmp_path, small_rows):
    with pytest.raises(ValueError, match=r"looks like Segment Anything as its authors published it"):
        load_segmenter(write_model(tmp_path, named("sam-original")))
    folder = save("sam-vit-b", tmp_path / "m")
    with pytest.raises(ValueError, match=r"the weights alone; wanted the folder with config\.json"):
        load_segmenter(folder / "model.safetensors")
    settings = json.loads((folder / "config.json").read_text())
    settings["vision_config"]["num_hidden_layers"] = 3
    (folder / "config.json").write_text(json.dumps(settings))
    with pytest.raises(ValueError, match=r"fits only in part: .* missing \(vision_encoder\.layers\.2"):
        load_segmenter(folder)


@pytest.mark.parametrize("name", ["sam-vit-b", "sam-vit-l", "sam-vit-h"])
def test_rows_of_the_first_are_its_published_sizes(name):
    wide = {"sam-vit-b": (768, 12, 12), "sam-vit-l": (1024, 24, 16), "sam-vit-h": (1280, 32, 16)}[name]
    vision = dict(zip(("hidden_size", "num_hidden_layers", "num_attention_heads"), wide, strict=True))
    with torch.device("meta"):
        state = transformers.SamModel(transformers.SamConfig(vision_config=vision)).state_dict()
    for key, shape in models()[name].keys:
        assert tuple(state[key].shape) == shape


def test_the_row_of_the_second_is_its_published_size():
    with torch.device("meta"):
        state = transformers.Sam2Model(transformers.Sam2Config()).state_dict()
    for key, shape in models()["sam2-tiny"].keys:
        assert tuple(state[key].shape) == shape
