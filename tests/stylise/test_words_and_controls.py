"""Laws of the prompt dialect, the soft weights, the colour-fix, the upscaler and the score."""

import numpy as np
import pytest

from genkei.stylise.controls import box_blur, canny, detector_px, fit, fixed_colours, placed, soft_weights
from genkei.stylise.details import Box, boxes, crop, pasted, soft_mask
from genkei.stylise.kept import kept
from genkei.stylise.presets import PRESETS
from genkei.stylise.prompts import Words, encode, parse, pieces_of

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers", reason="the extra [diffusion] is not installed")


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("a girl", [("a girl", 1)]),
        ("(a)", [("a", 1.1)]),
        ("[a]", [("a", 1 / 1.1)]),
        ("((a))b", [("a", 1.21), ("b", 1)]),
        ("(a:1.3), b", [("a", 1.3), (", b", 1)]),
        ("(a (b:2) c)", [("a ", 1.1), ("b", 2.2), (" c", 1.1)]),
        (r"\(a\)", [("(a)", 1)]),
        ("(a", [("a", 1.1)]),
        ("a) b", [("a) b", 1)]),
        ("ratio 3:4", [("ratio 3:4", 1)]),
        ("", []),
    ],
)
def test_the_dialect(prompt, words):
    assert [(w.text, pytest.approx(w.weight)) for w in parse(prompt)] == words


def test_a_weight_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match="no number"):
        parse("(a:1.2.3)")


def test_no_word_of_a_preset_is_lost():
    for preset in PRESETS.values():
        for prompt in (preset.positive, preset.negative):
            text = "".join(words.text for words in parse(prompt))
            assert text == prompt.replace("(", "").replace(")", "").replace("[", "").replace("]", "")
    assert Words("abstract", 1 / 1.1) in parse(PRESETS["cinema"].negative)


@pytest.fixture(scope="module")
def encoders(tmp_path_factory):
    from tests.stylise.tiny import tiny_sdxl

    folder = tiny_sdxl(tmp_path_factory.mktemp("words"))
    return diffusers.StableDiffusionXLPipeline.from_pretrained(str(folder), local_files_only=True)


def test_a_short_prompt_encodes_as_diffusers_does(encoders):
    """clip_skip=None of diffusers' SDXL is the layer before the last: "clip skip 2" elsewhere."""
    told = encoders.encode_prompt("a girl", device="cpu", do_classifier_free_guidance=False)
    ours = encode(encoders, "a girl")
    assert torch.allclose(ours.tokens, told[0], atol=1e-6)
    assert torch.allclose(ours.pooled, told[2], atol=1e-6)


def test_long_prompts_are_not_cut_off(encoders):
    long = "abc defg " * 30
    assert pieces_of(encoders, long) == 3
    whole = encode(encoders, long)
    assert whole.tokens.shape == (1, 3 * 77, 36)
    assert encode(encoders, "a", 3).tokens.shape == whole.tokens.shape
    other = encode(encoders, long + "z")
    assert not torch.equal(other.tokens[:, -77:], whole.tokens[:, -77:])


def test_weights_keep_the_mean_and_raise_their_words(encoders):
    plain, strong = encode(encoders, "a b").tokens, encode(encoders, "(a:3) b").tokens
    assert float(strong[..., :16].mean()) == pytest.approx(float(plain[..., :16].mean()), abs=1e-5)
    ratio = strong[0, 1, :16].norm() / strong[0, 2, :16].norm()
    assert float(ratio / (plain[0, 1, :16].norm() / plain[0, 2, :16].norm())) == pytest.approx(3, rel=1e-4)


def test_the_soft_weights_of_sdxl():
    weights = soft_weights(10)
    assert weights == pytest.approx([0.825 ** (12 - i) for i in range(10)])
    assert len(soft_weights(13)) == 13 and soft_weights(13)[-1] == 1
    with pytest.raises(ValueError, match="14 outputs"):
        soft_weights(14)


def test_softened_outputs_are_scaled_on_both_sides_of_the_guidance():
    from genkei.stylise.controls import soften

    class Control(torch.nn.Module):
        def forward(self, x):
            return [x, x, x], x

    control = Control()
    handle = soften(control)
    down, mid = control(torch.ones(2, 1))
    assert [float(d[0]) for d in (*down, mid)] == pytest.approx(soft_weights(4))
    assert (down[0][0] == down[0][1]).all()
    handle.remove()
    assert float(control(torch.ones(1, 1))[1]) == 1


def test_the_colour_fix_keeps_the_high_and_takes_the_low():
    generator = torch.Generator().manual_seed(0)
    x0 = torch.randn(1, 4, 24, 16, generator=generator)
    flat = torch.full_like(x0, 0.7)
    fixed = fixed_colours(x0, flat, 3)
    assert torch.allclose(fixed - x0, 0.7 - box_blur(x0, 3), atol=1e-6)
    assert torch.equal(fixed_colours(x0, flat, 3, 0.0), x0)
    assert torch.allclose(fixed_colours(x0, x0, 3), x0, atol=1e-6), "the drawing itself is left alone"
    assert torch.allclose(box_blur(flat, 8), flat, atol=1e-6)


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_the_scheduler_steps_from_the_fixed_estimate(prediction):
    from genkei.stylise.sampler import colour_fixing_euler

    generator = torch.Generator().manual_seed(1)
    sample, reference = (torch.randn(1, 4, 16, 16, generator=generator) for _ in range(2))
    wanted = torch.randn(1, 4, 16, 16, generator=generator)
    scheduler = colour_fixing_euler(reference, radius=2, prediction=prediction)
    scheduler.set_timesteps(4)
    time = scheduler.timesteps[0]
    scheduler.scale_model_input(sample, time)
    sigma = scheduler.sigmas[0]
    sample = sample * sigma
    if prediction == "epsilon":
        told = (sample - wanted) / sigma
    else:
        told = (sample / (sigma**2 + 1) - wanted) * (sigma**2 + 1) ** 0.5 / sigma
    out = scheduler.step(told, time, sample, generator=torch.Generator().manual_seed(0))
    fixed = fixed_colours(wanted, reference, 2)
    assert torch.allclose(out.pred_original_sample, fixed, atol=1e-3)


def test_a_last_step_without_signal_stays_in_sixteen_bits():
    """Zero terminal SNR: the first sigma is 4,096, whose square no 16-bit float holds."""
    from genkei.stylise.sampler import colour_fixing_euler

    generator = torch.Generator().manual_seed(1)
    wanted, reference = (torch.randn(1, 4, 16, 16, generator=generator) for _ in range(2))
    scheduler = colour_fixing_euler(reference, radius=2, prediction="v_prediction", zero_snr=True)
    scheduler.set_timesteps(4)
    time, sigma = scheduler.timesteps[0], scheduler.sigmas[0]
    assert int(time) == 999 and float(sigma) > 1000
    noisy = torch.randn(1, 4, 16, 16, generator=generator) * sigma
    told = (noisy / (sigma**2 + 1) - wanted) * (sigma**2 + 1) ** 0.5 / sigma
    scheduler.scale_model_input(noisy.half(), time)
    out = scheduler.step(told.half(), time, noisy.half(), generator=torch.Generator().manual_seed(0))
    assert out.prev_sample.dtype == torch.float16 and torch.isfinite(out.prev_sample).all()
    found, fixed = out.pred_original_sample.float(), fixed_colours(wanted, reference, 2)
    assert float((box_blur(found, 2) - box_blur(fixed, 2)).abs().max()) < 2  # 16 bits of v, times sigma


def test_without_a_reference_the_scheduler_is_diffusers_own():
    from genkei.stylise.sampler import SDXL_NOISE, colour_fixing_euler

    sample = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(2))
    outs = []
    for scheduler in (
        colour_fixing_euler(None),
        diffusers.EulerAncestralDiscreteScheduler(**SDXL_NOISE),
    ):
        scheduler.set_timesteps(3)
        time = scheduler.timesteps[0]
        scaled = scheduler.scale_model_input(sample, time)
        generator = torch.Generator().manual_seed(0)
        outs.append(scheduler.step(scaled, time, sample, generator=generator).prev_sample)
    assert torch.equal(*outs)


def test_an_unknown_prediction_is_refused():
    from genkei.stylise.sampler import colour_fixing_euler

    with pytest.raises(ValueError, match="'flow'"):
        colour_fixing_euler(None, prediction="flow")


def test_edges_are_sought_at_the_targets_resolution():
    assert detector_px(100, 50, 1280, 768) == round(max(12.8, 15.36) * 50)
    square = np.zeros((60, 40, 3), np.float32)
    square[15:45, 10:30] = 1
    edges = canny(square, 120, 80)
    assert edges.shape == (120, 80, 3) and set(np.unique(edges)) == {0, 1}
    rows, columns = np.nonzero(edges[..., 0])
    assert abs(rows.min() - 30) <= 2 and abs(rows.max() - 89) <= 2
    assert abs(columns.min() - 20) <= 2 and abs(columns.max() - 59) <= 2
    assert not canny(np.full((30, 20, 3), 0.5, np.float32), 60, 40).any()


def test_a_fitted_picture_is_whole_and_centred():
    tall = np.zeros((40, 10, 1), np.float32)
    out = fit(tall, 80, 80)
    assert placed(40, 10, 80, 80) == (2.0, 0, 30)
    assert (out[:, 30:50] == 0).all() and (out[:, :30] == 1).all() and (out[:, 50:] == 1).all()


def test_a_pasted_square_changes_its_inside_only():
    picture = np.random.default_rng(0).random((40, 50, 3)).astype(np.float32)
    square, edges = crop(picture, Box("face", 40, -5, 20))
    assert square.shape[0] == square.shape[1]
    assert np.allclose(pasted(picture, square, edges), picture, atol=1e-6)
    white = pasted(picture, np.ones_like(square), edges)
    top, bottom, left, right = edges
    outside = np.ones(picture.shape[:2], bool)
    outside[top:bottom, left:right] = False
    assert (white[outside] == picture[outside]).all() and (white[~outside] > picture[~outside] - 1e-6).all()
    assert soft_mask(16).max() == 1 and soft_mask(16)[0].max() < 0.5


def test_the_face_is_found_where_the_net_says_it_is(tmp_path):
    from genkei import pipeline
    from genkei.nets.look import Remembered, look
    from tests.apps.drawings import draw_girl

    view = pipeline.read(draw_girl(tmp_path / "girl.png")).views[0]
    (seen,) = look((view,), Remembered())
    found = {box.name: box for box in boxes(seen)}
    rows = np.flatnonzero(view.mask.any(1))
    tall = np.ptp(rows)
    if "face" in found:
        assert found["face"].top + found["face"].side / 2 < rows[0] + 0.45 * tall
    for name in found:
        assert found[name].side < tall


def test_a_picture_keeps_all_of_itself_and_less_of_another():
    rng = np.random.default_rng(0)
    picture = np.kron(rng.random((6, 6, 3)), np.ones((16, 16, 1))).astype(np.float32)
    mask = np.zeros((96, 96), bool)
    mask[8:88, 8:88] = True
    same = kept(picture, picture, mask)
    assert (same.lines, same.colour_lab) == (1, 0)
    grey = kept(picture, np.full_like(picture, 0.5), mask)
    assert grey.lines == 0 and grey.colour_lab > 10
    with pytest.raises(ValueError, match="wanted one size"):
        kept(picture, picture[:50], mask)
    with pytest.raises(ValueError, match="mask is empty"):
        kept(picture, picture, np.zeros_like(mask))


def test_the_upscaler_reads_both_layouts_and_tiles_without_a_seam(tmp_path, monkeypatch):
    from safetensors.torch import save_file

    from genkei.nets import rrdb as module

    torch.manual_seed(0)
    net = module.rrdb(2, 8, 4).eval()
    new = {name: tensor.contiguous() for name, tensor in net.state_dict().items()}
    save_file(new, tmp_path / "new.safetensors")
    old_names = {
        "conv_first": "model.0", "conv_up1": "model.3", "conv_up2": "model.6", "conv_hr": "model.8",
        "conv_last": "model.10", "conv_body": "model.1.sub.2",
    }  # fmt: skip
    old = {}
    for name, tensor in new.items():
        head, _, tail = name.partition(".")
        if head == "body":
            k, dense, conv, kind = tail.split(".")
            old[f"model.1.sub.{k}.{dense.upper()}.{conv}.0.{kind}"] = tensor
        else:
            old[f"{old_names[head]}.{tail}"] = tensor
    save_file(old, tmp_path / "old.safetensors")
    picture = np.random.default_rng(0).random((23, 17, 3)).astype(np.float32)
    whole = module.upscale(net, picture)
    assert whole.shape == (92, 68, 3)
    for name in ("new", "old"):
        assert np.allclose(module.upscale(module.upscaler(tmp_path / f"{name}.safetensors"), picture), whole)
    monkeypatch.setattr(module, "TILE_PX", 16)
    assert np.abs(module.upscale(net, picture) - whole).max() < 1e-3
    save_file({"a.weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="no 4x upscaler"):
        module.upscaler(tmp_path / "other.safetensors")
