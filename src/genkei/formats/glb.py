"""glTF 2.0 binary (.glb, .vrm): read any character, write ours."""

from genkei.formats.glb_reader import read

__all__ = ["read"]
