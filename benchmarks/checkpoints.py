"""Construction time, memory and seconds of published models, full size, random weights, beside our own road.

    python benchmarks/checkpoints.py                      # what fits 6 GB
    python benchmarks/checkpoints.py --most-gb 20         # every row
    python benchmarks/checkpoints.py --only sam-vit-b

Each row runs in a process of its own, so that its peak memory is its own; pictures are the same drawing.
Random weights say nothing about quality.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DRAWING = Path(__file__).parents[1] / "examples" / "hana" / "front.png"
VAE = {
    "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "latent_channels": 4,
    "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
}  # fmt: skip
SD15 = {"cross_attention_dim": 768, "attention_head_dim": 8}
SD21 = {"cross_attention_dim": 1024, "attention_head_dim": [5, 10, 20, 20], "use_linear_projection": True}
SDXL = {
    "in_channels": 4,
    "cross_attention_dim": 2048, "attention_head_dim": [5, 10, 20], "use_linear_projection": True,
    "block_out_channels": [320, 640, 1280], "transformer_layers_per_block": [1, 2, 10],
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}  # fmt: skip
SDXL_UP = {"up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"]}
SCHEDULER = {
    "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear", "steps_offset": 1,
    "clip_sample": False,
}  # fmt: skip
TALL = (1280, 768)
"""Height and width of the figure-style picture."""
Work = tuple[list[Any], Callable[[], object], str]
"""The nets or their tensors, what is timed, and what that is."""


def seen(height: int, width: int) -> Any:
    """[1, 3, h, w]: the drawing on white."""
    import numpy as np
    import torch
    from PIL import Image

    from genkei.stylise.controls import fit

    rgba = np.asarray(Image.open(DRAWING).convert("RGBA"), np.float32) / 255
    white = rgba[..., :3] * rgba[..., 3:] + (1 - rgba[..., 3:])
    return torch.from_numpy(fit(white, height, width).transpose(2, 0, 1)[None].copy())


def built(kind: str, config: dict[str, Any], half: bool = False) -> Any:
    """A class of diffusers, built empty and filled with small random numbers as a file fills it."""
    import diffusers
    import torch

    with torch.device("meta"):
        net = getattr(diffusers, kind).from_config(config)
    net = net.to(torch.bfloat16 if half else torch.float32).to_empty(device="cpu").eval()
    with torch.no_grad():
        for tensor in net.parameters():
            tensor.normal_(0, 0.02)
    return net


def sam(kind: str, **vision: int) -> Work:
    import torch
    import transformers

    more = {"vision_config": vision} if vision else {}
    net = getattr(transformers, f"{kind}Model")(getattr(transformers, f"{kind}Config")(**more)).eval()
    words = {"pixel_values": seen(1024, 1024), "input_boxes": torch.tensor([[[9.0, 9, 800, 900]]])}
    return [net], lambda: net(**words), "one picture, one box, 1024 px"


def swin() -> Work:
    """BiRefNet's trunk, which no package has whole: it looks twice."""
    import transformers

    config = transformers.SwinConfig(
        image_size=1024, embed_dim=192, depths=[2, 2, 18, 2], num_heads=[6, 12, 24, 48], window_size=12
    )
    net = transformers.SwinModel(config).eval()
    pictures = [seen(1024, 1024), seen(512, 512)]
    work = lambda: [net(p, interpolate_pos_encoding=True) for p in pictures]  # noqa: E731
    return [net], work, "the trunk's two looks, 1024 and 512 px, without the decoder"


def text() -> Work:
    import torch
    import transformers as t

    first = t.CLIPTextModel(t.CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_attention_heads=12))
    second = t.CLIPTextModelWithProjection(
        t.CLIPTextConfig(
            hidden_size=1280, intermediate_size=5120, num_hidden_layers=32, num_attention_heads=20,
            projection_dim=1280, hidden_act="gelu",
        )
    )  # fmt: skip
    tokens = torch.ones(2, 77, dtype=torch.long)
    nets = [first.eval(), second.eval()]
    return nets, lambda: [net(tokens, output_hidden_states=True) for net in nets], "two prompts of 77 tokens"


def vae(height: int, width: int, half: bool = False) -> Work:
    net = built("AutoencoderKL", VAE, half)
    picture = (2 * seen(height, width) - 1).to(next(net.parameters()).dtype)
    work = lambda: net.decode(net.encode(picture).latent_dist.mode())  # noqa: E731
    return [net], work, f"the drawing there and back, {width} x {height} px"


def sdxl(controls: int, half: bool) -> Work:
    """One step of `genkei stylise` without the VAE: both sides of the guidance."""
    import torch

    unet = built("UNet2DConditionModel", {**SDXL, **SDXL_UP}, half)
    nets = [built("ControlNetModel", {**SDXL, "conditioning_channels": 3}, half) for _ in range(controls)]
    like = next(unet.parameters())
    height, width = TALL
    words: dict[str, Any] = {
        "sample": torch.randn(2, 4, height // 8, width // 8).to(like),
        "timestep": torch.tensor(500),
        "encoder_hidden_states": torch.randn(2, 77, 2048).to(like),
        "added_cond_kwargs": {"text_embeds": torch.zeros(2, 1280).to(like), "time_ids": like.new_zeros(2, 6)},
    }
    held = seen(height, width).repeat(2, 1, 1, 1).to(like)

    def work() -> object:
        found = [net(**words, controlnet_cond=held, return_dict=False) for net in nets]
        more = {}
        if found:
            more = {
                "down_block_additional_residuals": [
                    sum(blocks) for blocks in zip(*(f[0] for f in found), strict=True)
                ],
                "mid_block_additional_residual": sum(f[1] for f in found),
            }
        return unet(**words, **more)

    return [unet, *nets], work, f"one step, both sides of the guidance, {width} x {height} px"


def marigold() -> Work:
    import torch

    net = built("UNet2DConditionModel", {**SD21, "in_channels": 8})
    words = torch.randn(1, 8, 96, 96), 999, torch.randn(1, 2, 1024)
    return [net], lambda: net(*words), "one step, 768 px"


def charactergen() -> Work:
    """One step of genkei's own stage, both UNets."""
    import diffusers
    import torch

    from genkei.nets.charactergen2d import Drawer
    from genkei.nets.charactergen2d_files import camera_layout, reader

    draws = built("UNet2DConditionModel", {**SD21, "class_embed_type": "identity"})
    reads = reader(built("UNet2DConditionModel", SD21))
    camera = {name: torch.randn(shape) / 36 for name, shape in camera_layout(1280).items()}
    scheduler = diffusers.DDIMScheduler(**SCHEDULER)
    stage = Drawer(draws, reads, camera, None, None, None, None, scheduler)
    scheduler.set_timesteps(40)
    tokens = torch.randn(2, 1, 1024), torch.randn(2, 77, 1024)
    latents, clean = torch.randn(4, 4, 96, 64), torch.randn(1, 4, 96, 64)
    step = scheduler.timesteps[0]
    work = lambda: stage._guided(latents, clean, step, tokens, 5.0)  # noqa: E731
    return [draws, reads], work, "one step of four views, both sides of the guidance, 512 x 768 px"


def eschernet() -> Work:
    """One step of genkei's own stage after the drawing's tokens."""
    import diffusers
    import torch
    import transformers

    from genkei.nets.eschernet import EYE_PX, Drawer, Stand

    eye = transformers.ConvNextV2Model(transformers.ConvNextV2Config(image_size=EYE_PX)).eval()
    unet = built("UNet2DConditionModel", SD15)
    stage = Drawer(unet, None, eye, diffusers.DDIMScheduler(**SCHEDULER), 6)
    made = [Stand(a) for a in (90.0, 180.0, 270.0)]

    def work() -> object:
        tokens = stage.tokens(seen(256, 256)).flatten(0, 1)[None]
        stage._place(tokens, [Stand(0.0)], made)
        both = torch.cat([torch.zeros_like(tokens), tokens])
        return unet(torch.randn(6, 4, 32, 32), torch.tensor(500), encoder_hidden_states=both)

    return [unet, eye], work, "one step of three views, both sides of the guidance, 256 px"


def triplanes(name: str) -> Work:
    """A net of named tensors: the planes of its scene, and a million points in it."""
    import torch

    from genkei.nets import charactergen3d, triposr

    kind, sizes, views = {
        "triposr": (triposr.TripoSrNet, triposr.Sizes(), 1),
        "charactergen-3d": (charactergen3d.CharacterGenNet, charactergen3d.Sizes(), 4),
    }[name]
    weights = {key: torch.randn(shape) * 0.02 for key, shape in sizes.layout.items()}
    net = kind(weights, sizes)
    side = sizes.picture_px
    pictures = seen(side, side).repeat(views, 1, 1, 1)
    points = torch.rand(100_000, 3) * 0.9 - 0.45

    def work() -> object:
        scene = net.scene(pictures if views > 1 else pictures[0])
        return [net.raw(scene[0] if scene.ndim == 5 else scene, points) for _ in range(10)]

    what = f"{views} picture{'s' * (views > 1)} of {side} px to planes, and a million points"
    return [weights], work, what


def ours(name: str) -> Work:
    from genkei import pipeline
    from genkei.drawing.learned import Learned
    from genkei.drawing.read import read_picture
    from genkei.drawing.sheet import read_views
    from genkei.nets.loader import load
    from genkei.nets.look import look
    from genkei.photo import Studio, Vinyl

    if name == "photo":
        studio = Studio(0.0, 4.0, TALL[1], TALL[0])
        return [], lambda: pipeline.photo(DRAWING, studio=studio), "built and photographed, 768 x 1280 px"
    if name == "stylise":
        way = Vinyl(TALL[1], TALL[0])
        return [], lambda: pipeline.stylise(DRAWING, way), "light on the drawing, 768 x 1280 px"
    if name == "make":
        return [], lambda: pipeline.make(DRAWING), "the drawing to the finished figure"
    net = load(name)
    picture = read_picture(DRAWING)
    if name == "matte":
        return [], lambda: Learned(net=net)(picture), "the drawing cut out, three looks"
    views = read_views({0.0: DRAWING}).views
    return [], lambda: look(views, net), "parts, joints and solid of the drawing"


ROWS: dict[str, tuple[float, Callable[[], Work]]] = {
    "ours: matte": (1.0, lambda: ours("matte")),
    "ours: solid": (1.5, lambda: ours("solid")),
    "ours: figure": (2.0, lambda: ours("make")),
    "ours: figure's photograph": (2.0, lambda: ours("photo")),
    "ours: light on the drawing": (2.0, lambda: ours("stylise")),
    "sam2-tiny": (2.5, lambda: sam("Sam2")),
    "sam-vit-b": (4.5, lambda: sam("Sam")),
    "sam-vit-l": (
        8.0,
        lambda: sam("Sam", hidden_size=1024, num_hidden_layers=24, num_attention_heads=16),
    ),
    "sam-vit-h": (
        12.0,
        lambda: sam("Sam", hidden_size=1280, num_hidden_layers=32, num_attention_heads=16),
    ),
    "birefnet's trunk (Swin-L)": (5.0, swin),
    "triposr": (4.0, lambda: triplanes("triposr")),
    "charactergen-3d": (4.0, lambda: triplanes("charactergen-3d")),
    "charactergen-2d: two UNets": (12.0, charactergen),
    "eschernet: UNet and eye": (6.0, eschernet),
    "marigold: UNet": (6.0, marigold),
    "marigold: VAE": (6.0, lambda: vae(768, 768)),
    "sdxl: text encoders": (5.0, text),
    "sdxl: VAE": (8.0, lambda: vae(*TALL)),
    "sdxl: VAE, bf16": (5.0, lambda: vae(*TALL, half=True)),
    "sdxl: UNet, bf16": (9.0, lambda: sdxl(0, half=True)),
    "sdxl: UNet and two ControlNets, bf16": (15.0, lambda: sdxl(2, half=True)),
    "sdxl: UNet": (16.0, lambda: sdxl(0, half=False)),
}
"""Peak memory in GB that each is expected to stay under, and how it is built."""


def measure(name: str) -> dict[str, object]:
    """One row, in this process."""
    start = time.process_time()
    nets, work, what = ROWS[name][1]()
    ready = time.process_time() - start
    start = time.process_time()
    if nets:
        import torch

        with torch.inference_mode():
            work()
    else:
        work()
    ran = time.process_time() - start
    tensors = [t for net in nets for t in (net.values() if isinstance(net, dict) else net.parameters())]
    return {
        "millions": round(sum(t.numel() for t in tensors) / 1e6, 1) or "",
        "built_s": ready,
        "ran_s": ran,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "what": what,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--most-gb", type=float, default=6.0)
    parser.add_argument("--only", choices=ROWS, nargs="+")
    parser.add_argument("--row", choices=ROWS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.row:
        print(json.dumps(measure(asked.row)))
        return
    print("| model | parameters (M) | construction CPU-s | work CPU-s | peak GB | work |")
    print("|---|---|---|---|---|---|")
    for name, (gigabytes, _) in ROWS.items():
        if asked.only and name not in asked.only:
            continue
        if gigabytes > asked.most_gb:
            print(f"| {name} | | | | not run: up to {gigabytes:g} GB | |", flush=True)
            continue
        done = subprocess.run([sys.executable, __file__, "--row", name], capture_output=True, text=True)
        if done.returncode:
            told = (done.stderr.strip() or f"ended by signal {-done.returncode}").splitlines()[-1]
            print(f"| {name} | | | | failed: {told} | |", flush=True)
            continue
        row = json.loads(done.stdout.strip().splitlines()[-1])
        times = f"{row['built_s']:.1f} | {row['ran_s']:.1f} | {row['peak_gb']:.2f}"
        print(f"| {name} | {row['millions']} | {times} | {row['what']} |", flush=True)


if __name__ == "__main__":
    main()
