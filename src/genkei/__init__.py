"""genkei: a drawing of an anime character in, a textured 3D character and a printable figure out.

    made = genkei.make("front.png")
    made.figure, made.checks

Everything heavy is imported when it is first used, so `import genkei` costs nothing.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genkei.pipeline import Made, Printed, Recipe, make, printify, read

__version__ = "0.1.0"

_LAZY = ("Made", "Printed", "Recipe", "make", "printify", "read")


def __getattr__(name: str) -> object:
    if name in _LAZY:
        from genkei import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module 'genkei' has no attribute {name!r}; it has {', '.join(_LAZY)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY])


__all__ = ["Made", "Printed", "Recipe", "__version__", "make", "printify", "read"]
