"""One captured motion, made comparable: 28 joints, metres, z up, one frame rate, glitches marked."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from scipy.interpolate import CubicSpline

from jumps_blender.errors import FormatError

from .checks import begins_with_rest_pose
from .dataset import Clip
from .manifest import ClipEntry
from .markers import joints_from_markers
from .motion import Motion
from .skeleton_map import SkeletonMap, apply_map

MARKER_TYPE: Final = "pig39"


def harmonise(entry: ClipEntry, motion: Motion, maps: dict[str, SkeletonMap], fps: float) -> Clip:
    """Map a motion to the 28 joints at `fps` frames per second.

    A pose for calibration that the manifest does not know of counts as a glitch.
    Raises FormatError where the file has another number of frames than the manifest says or too few to use, or an
    unknown skeleton type; InputError where the skeleton lacks a joint.
    """
    if motion.frames != entry.frames:
        raise FormatError(
            f"{entry.id} has {motion.frames} frames, the manifest says {entry.frames}. Correct one of them."
        )
    joints = _to_z_up(_joints(entry, motion, maps), entry.up)[entry.first_frame :]
    valid = _outside_glitches(entry) & np.isfinite(joints).all(axis=(1, 2))
    if valid[:2].all() and begins_with_rest_pose(joints):
        valid[0] = False
    if valid.sum() < 2:
        raise FormatError(f"{entry.id} has {valid.sum()} usable frames, expected at least 2. Leave it out.")
    positions, valid = resample(bridge(joints, valid), valid, entry.fps, fps)
    return Clip(
        id=entry.id, source=entry.source, subject=entry.subject, split=entry.split, licence=entry.licence,
        label=entry.label, positions=positions.astype(np.float32), fps=fps, valid=valid,
    )  # fmt: skip


def _joints(entry: ClipEntry, motion: Motion, maps: dict[str, SkeletonMap]) -> np.ndarray:
    if entry.skeleton == MARKER_TYPE:
        metric = replace(motion, positions=motion.positions * entry.unit_in_metres)
        return joints_from_markers(metric, entry.id)
    if entry.skeleton not in maps:
        raise FormatError(
            f"{entry.id} is of skeleton type {entry.skeleton!r}, expected one of {', '.join(maps)}, {MARKER_TYPE}."
        )
    return apply_map(motion, maps[entry.skeleton], entry.id) * entry.unit_in_metres


def _to_z_up(positions: np.ndarray, up: str) -> np.ndarray:
    x, y, z = np.moveaxis(positions, -1, 0)
    return positions if up == "z" else np.stack([x, -z, y], axis=-1)


def _outside_glitches(entry: ClipEntry) -> np.ndarray:
    valid = np.ones(entry.frames, bool)
    for first, last in entry.glitches:
        valid[first : last + 1] = False
    return valid[entry.first_frame :]


def bridge(positions: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Replace invalid frames by straight lines between valid ones, so that no spline swings out at a glitch."""
    if valid.all():
        return positions
    frames = np.arange(len(positions))
    flat = positions.reshape(len(positions), -1).copy()
    flat[~valid] = np.stack([np.interp(frames[~valid], frames[valid], column[valid]) for column in flat.T], axis=-1)
    return flat.reshape(positions.shape)


def resample(positions: np.ndarray, valid: np.ndarray, fps: float, to_fps: float) -> tuple[np.ndarray, np.ndarray]:
    """Positions (frames, joints, axes) and validity (frames,) at another rate, by a cubic spline over time.

    A new frame is valid where both frames around it are.
    """
    if np.isclose(fps, to_fps):
        return positions, valid
    last = len(positions) - 1
    count = int(np.floor(last * to_fps / fps + 1e-6)) + 1
    at = np.minimum(np.arange(count) * fps / to_fps, last)
    before, after = np.floor(at + 1e-6).astype(int), np.ceil(at - 1e-6).astype(int)
    return CubicSpline(np.arange(len(positions)), positions, axis=0)(at), valid[before] & valid[after]
