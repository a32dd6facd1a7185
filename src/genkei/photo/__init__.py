"""A finished figure in a photo studio: the shop picture, without any checkpoint."""

from genkei.photo.scene import Scene, scene_of_figure, scene_of_soup
from genkei.photo.studio import BACKDROPS, Studio

__all__ = ["BACKDROPS", "Scene", "Studio", "scene_of_figure", "scene_of_soup"]
