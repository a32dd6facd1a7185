"""Whether a published model can run here: its packages, and the GPU that was asked for."""

from importlib.util import find_spec

EXTRAS = {"torch": "torch", "diffusers": "diffusion", "transformers": "diffusion", "safetensors": "diffusion"}
"""Which of genkei's extras brings a package."""
DIFFUSION = ("torch", "diffusers", "transformers", "safetensors")
DEVICES = ("cpu", "cuda")


def refuse_unready(device: str, packages: tuple[str, ...] = ("torch",)) -> None:
    """ValueError says what to install where a package is missing, or that torch finds no such device."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise ValueError(
            f"this model runs on {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not"
            f" installed: pip install 'genkei[{EXTRAS[missing[-1]]}]'"
        )
    _refuse_unknown(device)
    if device == "cpu":
        return
    import torch

    if not torch.cuda.is_available():
        raise ValueError(
            f"--device {device}: torch {torch.__version__} finds no CUDA device here. Install a torch that"
            " was built for your GPU's driver (pytorch.org), or leave --device out: the processor does the"
            " same, slowly"
        )


def providers(device: str) -> list[str]:
    """onnxruntime's providers for a device; ValueError where the installed one has none for a GPU."""
    _refuse_unknown(device)
    if device == "cpu":
        return ["CPUExecutionProvider"]
    import onnxruntime

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        raise ValueError(
            f"--device {device}: onnxruntime {onnxruntime.__version__} is the build for processors. Install"
            " onnxruntime-gpu in its place (pip uninstall onnxruntime, pip install onnxruntime-gpu), or leave"
            " --device out: the processor does the same, slowly"
        )
    return ["CUDAExecutionProvider", "CPUExecutionProvider"]


def _refuse_unknown(device: str) -> None:
    if device.partition(":")[0] not in DEVICES:
        raise ValueError(f"there is no device {device!r}; models run on {' or '.join(DEVICES)}")
