"""`python -m genkei.texture.xatlas_worker mesh.npz uv.npy`: xatlas where it can be ended from outside."""

import sys

import numpy as np


def main(source: str, result: str) -> None:
    """Reads vertices, faces, size and gutter; writes uv [f, 3, 2] with one texel density."""
    import xatlas

    with np.load(source) as given:
        atlas = xatlas.Atlas()
        atlas.add_mesh(given["vertices"], given["faces"].astype(np.uint32))
        packing = xatlas.PackOptions()
        packing.resolution = int(given["size"])
        packing.padding = int(given["gutter"])
        packing.bilinear = True
    atlas.generate(xatlas.ChartOptions(), packing)
    _, faces, uv = atlas[0]
    pixels = np.array([atlas.width, atlas.height], np.float64)
    np.save(result, (uv[faces] * pixels / pixels.max()).astype(np.float32))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
