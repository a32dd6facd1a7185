"""SDXL from one file in the layout it was published in: every tensor of its four nets, or nothing.

diffusers' own reader of such files leaves random what a file lacks. Here each tensor of a net names the one
it comes from, and both lists are compared before a byte is read.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genkei.nets.published import stable_diffusion
from genkei.nets.published.contents import Contents
from genkei.nets.published.folders import CONFIG, read_json
from genkei.nets.published.weights import explained_memory, refuse_misfit, refuse_too_large, tensors

if TYPE_CHECKING:
    import torch

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Source:
    """The tensor of the file that one of a net comes from, and what of it is taken."""

    name: str
    part: str = "all"
    """`all`; `q`, `k` or `v`: a third of its rows; `turned`: transposed; `flat`: a 1 x 1 convolution."""

    @property
    def told(self) -> str:
        """What is said after the name in a list."""
        return f" ({self.part})" if self.part in "qkv" else ""

    def shape(self, found: Shape) -> Shape:
        """Of what is taken from a tensor of that shape."""
        if self.part in "qkv":
            return (found[0] // 3, *found[1:])
        if self.part == "turned":
            return found[::-1]
        return found[:2] if self.part == "flat" and set(found[2:]) <= {1} else found

    def take(self, tensor: "torch.Tensor") -> "torch.Tensor":
        if self.part in "qkv":
            return tensor.chunk(3)["qkv".index(self.part)]
        if self.part == "turned":
            return tensor.T
        return tensor.reshape(tensor.shape[:2]) if self.part == "flat" else tensor


UNET, VAE = "model.diffusion_model.", "first_stage_model."
FIRST, SECOND = "conditioner.embedders.0.transformer.", "conditioner.embedders.1.model."
UNUSED = ("position_ids", "logit_scale", "attn_mask")
"""Ends of names that some files hold and no net asks for."""
RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "norm2": "out_layers.0", "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1", "conv_shortcut": "skip_connection",
}  # fmt: skip
ENDS = {
    "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0", "add_embedding.linear_2": "label_emb.0.2",
}  # fmt: skip
SHORTCUT = {"conv_shortcut": "nin_shortcut"}
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
OPEN_CLIP = {
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm.weight": "ln_final.weight", "final_layer_norm.bias": "ln_final.bias",
}  # fmt: skip
BLOCK = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj"}
_PLACE = re.compile(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)")
_MIDDLE = re.compile(r"mid_block\.(resnets|attentions)\.(\d+)\.(.+)")
_LAYER = re.compile(r"encoder\.layers\.(\d+)\.(.+?)\.(weight|bias)")


def parts_of_file(
    contents: Contents, config: Path, device: str, dtype: "torch.dtype"
) -> Mapping[str, "torch.nn.Module"]:
    """UNet, VAE and both text encoders by name, built from the descriptions in `config`.

    ValueError counts and names what is missing, not asked for, or of another shape.
    """
    told = {name: read_json(config / name / CONFIG) for name in ("unet", "vae")}
    layers, high = int(told["unet"].get("layers_per_block", 2)), len(told["vae"]["block_out_channels"]) - 1
    attending = [name.startswith("CrossAttn") for name in told["unet"]["up_block_types"]]
    ways: Mapping[str, tuple[Any, str, Callable[[str], Source]]] = {
        "unet": (stable_diffusion.bare_unet(told["unet"]), UNET, lambda n: unet_source(n, layers, attending)),
        "vae": (stable_diffusion.bare_vae(told["vae"]), VAE, lambda n: vae_source(n, high)),
        "text_encoder": (stable_diffusion.bare_text(config / "text_encoder"), FIRST, first_source),
        "text_encoder_2": (
            stable_diffusion.bare_text(config / "text_encoder_2", "CLIPTextModelWithProjection"),
            SECOND,
            second_source,
        ),
    }
    plans = {}
    for name, (module, prefix, source) in ways.items():
        plan = {own: source(own) for own in module.state_dict()}
        _refuse_misfit(contents, name, module, prefix, plan)
        plans[name] = plan
    count = sum(t.numel() for module, *_ in ways.values() for t in module.state_dict().values())
    refuse_too_large(count * dtype.itemsize, f"the weights in {contents.path}", device)
    with explained_memory(f"the weights in {contents.path}"):
        found = tensors(contents)
        for name, (module, prefix, _) in ways.items():
            ready = {
                own: source.take(found[prefix + source.name]).to(device, dtype).contiguous()
                for own, source in plans[name].items()
            }
            module.load_state_dict(ready, strict=True, assign=True)
            module.to(device).eval()
            for source in plans[name].values():
                found.pop(prefix + source.name, None)
    return {name: module for name, (module, *_) in ways.items()}


def _refuse_misfit(
    contents: Contents, part: str, module: Any, prefix: str, plan: Mapping[str, Source]
) -> None:
    """By the file's own names, so that they can be looked up in it."""
    own = module.state_dict()
    there = {name: t.shape for name, t in contents.tensors.items() if name.startswith(prefix)}
    label = {name: prefix + source.name + source.told for name, source in plan.items()}
    used = {prefix + source.name for source in plan.values()}
    found = {
        label[name]: source.shape(there[prefix + source.name])
        for name, source in plan.items()
        if prefix + source.name in there
    }
    found |= {name: shape for name, shape in there.items() if name not in used and not name.endswith(UNUSED)}
    refuse_misfit(contents.path, found, {label[name]: own[name] for name in plan}, f" as its {part}")


def unet_source(name: str, layers: int, attending: Sequence[bool]) -> Source:
    """Of a tensor of diffusers' UNet with that many layers a block; `attending`: whether up blocks attend."""
    hit = _PLACE.fullmatch(name)
    if hit:
        way, block, kind, layer, rest = hit[1], int(hit[2]), hit[3], int(hit[4]), hit[5]
        head, at = ("input_blocks", 1) if way == "down" else ("output_blocks", 0)
        at += block * (layers + 1)
        if kind == "downsamplers":
            return Source(f"{head}.{at + layers}.0.{rest.replace('conv', 'op', 1)}")
        if kind == "upsamplers":
            return Source(f"{head}.{at + layers}.{1 + attending[block]}.{rest}")
        inner = _renamed(rest, RESNET) if kind == "resnets" else rest
        return Source(f"{head}.{at + layer}.{'0' if kind == 'resnets' else '1'}.{inner}")
    hit = _MIDDLE.fullmatch(name)
    if hit:
        first = hit[1] == "resnets"
        inner = _renamed(hit[3], RESNET) if first else hit[3]
        return Source(f"middle_block.{2 * int(hit[2]) + (not first)}.{inner}")
    return Source(_renamed(name, ENDS))


def vae_source(name: str, last: int) -> Source:
    """Of a tensor of diffusers' VAE; its decoder's blocks are counted from the other end, `last` first."""
    half, _, rest = name.partition(".")
    hit = _PLACE.fullmatch(rest)
    if hit:
        way, block, kind = hit[1], int(hit[2]), hit[3]
        at = block if way == "down" else last - block
        if kind == "resnets":
            return Source(f"{half}.{way}.{at}.block.{hit[4]}.{_renamed(hit[5], SHORTCUT)}")
        return Source(f"{half}.{way}.{at}.{kind.removesuffix('rs')}.{hit[5]}")
    hit = _MIDDLE.fullmatch(rest)
    if hit and hit[1] == "resnets":
        return Source(f"{half}.mid.block_{int(hit[2]) + 1}.{_renamed(hit[3], SHORTCUT)}")
    if hit:
        inner = _renamed(hit[3], ATTENTION)
        flat = inner.endswith("weight") and not inner.startswith("norm")
        return Source(f"{half}.mid.attn_1.{inner}", "flat" if flat else "all")
    return Source(name.replace("conv_norm_out", "norm_out"))


def first_source(name: str) -> Source:
    """Of a tensor of CLIP, which stands under the names of transformers, of either generation."""
    return Source(f"text_model.{name.removeprefix('text_model.')}")


def second_source(name: str) -> Source:
    """Of a tensor of the second CLIP, which stands under OpenCLIP's names."""
    name = name.removeprefix("text_model.")
    if name == "text_projection.weight":
        return Source("text_projection", "turned")
    hit = _LAYER.fullmatch(name)
    if not hit:
        return Source(OPEN_CLIP.get(name, name))
    block, inner, kind = hit[1], hit[2], hit[3]
    if inner in ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"):
        return Source(f"transformer.resblocks.{block}.attn.in_proj_{kind}", inner[10])
    inner = _renamed(inner, {**BLOCK, "self_attn.out_proj": "attn.out_proj"})
    return Source(f"transformer.resblocks.{block}.{inner}.{kind}")


def _renamed(name: str, heads: Mapping[str, str]) -> str:
    """The name with its head exchanged, where it is one of `heads`."""
    for own, theirs in heads.items():
        if name == own or name.startswith(f"{own}."):
            return theirs + name.removeprefix(own)
    return name
