"""The studio: a long lens, three softboxes, a cove, and the picture of what stands in it."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

from genkei.formats.soup import soup_colours
from genkei.geometry.colour import to_linear, to_srgb
from genkei.geometry.render import halve
from genkei.photo.lights import (
    FILL,
    KEY,
    RIM,
    SKY_REACH,
    START,
    Light,
    block_means,
    light_points,
    pattern,
    sky_directions,
    visible,
)
from genkei.photo.scene import Scene
from genkei.photo.vinyl import diffuse, fresnel, highlight, in_crevices, skin_share, through_skin

BACKDROPS = {
    "auto": None,
    "white": (0.96, 0.96, 0.96),
    "grey": (0.72, 0.73, 0.75),
    "dark": (0.13, 0.13, 0.15),
    "rose": (0.93, 0.84, 0.84),
    "sky": (0.80, 0.88, 0.94),
}
"""sRGB of the cove under full light; `auto` is a pale tint that the figure's own colours stand out from."""
LENS_DEG = 16.0
"""A long lens: figures are photographed from far, so that feet are no smaller than faces."""
ROOM = 1.12
"""The picture is this much wider than the figure."""
LIGHTS = (KEY, FILL, RIM)
SKY = 0.50
"""Strength of the light from everywhere."""
SKY_COLOUR = (1.0, 0.985, 0.97)
GLOSS_SKY = 0.55
"""How bright the softbox over the cove is that all satin surfaces mirror a little."""
FLOOR_REACH = 1.5
"""Shadows on the floor fade out towards this distance from the axis, in heights."""
SHOULDER = 0.80
"""Light over this rolls off towards white instead of clipping."""
LARGEST_PX = 6000
BAND_ROWS = 96
"""Rows lit at once: memory stays under a few hundred MB whatever the size."""


@dataclass(frozen=True)
class Samples:
    """What 2 x 2 samples a pixel see, rows of a [h, w] band: the figure, the floor or nothing."""

    points: Float[np.ndarray, "h w 3"]
    normals: Float[np.ndarray, "h w 3"]
    paint: Float32[np.ndarray, "h w 3"]
    """sRGB."""
    skin: Float32[np.ndarray, "h w"]
    figure: np.ndarray
    floor: np.ndarray


@dataclass(frozen=True)
class Studio:
    """How the figure is photographed; `Studio()(scene)` is the picture."""

    azimuth_deg: float = 18.0
    """Where the camera stands: 0 in front, 90 at the character's left side."""
    elevation_deg: float = 7.0
    """Over the horizon: 0 at shelf height, 30 from a desk chair."""
    width_px: int = 1200
    height_px: int = 1600
    backdrop: str = "auto"
    """A name of BACKDROPS, `#rrggbb`, or `none` for a transparent picture without floor or shadow."""
    lens_deg: float = LENS_DEG
    """Opening of the lens over the picture's height; 1 is as good as parallel."""

    def __post_init__(self) -> None:
        for name, value in (("width", self.width_px), ("height", self.height_px)):
            if not 16 <= value <= LARGEST_PX:
                raise ValueError(f"the picture's {name} is {value} px; wanted 16 to {LARGEST_PX}")
        if not -10 <= self.elevation_deg <= 80:
            raise ValueError(f"the camera's elevation is {self.elevation_deg:g} degrees; wanted -10 to 80")
        if not 0.5 <= self.lens_deg <= 60:
            raise ValueError(f"the lens opens {self.lens_deg:g} degrees; wanted 0.5 to 60")
        if self.backdrop not in (*BACKDROPS, "none"):
            _hex(self.backdrop)

    def __call__(self, scene: Scene) -> Float32[np.ndarray, "h w 4"]:
        """RGBA in [0, 1], sRGB, opaque but for the backdrop `none`; the same scene gives the same bytes."""
        cove = self._cove(scene)
        eye, rays = self._rays(scene)
        rows = []
        for top in range(0, 2 * self.height_px, BAND_ROWS):
            reach = min(top + BAND_ROWS, 2 * self.height_px)
            low, high = max(top - 2, 0), min(reach + 2, 2 * self.height_px)  # the pattern's neighbours
            lit = self._lit(scene, eye, rays(low, high), low, cove)
            rows.append(halve(lit[top - low : len(lit) - (high - reach)]))
        return np.concatenate(rows)

    @property
    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Unit: across the picture, up in it, and from the figure to the camera."""
        turn, rise = math.radians(self.azimuth_deg), math.radians(self.elevation_deg)
        back = np.array([math.sin(turn) * math.cos(rise), math.sin(rise), math.cos(turn) * math.cos(rise)])
        right = np.array([math.cos(turn), 0.0, -math.sin(turn)])
        return right, np.cross(back, right), back

    def pixels(self, scene: Scene, points: Float[np.ndarray, "n 3"]) -> Float[np.ndarray, "n 2"]:
        """Where points of the scene lie in its picture: x to the right, y down, pixel centres at +0.5."""
        right, up, back = self.axes
        eye, half = self._eye(scene)
        away = points - eye
        scale = self.height_px / 2 / half / -(away @ back)
        return np.stack([self.width_px / 2 + away @ right * scale, self.height_px / 2 - away @ up * scale], 1)

    def _eye(self, scene: Scene) -> tuple[Float[np.ndarray, "3"], float]:
        """Where the camera stands, and the tangent of half its opening."""
        right, up, back = self.axes
        tall, wide = self._frame(scene, right, up)
        half = math.tan(math.radians(self.lens_deg) / 2)
        needed = max(tall / 2, wide / 2 * self.height_px / self.width_px)
        target = np.array([0.0, (scene.soup.vertices[:, 1].max()) / 2 - 0.02, 0.0])
        return target + back * (needed / half), half

    def _rays(self, scene: Scene):
        """The eye, and unit directions through the samples of rows `low` to `high`."""
        right, up, back = self.axes
        eye, half = self._eye(scene)

        def directions(low: int, high: int) -> np.ndarray:
            x = ((np.arange(2 * self.width_px) + 0.5) / self.width_px - 1) * self.width_px / self.height_px
            y = 1 - (np.arange(low, high) + 0.5) / self.height_px
            way = -back + half * (x[None, :, None] * right + y[:, None, None] * up)
            return way / np.linalg.norm(way, axis=-1, keepdims=True)

        return eye, directions

    def _frame(self, scene: Scene, right: np.ndarray, up: np.ndarray) -> tuple[float, float]:
        """Height and width of the figure in the picture, with room round it; the nearest side looms."""
        points = scene.soup.vertices[np.unique(scene.soup.faces)]
        loom = 1 + scene.reach * math.tan(math.radians(self.lens_deg) / 2) * 1.2
        across = 2 * float(np.abs(points @ right).max())
        return float(np.ptp(points @ up)) * ROOM * loom + 0.03, across * ROOM * loom

    def _lit(self, scene, eye, rays, low: int, cove) -> np.ndarray:
        """RGBA of a band of samples."""
        seen = self._see(scene, eye, rays, cove)
        rgba = np.zeros((*rays.shape[:2], 4), np.float32)
        if cove is not None:
            rgba[..., :3], rgba[..., 3] = _wall(cove, self._through_long_lens(rays), self.axes[0]), 1
        there = seen.figure | seen.floor
        if there.any():
            shares = self._shares(scene, seen, there, low)
            rgba[seen.figure, :3] = self._vinyl(seen, shares, -rays)
            rgba[seen.figure, 3] = 1
            rgba[seen.floor, :3] *= self._shadow(seen.points[seen.floor], shares[seen.floor])
        rgba[..., :3] = to_srgb(_shoulder(rgba[..., :3]))
        return rgba

    def _through_long_lens(self, rays: np.ndarray) -> np.ndarray:
        """The unit rays that LENS_DEG would send through the same places: the wall is lit for it."""
        if self.lens_deg == LENS_DEG:
            return rays
        back = self.axes[2]
        ahead = -(rays @ back)[..., None]
        wider = math.tan(math.radians(LENS_DEG) / 2) / math.tan(math.radians(self.lens_deg) / 2)
        way = (rays / ahead + back) * wider - back
        return way / np.linalg.norm(way, axis=-1, keepdims=True)

    def _see(self, scene: Scene, eye: np.ndarray, rays: np.ndarray, cove) -> Samples:
        """What each sample sees first."""
        flat = rays.reshape(-1, 3)
        starts = np.broadcast_to(eye, flat.shape).astype(np.float64)
        look = scene.look(starts, flat)
        figure = look.face >= 0
        points, normals = np.zeros(flat.shape), np.zeros(flat.shape)
        normals[:, 1] = 1
        points[figure] = eye + flat[figure] * look.distance[figure, None]
        normals[figure] = scene.facing(look, flat)[figure]
        floor = ~figure & (flat[:, 1] < -1e-6) & (cove is not None)
        points[floor] = eye + flat[floor] * (-eye[1] / flat[floor, 1])[:, None]
        floor &= np.linalg.norm(points, axis=1) < FLOOR_REACH
        shape = rays.shape[:2]
        return Samples(
            points.reshape(*shape, 3),
            normals.reshape(*shape, 3),
            look.paint.reshape(*shape, 3),
            look.skin.reshape(shape),
            figure.reshape(shape),
            floor.reshape(shape),
        )

    def _shares(self, scene, seen: Samples, there, low: int) -> np.ndarray:
        """How much of each softbox, and last of the sky, every sample sees."""
        rows, columns = np.nonzero(there)
        place = pattern(rows + low, columns)
        starts = seen.points[there] + START * seen.normals[there]
        shares = np.zeros((*there.shape, len(LIGHTS) + 1), np.float32)
        for k, light in enumerate(LIGHTS):
            spots = light_points(light, self.azimuth_deg)
            shares[there, k] = visible(scene.blocks.first_hit, starts, spots[place])
        shares[there, -1] = self._sky(scene, starts, seen.normals[there], place)
        return block_means(shares, seen.normals, seen.points, there)

    def _vinyl(self, seen: Samples, shares: np.ndarray, towards_eye: np.ndarray) -> np.ndarray:
        """Linear light leaving the figure's samples towards the eye."""
        where = seen.figure
        normals, eyes, srgb = seen.normals[where], towards_eye[where], seen.paint[where].astype(np.float64)
        skin, open_ = skin_share(srgb) * seen.skin[where], shares[where, -1].astype(np.float64)
        glow = SKY * open_[:, None] * (0.86 + 0.14 * normals[:, 1:2]) * np.array(SKY_COLOUR)
        gloss = _mirrored_sky(normals, eyes) * open_
        for k, light in enumerate(LIGHTS):
            towards, cosine = self._towards(light, seen.points[where], normals)
            shade = shares[where, k : k + 1] * light.strength * np.array(light.colour)
            glow = glow + shade * diffuse(cosine, skin)
            shine = highlight(normals, eyes, towards, light.radius / light.distance)
            gloss = gloss + shade.mean(1) * np.where(cosine > 0, shine, 0)
        glow = glow + through_skin(skin, open_)
        return (in_crevices(to_linear(srgb), open_) * glow + gloss[:, None]).astype(np.float32)

    def _shadow(self, points: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """What is left of the light on the floor beside the same floor without a figure, 0..1."""
        up = np.broadcast_to([0.0, 1.0, 0.0], points.shape)
        full, left = np.full((len(points), 1), SKY), SKY * shares[:, -1:]
        for k, light in enumerate(LIGHTS):
            cosine = np.clip(self._towards(light, points, up)[1], 0, None)[:, None] * light.strength
            full, left = full + cosine, left + cosine * shares[:, k : k + 1]
        far = np.clip(np.linalg.norm(points, axis=1) / FLOOR_REACH, 0, 1)[:, None]
        return 1 - (1 - far**3) * (1 - left / full)

    def _towards(self, light: Light, points: np.ndarray, normals: np.ndarray):
        """Unit ways to the middle of a softbox, and their cosine with the normals."""
        way = light.place(self.azimuth_deg) - points
        way /= np.linalg.norm(way, axis=1, keepdims=True)
        return way, np.einsum("nk,nk->n", normals, way)

    def _sky(self, scene, starts, normals, place) -> np.ndarray:
        """Share of the sky seen, two looks a sample; the floor hides the lower half of it."""
        total = np.zeros(len(starts), np.float32)
        for step in (0, 9):
            way = sky_directions(normals, place + step)
            distance = scene.blocks.first_hit(starts, way)[1]
            free = np.clip(distance / SKY_REACH, 0, 1) ** 2
            to_floor = np.where(way[:, 1] < -1e-6, starts[:, 1] / np.maximum(-way[:, 1], 1e-6), np.inf)
            total += np.where(to_floor < distance, np.clip(0.25 + to_floor / SKY_REACH, 0, 0.75), free) / 2
        return total

    def _cove(self, scene: Scene) -> np.ndarray | None:
        """sRGB of floor and wall, None for a transparent picture."""
        if self.backdrop == "none":
            return None
        colour = BACKDROPS.get(self.backdrop) if self.backdrop in BACKDROPS else _hex(self.backdrop)
        return np.array(colour, np.float32) if colour is not None else _tint(scene)


def _wall(cove: np.ndarray, rays: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Linear light of the wall: a soft pool behind the figure, darker to the sides and overhead."""
    across = rays @ right / math.tan(math.radians(LENS_DEG) / 2)
    fall = 1.0 - 0.22 * across**2 - 0.30 * np.clip(rays[..., 1] * 4 + 0.25, 0, 1) ** 2
    return (to_linear(cove.astype(np.float64))[None, None] * (0.98 * fall)[..., None]).astype(np.float32)


def _mirrored_sky(normals: np.ndarray, eyes: np.ndarray) -> np.ndarray:
    """What a satin surface mirrors of a softbox overhead, by Fresnel."""
    facing = np.einsum("nk,nk->n", normals, eyes)
    up = 2 * facing * normals[:, 1] - eyes[:, 1]
    return GLOSS_SKY * fresnel(facing) * np.clip(0.5 + 0.7 * up, 0, 1) * 0.7


def _shoulder(linear: np.ndarray) -> np.ndarray:
    """Straight up to SHOULDER, then an exponential that never passes 1."""
    over = np.maximum(linear - SHOULDER, 0)
    rolled = SHOULDER + (1 - SHOULDER) * (1 - np.exp(-over / (1 - SHOULDER)))
    return np.where(linear > SHOULDER, rolled, linear).astype(np.float32)


def _tint(scene: Scene) -> np.ndarray:
    """A pale tint opposite to the figure's mean hue, so that it stands out; grey for a grey figure."""
    from genkei.geometry.colour import to_lab
    from genkei.geometry.mesh import area_vectors

    middle = np.full((len(scene.soup.faces), 3), 1 / 3, np.float32)
    colours = soup_colours(scene.soup, np.arange(len(scene.soup.faces)), middle)[:, :3] / 255
    area = np.linalg.norm(area_vectors(scene.mesh), axis=1)
    _, a, b = np.average(to_lab(colours), axis=0, weights=area)
    hue = math.degrees(math.atan2(-b, -a))
    strength = min(math.hypot(a, b) / 20, 1)
    return _pale(hue, strength)


def _pale(hue_deg: float, strength: float) -> np.ndarray:
    """sRGB of a light grey leaning to a Lab hue."""
    a, b = math.cos(math.radians(hue_deg)), math.sin(math.radians(hue_deg))
    lean = np.array([0.060 * a + 0.012 * b, -0.026 * a + 0.006 * b, 0.012 * a - 0.070 * b])
    return np.clip(np.array([0.90, 0.90, 0.905]) + 0.5 * strength * lean, 0, 1).astype(np.float32)


def _hex(text: str) -> tuple[float, float, float]:
    """`#rrggbb`; ValueError in the user's words."""
    digits = text.removeprefix("#")
    if len(digits) != 6 or not text.startswith("#") or any(c not in "0123456789abcdefABCDEF" for c in digits):
        known = ", ".join((*BACKDROPS, "none"))
        raise ValueError(f"the backdrop {text!r} is not known; wanted one of {known}, or a colour as #d8e4f0")
    red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return red, green, blue
