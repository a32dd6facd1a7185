"""glTF 2.0 binary (.glb, .vrm): read any character, write ours."""

from genkei.formats.glb_reader import read
from genkei.formats.glb_writer import write_character, write_figure

__all__ = ["read", "write_character", "write_figure"]
