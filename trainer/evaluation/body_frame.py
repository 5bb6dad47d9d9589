"""Constant differences of definition: where a result differs from the truth by the same offset in the body's frame.

Another laboratory's shoulder lies elsewhere in the shoulder, always. The body's frame in the image is the projection of
a frame in space that the truth tells: up from the mid-hip to the mid-shoulder; to the left along the mean of the hips'
and shoulders' lines, at right angles to it; forward across both. An offset of a joint in that frame, three numbers of
heads, moves it in the image by the three axes' shadows.
"""

from __future__ import annotations

import numpy as np

from jumps_blender.core.body.skeleton import INDEX

from .scenes import Scene


def body_axes(scene: Scene) -> np.ndarray:
    """Unit axes left, up and forward of the true body, (frames, 3, 3), the last axis x, y, depth of the image."""
    space = np.concatenate([scene.positions, scene.depth[..., None]], axis=-1)

    def at(name: str) -> np.ndarray:
        return space[:, INDEX[name]]

    up = at("left_shoulder") + at("right_shoulder") - at("left_hip") - at("right_hip")
    left = at("left_shoulder") - at("right_shoulder") + at("left_hip") - at("right_hip")
    up /= np.linalg.norm(up, axis=-1, keepdims=True)
    left -= (left * up).sum(-1, keepdims=True) * up
    left /= np.linalg.norm(left, axis=-1, keepdims=True)
    return np.stack([left, up, np.cross(left, up)], axis=1)


def without_offsets(results: list[np.ndarray], scenes: list[Scene]) -> list[np.ndarray]:
    """Results (frames, 28, 2) less the one offset per joint that explains most of their errors over all scenes.

    The offsets are fitted to the same scenes by least squares, 3 numbers for each joint: what is left is the error of a
    method that knew the definitions.
    """
    shadows = [body_axes(scene)[..., :2].transpose(0, 2, 1) for scene in scenes]  # (frames, 2, 3)
    seen = np.concatenate(shadows).reshape(-1, 3)
    errors = [
        (result - scene.positions) / scene.head_size[:, None, None]
        for result, scene in zip(results, scenes, strict=True)
    ]
    stacked = np.concatenate(errors).transpose(0, 2, 1).reshape(len(seen), -1)  # (frames 2, 28)
    known = np.isfinite(stacked)
    offsets = np.zeros((3, stacked.shape[1]))
    for joint in np.flatnonzero(known.any(0)):
        rows = known[:, joint]
        offsets[:, joint] = np.linalg.lstsq(seen[rows], stacked[rows, joint], rcond=None)[0]
    return [
        result - scene.head_size[:, None, None] * (shadow @ offsets).transpose(0, 2, 1)
        for result, scene, shadow in zip(results, scenes, shadows, strict=True)
    ]
