"""Construction time, memory and seconds of published models, full size, random weights, beside our own nets.

    python benchmarks/checkpoints.py                      # what fits 6 GB
    python benchmarks/checkpoints.py --most-gb 20         # every row
    python benchmarks/checkpoints.py --only sam-vit-b

Each row runs in a process of its own, so that its peak memory is its own. Random weights say nothing about
quality.
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
SD2 = {"cross_attention_dim": 1024, "attention_head_dim": [5, 10, 20, 20], "use_linear_projection": True}
VAE = {
    "block_out_channels": [128, 256, 512, 512], "layers_per_block": 2, "latent_channels": 4,
    "down_block_types": ["DownEncoderBlock2D"] * 4, "up_block_types": ["UpDecoderBlock2D"] * 4,
}  # fmt: skip
SDXL = {
    "cross_attention_dim": 2048, "attention_head_dim": [5, 10, 20], "use_linear_projection": True,
    "block_out_channels": [320, 640, 1280], "transformer_layers_per_block": [1, 2, 10],
    "down_block_types": ["DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"],
    "up_block_types": ["CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"],
    "addition_embed_type": "text_time", "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}  # fmt: skip
Work = tuple[Any, Callable[[], object], str]
"""The net, what is timed, and what that is."""


def sam(vision: dict[str, int]) -> Work:
    import torch
    import transformers

    net = transformers.SamModel(transformers.SamConfig(vision_config=vision)).eval()
    words = {
        "pixel_values": torch.zeros(1, 3, 1024, 1024),
        "input_boxes": torch.tensor([[[9.0, 9, 800, 900]]]),
    }
    return net, lambda: net(**words), "one picture, one box, 1024 px"


def sam2() -> Work:
    import torch
    import transformers

    net = transformers.Sam2Model(transformers.Sam2Config()).eval()
    words = {
        "pixel_values": torch.zeros(1, 3, 1024, 1024),
        "input_boxes": torch.tensor([[[9.0, 9, 800, 900]]]),
    }
    return net, lambda: net(**words), "one picture, one box, 1024 px"


def unet(config: dict[str, Any], channels: int, side: int) -> Work:
    import diffusers
    import torch

    net = diffusers.UNet2DConditionModel(in_channels=channels, **config).eval()
    words: dict[str, Any] = {
        "sample": torch.zeros(1, channels, side // 8, side // 8),
        "timestep": 999,
        "encoder_hidden_states": torch.zeros(1, 2, config["cross_attention_dim"]),
    }
    if "addition_embed_type" in config:
        words["added_cond_kwargs"] = {"text_embeds": torch.zeros(1, 1280), "time_ids": torch.zeros(1, 6)}
    return net, lambda: net(**words), f"one step, {side} px"


def vae() -> Work:
    import diffusers
    import torch

    net = diffusers.AutoencoderKL(**VAE).eval()
    return net, lambda: net.decode(torch.zeros(1, 4, 96, 96)), "one decoding, 768 px"


def ours(name: str) -> Work:
    from genkei.drawing.learned import Learned
    from genkei.drawing.read import read_picture
    from genkei.drawing.sheet import read_views
    from genkei.nets.loader import load
    from genkei.nets.look import look

    net = load(name)
    picture = read_picture(DRAWING)
    if name == "matte":
        return None, lambda: Learned(net=net)(picture), "the drawing cut out, three looks"
    views = read_views({0.0: DRAWING}).views
    return None, lambda: look(views, net), "parts, joints and solid of the drawing"


ROWS: dict[str, tuple[float, Callable[[], Work]]] = {
    "ours: matte": (1.0, lambda: ours("matte")),
    "ours: solid": (1.5, lambda: ours("solid")),
    "sam2-tiny": (2.5, sam2),
    "sam-vit-b": (4.5, lambda: sam({})),
    "sam-vit-l": (
        8.0,
        lambda: sam({"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16}),
    ),
    "sam-vit-h": (
        12.0,
        lambda: sam({"hidden_size": 1280, "num_hidden_layers": 32, "num_attention_heads": 16}),
    ),
    "marigold: UNet": (6.0, lambda: unet(SD2, 8, 768)),
    "marigold: VAE": (5.5, vae),
    "sdxl: UNet": (14.0, lambda: unet(SDXL, 4, 1024)),
}
"""Peak memory in GB that each is expected to stay under, and how it is built."""


def measure(name: str) -> dict[str, object]:
    """One row, in this process."""
    start = time.process_time()
    net, work, what = ROWS[name][1]()
    built = time.process_time() - start
    start = time.process_time()
    if net is None:
        work()
    else:
        import torch

        with torch.no_grad():
            work()
    ran = time.process_time() - start
    count = 0 if net is None else sum(p.numel() for p in net.parameters())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    return {
        "name": name,
        "millions": round(count / 1e6, 1),
        "built_s": built,
        "ran_s": ran,
        "peak_gb": peak,
        "what": what,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--most-gb", type=float, default=6.0)
    parser.add_argument("--only", choices=ROWS)
    parser.add_argument("--row", choices=ROWS, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.row:
        print(json.dumps(measure(asked.row)))
        return
    print("| model | parameters (M) | construction CPU-s | work CPU-s | peak GB | work |")
    print("|---|---|---|---|---|---|")
    for name, (gigabytes, _) in ROWS.items():
        if asked.only not in (None, name):
            continue
        if gigabytes > asked.most_gb:
            print(f"| {name} | | | | not run: up to {gigabytes:g} GB | |", flush=True)
            continue
        done = subprocess.run([sys.executable, __file__, "--row", name], capture_output=True, text=True)
        if done.returncode:
            print(f"| {name} | | | | failed: {done.stderr.strip().splitlines()[-1]} | |", flush=True)
            continue
        row = json.loads(done.stdout.strip().splitlines()[-1])
        cells = (
            row["millions"] or "",
            f"{row['built_s']:.1f}",
            f"{row['ran_s']:.1f}",
            f"{row['peak_gb']:.2f}",
        )
        print(f"| {name} | {' | '.join(str(c) for c in cells)} | {row['what']} |", flush=True)


if __name__ == "__main__":
    main()
