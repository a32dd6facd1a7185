"""gsplat's CUDA kernels (Apache-2.0) in place of the reference rasteriser, where GPU and package are there.

Written after gsplat 1.5's documentation and never run: there was no GPU. The reference is what is tested.
"""

from importlib.util import find_spec

import numpy as np
from jaxtyping import Float

from genkei.shape import splat_raster
from genkei.shape.splat_raster import Cloud, Picture
from genkei.types import Camera

BEFORE = 4.0
"""Heights before the character at which the eye of an orthographic camera is put: depth must be positive."""


def there(device: str) -> bool:
    """Whether the kernels can be asked for on this device."""
    return device.startswith("cuda") and find_spec("gsplat") is not None


def rasterised(cloud: Cloud, camera: Camera, size_px: int) -> Picture:
    """As `splat_raster.rasterised`; without the distortion for 3-D splats, which do not ask it.

    gsplat's surfels know perspective cameras alone: others go to the reference, on the same device.
    """
    import torch

    if cloud.flat and camera.is_orthographic:
        return splat_raster.rasterised(cloud, camera, size_px)
    from gsplat import rasterization, rasterization_2dgs  # pyright: ignore[reportMissingImports]

    inner, eye = intrinsics(camera, size_px)
    own = splat_raster.frames(cloud.turns)
    shown = [splat_raster.seen_colours(cloud, camera), splat_raster.towards(cloud, own, camera)]
    like = cloud.places
    words = {
        "means": cloud.places,
        "quats": cloud.turns,
        "scales": cloud.log_scales.exp(),
        "opacities": torch.sigmoid(cloud.logits),
        "colors": torch.cat(shown, 1),
        "viewmats": like.new_tensor(eye)[None],
        "Ks": like.new_tensor(inner)[None],
        "width": size_px,
        "height": size_px,
        "render_mode": "RGB+ED",
    }
    if cloud.flat:
        seen, alpha, _, _, spread, *_ = rasterization_2dgs(**words, distloss=True)
        spread = spread[0, ..., 0]
    else:
        model = "ortho" if camera.is_orthographic else "pinhole"
        seen, alpha, _ = rasterization(**words, camera_model=model)
        spread = torch.zeros_like(alpha[0, ..., 0])
    depth = torch.where(alpha[0, ..., 0] > 0, seen[0, ..., 6] - offset(camera), 0)
    return Picture(seen[0, ..., :3], alpha[0, ..., 0], depth, seen[0, ..., 3:6], spread)


def offset(camera: Camera) -> float:
    """What gsplat's depth, from the eye, is more than depth along the view."""
    _, eye = intrinsics(camera, 2)
    return float(eye[2, 3])


def intrinsics(camera: Camera, size_px: int) -> tuple[Float[np.ndarray, "3 3"], Float[np.ndarray, "4 4"]]:
    """A camera as (K, world to eye) with x right, y down, z away, lengths in heights; skew is left out."""
    x, y, _, w = camera.world_to_clip.astype(np.float64)
    eye = np.eye(4)
    if camera.is_orthographic:
        scale = np.linalg.norm(x[:3]), np.linalg.norm(y[:3])
        eye[:3, :3] = np.stack([x[:3] / scale[0], -y[:3] / scale[1], camera.axes[2]])
        eye[:3, 3] = x[3] / scale[0], -y[3] / scale[1], BEFORE
        focal, middle = np.array(scale) * size_px / 2, (size_px / 2, size_px / 2)
    else:
        w, across, down = (row / np.linalg.norm(w[:3]) for row in (w, (w + x), (w - y)))
        across, down = across * size_px / 2, down * size_px / 2
        middle = across[:3] @ w[:3], down[:3] @ w[:3]
        across, down = across - middle[0] * w, down - middle[1] * w
        focal = np.linalg.norm(across[:3]), np.linalg.norm(down[:3])
        eye[:3] = np.stack([across / focal[0], down / focal[1], w])
    return np.array([[focal[0], 0, middle[0]], [0, focal[1], middle[1]], [0, 0, 1]]), eye
