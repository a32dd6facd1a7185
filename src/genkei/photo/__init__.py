"""A finished figure, or a drawing, in a photo studio: the shop picture, without any checkpoint."""

from genkei.photo.lit import Lit, Vinyl
from genkei.photo.scene import Scene, scene_of_figure, scene_of_soup
from genkei.photo.studio import BACKDROPS, Studio

__all__ = ["BACKDROPS", "Lit", "Scene", "Studio", "Vinyl", "scene_of_figure", "scene_of_soup"]
