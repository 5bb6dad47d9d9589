"""How far a result is from the truth."""

from __future__ import annotations

import numpy as np

from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from jumps_blender.core.metrics import auc, errors_in_heads, pckh

_SEEN = np.isin(JOINTS, LIMB_JOINTS)


def score(positions: np.ndarray, truth: np.ndarray, head_size: np.ndarray) -> dict[str, float]:
    """Mean errors in heads of the 12 joints that are observed and of the 16 others, and the others' PCKh and AUC.

    positions, truth: (frames, 28, 2); head_size: (frames,), same units.
    """
    errors = errors_in_heads(positions, truth, head_size)
    missing = errors[:, ~_SEEN]
    return {
        "observed": float(errors[:, _SEEN].mean()),
        "missing": float(missing.mean()),
        "pckh": float(pckh(missing, 0.1)),
        "auc": auc(missing),
    }
