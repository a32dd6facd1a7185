"""One tensor of a file, known by its head alone."""

import math
from dataclasses import dataclass

BYTES = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2,
    "F8_E4M3": 1, "F8_E5M2": 1, "F8_E4M3FNUZ": 1, "F8_E5M2FNUZ": 1, "I8": 1, "U8": 1, "BOOL": 1,
}  # fmt: skip
"""Size of one number of each kind, by the names safetensors gives them."""


@dataclass(frozen=True)
class Tensor:
    """Kind of numbers (a key of BYTES, or the file's own word for another) and shape; -1: any length."""

    kind: str
    shape: tuple[int, ...]

    @property
    def bytes(self) -> int:
        """Taken by its numbers; 0 where the kind or a length is not known."""
        return BYTES.get(self.kind, 0) * max(math.prod(self.shape), 0)
