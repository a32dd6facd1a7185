"""Segment Anything, the first and the second, through transformers: boxes and points in, masks out.

Preparation is our own, because transformers' needs torchvision; it equals theirs (tested).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32
from PIL import Image

from genkei.nets.published.devices import refuse_unready
from genkei.nets.published.folders import local, read_json
from genkei.nets.published.recognise import expect
from genkei.nets.published.table import Model, models
from genkei.nets.published.weights import explained_memory, fill

if TYPE_CHECKING:
    import torch

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SHARED = "shared_image_embedding.positional_embedding"
TWIN = "prompt_encoder.shared_embedding.positional_embedding"
"""The same numbers as SHARED; files hold them once or twice."""
OF_VIDEO = re.compile(
    r"memory_|mask_downsample|object_pointer_proj|temporal_positional_encoding|no_memory_positional_encoding"
    r"|no_object_pointer|occlusion_spatial_embedding"
)
"""Tensors of the second's memory of a film, which a picture does not ask."""

Point = tuple[float, float, bool]
"""x, y in pixels of the picture; True: on the character, False: off it."""


@dataclass(frozen=True)
class Segmenter:
    """A model ready to run. Calling it gives a mask for each thing the prompt may mean."""

    path: Path
    model: Model
    net: Any
    side_px: int
    """Side of the square it sees."""
    keeps_shape: bool
    """The first fits the longer side and pads; the second stretches."""
    device: str = "cpu"

    def __call__(
        self,
        rgb: Float32[np.ndarray, "h w 3"],
        box: tuple[float, float, float, float] | None,
        points: tuple[Point, ...],
    ) -> tuple[Float32[np.ndarray, "m h w"], Float32[np.ndarray, "m"]]:
        """Logits of each mask at the picture's size (above 0: in it) and how good the model thinks it is."""
        import torch

        high, wide = self._filled(rgb.shape[0], rgb.shape[1])
        scale = np.array([wide / rgb.shape[1], high / rgb.shape[0]])
        words: dict[str, Any] = {"pixel_values": torch.from_numpy(self._seen(rgb, high, wide))}
        if box is not None:
            corners = np.array(box, np.float32).reshape(2, 2) * scale
            words["input_boxes"] = torch.tensor(corners.reshape(1, 1, 4), dtype=torch.float32)
        if points:
            places = np.array([point[:2] for point in points]) * scale
            words["input_points"] = torch.tensor(places[None, None], dtype=torch.float32)
            words["input_labels"] = torch.tensor([[[int(point[2]) for point in points]]])
        words = {name: tensor.to(self.device) for name, tensor in words.items()}
        with explained_memory(f"the picture in {self.model.title}"), torch.no_grad():
            out = self.net(**words, multimask_output=True)
            masks = self._unframed(out.pred_masks[0, 0], (high, wide), rgb.shape[:2])
        return masks, out.iou_scores[0, 0].float().cpu().numpy()

    def _filled(self, height: int, width: int) -> tuple[int, int]:
        """Height and width that the picture takes in the square."""
        if not self.keeps_shape:
            return self.side_px, self.side_px
        scale = self.side_px / max(height, width)
        return int(height * scale + 0.5), int(width * scale + 0.5)

    def _seen(
        self, rgb: Float32[np.ndarray, "h w 3"], high: int, wide: int
    ) -> Float32[np.ndarray, "1 3 s s"]:
        picture = Image.fromarray((np.clip(rgb, 0, 1) * 255).round().astype(np.uint8))
        small = np.asarray(picture.resize((wide, high), Image.Resampling.BILINEAR), np.float32) / 255
        square = np.zeros((self.side_px, self.side_px, 3), np.float32)
        square[:high, :wide] = (small - np.array(MEAN)) / np.array(STD)
        return np.ascontiguousarray(square.transpose(2, 0, 1)[None])

    def _unframed(
        self, masks: "torch.Tensor", filled: tuple[int, int], shape: tuple[int, ...]
    ) -> Float32[np.ndarray, "m h w"]:
        from torch.nn.functional import interpolate

        whole = (self.side_px, self.side_px)
        square = interpolate(masks[None].float(), whole, mode="bilinear", align_corners=False)
        inside = square[..., : filled[0], : filled[1]]
        full = interpolate(inside, tuple(shape), mode="bilinear", align_corners=False)
        return full[0].cpu().numpy().astype(np.float32)


def load_segmenter(where: Path | str, device: str = "cpu") -> Segmenter:
    """The model in a folder of transformers, or under a hub name on this machine.

    ValueError, in the user's words, when it is another model, half of one, or too large for the memory.
    """
    refuse_unready(device, ("torch", "transformers", "safetensors"))
    folder = local(where)
    wanted = [m.name for m in models().values() if m.job == "mask by prompt" and m.status == "runs"]
    contents, model = expect(folder, wanted)
    if contents.form != "folder":
        raise ValueError(
            f"{folder} is the weights alone; wanted the folder with config.json beside them ({model.get})"
        )
    config = read_json(folder / "config.json")
    first = model.name.startswith("sam-")
    net = _built(config, first)
    held = set(contents.tensors)

    def rename(name: str) -> str | None:
        return None if not first and OF_VIDEO.match(name) else name

    twin = {} if TWIN in held or not first else {TWIN: SHARED}
    fill(net, contents, rename=rename, device=device, twins=twin)
    side = int(config.get("prompt_encoder_config", {}).get("image_size", 1024))
    return Segmenter(folder, model, net, side, first, device)


def _built(config: Any, first: bool) -> Any:
    import transformers

    if first:
        return transformers.SamModel(transformers.SamConfig.from_dict(dict(config)))
    return transformers.Sam2Model(transformers.Sam2Config.from_dict(dict(config)))
