"""Training that begins from exported weights, of the same net or of a relative."""

from pathlib import Path

from torch import Tensor  # pyright: ignore[reportMissingImports]

from genkei_train.unet import NETS, UNet


def begin_from(net: UNet, path: Path) -> None:
    """The file's weights; of another net of the same width, those of the trunk."""
    from genkei_train.export import weights_of

    architecture, weights = weights_of(path)
    wanted = net.architecture.record()
    if architecture["width"] != wanted["width"]:
        raise ValueError(f"{path} holds {architecture}, asked for was {wanted}")
    if architecture["net"] != wanted["net"]:
        weights = lent(net, architecture["net"], weights)
    net.load_state_dict(weights)


def lent(net: UNet, lender: str, weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """What `net` can take over from another kind of net; its stem sees opaque pictures as that one would."""
    mine = net.state_dict()
    same = {n: w for n, w in weights.items() if n in mine and mine[n].shape == w.shape}
    stem, bias = weights["stem.weight"].unflatten(1, (-1, 4)), weights["stem.bias"].clone()
    channels = sum(NETS[lender].inputs.values())
    taken = [*range(min(3, channels)), channels, channels + 1]
    if stem.shape[1] > 5:  # an alpha of 1 everywhere, but for the padding at the border
        bias += stem[:, 3].sum((1, 2, 3))
    same["stem.weight"], same["stem.bias"] = stem[:, taken].flatten(1, 2), bias
    return mine | same
