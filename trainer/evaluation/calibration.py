"""Whether errors are as large as the product says they are."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import erfinv

from jumps_blender.core.skeleton import JOINTS
from jumps_blender.core.upsampler import Upsampler

from .scores import Shown

LEVELS: Final = np.linspace(0.02, 0.98, 49)
"""Shares of errors for which the stated spread should hold."""


def calibration(upsampler: Upsampler, shown: Shown) -> dict[str, np.ndarray]:
    """For "position" and "depth" the shares (49,) of errors within the spread that LEVELS ask of a normal distribution.

    Joints that the method was not shown, both axes of the image, all scenes of a condition at 25 frames per second, by
    the settings `default`. What the weights do not estimate is left out.
    """
    errors: dict[str, list[np.ndarray]] = {"position": [], "depth": []}
    for source, scenes in shown.scenes.items():
        for scene, tracks in zip(scenes, shown.tracks[source], strict=True):
            result = upsampler.upsample(tracks, JOINTS, fps=scene.fps, settings="default")
            hidden = ~np.isfinite(tracks).all(-1)
            if result.std is not None:
                errors["position"].append(
                    _in_deviations(result.positions - scene.positions, result.std[..., None])[hidden]
                )
            if result.depth is not None and result.depth_std is not None:
                errors["depth"].append(_in_deviations(result.depth - scene.depth, result.depth_std)[hidden])
    return {name: _shares(np.concatenate([each.ravel() for each in found])) for name, found in errors.items() if found}


def _in_deviations(error: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    """Errors in standard deviations; what is exact and said to be so, such as the pelvis's depth, is not judged."""
    return np.asarray(np.abs(error) / np.where(deviation > 0, deviation, np.nan))


def _shares(errors: np.ndarray) -> np.ndarray:
    judged = np.sort(errors[np.isfinite(errors)])
    return np.asarray(np.searchsorted(judged, np.sqrt(2) * erfinv(LEVELS), side="right") / len(judged))
