"""Lessons from two people who walk, small enough to fit every baseline in a blink."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jumps_blender.core.body.skeleton import JOINTS, LIMB_JOINTS
from trainer.baselines import Lessons
from trainer.baselines.command import lessons as lessons_of


@pytest.fixture(scope="session")
def small_fits() -> Iterator[None]:
    """Fewer windows and smaller models: the methods stay what they are."""
    from trainer.baselines import conditioned, lessons, networks

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lessons, "EXAMINATION", 24)
        patch.setattr(conditioned, "RANKS", (24,))
        patch.setattr(conditioned, "USUAL_RANK", 24)
        patch.setattr(networks, "WIDTH", 16)
        patch.setattr(networks, "BATCH", 16)
        yield


@pytest.fixture(scope="session")
def lessons(prepared: Path, small_fits: None) -> Lessons:
    return lessons_of(prepared, None, windows=300, minutes=1.0, steps=4, seed=0)


@pytest.fixture(scope="session")
def limbs() -> np.ndarray:
    return np.isin(JOINTS, LIMB_JOINTS)
