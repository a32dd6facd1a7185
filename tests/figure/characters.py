"""Small painted characters made of capsules, for the laws of the figure room."""

import numpy as np

from genkei.geometry.field import Grid, surface
from genkei.types import Character, Mesh, Rig


def capsule(points: np.ndarray, a: tuple, b: tuple, radius: float) -> np.ndarray:
    start, along = np.array(a), np.array(b) - np.array(a)
    share = np.clip((points - start) @ along / (along @ along), 0, 1)
    return np.linalg.norm(points - start - share[..., None] * along, axis=-1) - radius


def doll(step: float = 0.025, lean: float = 0.0, lift_left: float = 0.0) -> Character:
    """Head, body, two legs and arms; `lean` moves the head sideways, `lift_left` raises the left foot."""
    axes = [np.arange(-0.5, 0.5, step), np.arange(-0.05, 1.1, step), np.arange(-0.32, 0.32, step)]
    p = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    limbs = [
        capsule(p, (lean, 0.72, 0), (lean, 0.74, 0), 0.24),
        capsule(p, (0, 0.28, 0), (0, 0.5, 0), 0.13),
        capsule(p, (-0.08, 0.08, 0.02), (-0.08, 0.3, 0), 0.06),
        capsule(p, (0.08, 0.08 + lift_left, 0.02), (0.08, 0.3, 0), 0.06),
        capsule(p, (0.12, 0.44, 0), (0.33, 0.3, 0.05), 0.05),
        capsule(p, (-0.12, 0.44, 0), (-0.33, 0.3, 0.05), 0.05),
    ]
    origin = np.array([axis[0] for axis in axes], np.float32)
    mesh = surface(Grid(np.minimum.reduce(limbs).astype(np.float32), origin, step))
    vertices = mesh.vertices.copy()
    vertices[:, 1] -= vertices[:, 1].min()
    vertices /= vertices[:, 1].max()
    return painted(Mesh(vertices, mesh.faces))


def painted(mesh: Mesh) -> Character:
    """Hair, skin, dress and a small dark spot, projected from the front."""
    texture = np.zeros((128, 128, 3), np.uint8)
    texture[:40], texture[40:70], texture[70:] = (60, 60, 120), (230, 200, 180), (200, 40, 40)
    texture[48:54, 58:70] = (10, 10, 10)
    corner = mesh.vertices[mesh.faces]
    uv = np.stack([corner[..., 0] / 1.2 + 0.5, 1 - corner[..., 1]], -1).astype(np.float32)
    return Character(
        mesh=mesh,
        uv=uv,
        texture=texture,
        drawn=np.ones((128, 128), np.float32),
        parts=np.zeros(len(mesh.faces), np.int32),
        part_names=("body",),
        rig=Rig.empty(len(mesh.vertices)),
    )


def solid(shape) -> Mesh:
    """A manifold3d solid as a Mesh."""
    from genkei.geometry.mesh import from_manifold

    return from_manifold(shape)


def joined(*meshes: Mesh) -> Mesh:
    """Shells side by side in one mesh, overlapping or not."""
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    faces = [mesh.faces + start for mesh, start in zip(meshes, starts, strict=False)]
    return Mesh(np.concatenate([m.vertices for m in meshes]), np.concatenate(faces).astype(np.int32))
