"""glTF 2.0 binary (.glb, .vrm): read any character, write ours."""

from genkei.formats.glb_reader import read, read_rigged
from genkei.formats.glb_writer import write_character, write_figure

__all__ = ["read", "read_rigged", "write_character", "write_figure"]
