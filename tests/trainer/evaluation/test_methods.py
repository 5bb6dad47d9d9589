"""What results depend on: they are kept while nothing that moves a joint changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from jumps_blender.core.settings import PRESETS
from jumps_blender.core.weights import BUNDLED, DEFAULT, PAPER
from trainer.evaluation.methods import identify
from trainer.export import write


@pytest.mark.parametrize(
    ("array", "settings", "same"),
    [
        ("calibration.seen.left", "default", True),
        ("follower.says", "default", False),
        ("screen.0.bias", "draft", False),
        ("screen.0.bias", "paper", True),
    ],
)
def test_results_belong_to_what_moves_joints(tmp_path: Path, array: str, settings: str, same: bool) -> None:
    shutil.copy(BUNDLED / PAPER, tmp_path)
    arrays = load_file(BUNDLED / DEFAULT)
    write(tmp_path / DEFAULT, arrays | {array: arrays[array] + np.ones((), arrays[array].dtype)}, {})
    preset = PRESETS[settings]
    assert (identify(tmp_path, preset) == identify(BUNDLED, preset)) == same
