"""Rotations of many frames at once.

Vectors are (..., 3), rotations (..., 3, 3) that act on columns, angles radians, counter-clockwise about their axis.
Leading axes are frames, and broadcast.
"""

from __future__ import annotations

from typing import Final

import numpy as np

TINY: Final = 1e-9

IDENTITY: Final = np.eye(3)


def unit(vectors: np.ndarray) -> np.ndarray:
    """Vectors of length 1; those without a length stay 0."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.maximum(lengths, TINY)


def across(vectors: np.ndarray, axes: np.ndarray) -> np.ndarray:
    """The part of vectors at right angles to unit axes."""
    return vectors - np.sum(vectors * axes, -1, keepdims=True) * axes


def apply(rotations: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Vectors, turned."""
    return np.einsum("...ij,...j->...i", rotations, vectors)


def turn(axes: np.ndarray, angles: np.ndarray | float) -> np.ndarray:
    """Rotations about unit axes."""
    angles = np.asarray(angles, float)
    axes, _ = np.broadcast_arrays(axes, angles[..., None])
    cross = _cross_matrix(axes)
    sine, cosine = np.sin(angles)[..., None, None], np.cos(angles)[..., None, None]
    return IDENTITY + sine * cross + (1 - cosine) * (cross @ cross)


def swing(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The shortest rotations that bring unit vectors onto others; half turns where they are opposite."""
    start, end = np.broadcast_arrays(start, end)
    cross = _cross_matrix(np.cross(start, end))
    cosine = np.sum(start * end, -1)[..., None, None]
    opposite = cosine < -1 + 1e-8
    shortest = IDENTITY + cross + cross @ cross / np.where(opposite, 1.0, 1 + cosine)
    if not opposite.any():
        return shortest
    aside = unit(across(IDENTITY[np.abs(start).argmin(-1)], start))
    return np.where(opposite, turn(aside, np.pi), shortest)


def angle_about(axes: np.ndarray, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Angles by which vectors turn about unit axes until they point, seen along them, like others."""
    start, end = across(start, axes), across(end, axes)
    return np.arctan2(np.sum(np.cross(start, end) * axes, -1), np.sum(start * end, -1))


def transposed(rotations: np.ndarray) -> np.ndarray:
    """The rotations the other way."""
    return np.swapaxes(rotations, -1, -2)


def quaternions(rotations: np.ndarray) -> np.ndarray:
    """Unit quaternions (frames, 4), w first, of rotations (frames, 3, 3); signs do not jump from frame to frame."""
    m = rotations
    trace = np.einsum("...ii", m)
    # Four ways to read a quaternion off a matrix; the one with the largest square divides by no small number.
    squares = np.stack([trace, *(2 * m[..., i, i] - trace for i in range(3))], -1)
    xy, xz, yz = (m[..., i, j] + m[..., j, i] for i, j in ((0, 1), (0, 2), (1, 2)))
    wx, wy, wz = (m[..., i, j] - m[..., j, i] for i, j in ((2, 1), (0, 2), (1, 0)))
    w, x, y, z = np.moveaxis(1 + squares, -1, 0)
    table = ((w, wx, wy, wz), (wx, x, xy, xz), (wy, xy, y, yz), (wz, xz, yz, z))
    rows = np.stack([np.stack(row, -1) for row in table], -2)
    best = np.take_along_axis(rows, squares.argmax(-1)[..., None, None], -2)[..., 0, :]
    best = unit(best)
    turned = np.sum(best[1:] * best[:-1], -1) < 0
    return best * np.where(np.concatenate([[False], np.cumsum(turned) % 2 == 1]), -1.0, 1.0)[:, None]


def _cross_matrix(vectors: np.ndarray) -> np.ndarray:
    x, y, z = np.moveaxis(vectors, -1, 0)
    zero = np.zeros_like(x)
    return np.stack([np.stack([zero, -z, y], -1), np.stack([z, zero, -x], -1), np.stack([-y, x, zero], -1)], -2)
