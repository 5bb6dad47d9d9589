"""Every public door of the product but Blender's, for an interpreter that may have nothing beside numpy.

`test_numpy_alone.py` runs these there; each says by an exception that something is wrong.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

import jumps_blender
from jumps_blender.__main__ import main
from jumps_blender.core import Upsampler
from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.core.settings import PRESETS
from jumps_blender.core.weights import BUNDLED
from jumps_blender.errors import EngineError
from jumps_blender.formats import read
from tests.core.people import walker

SAMPLE: Final = Path(jumps_blender.__file__).parent / "samples" / "rooftop_coco17.json"

NOT_FOR_NUMPY: Final = {"torch_engine", "networks"}
"""Modules of the core that import torch, the first when it opens its engine."""


def every_module() -> None:
    """Import whatever belongs to the core, the file formats, the worker, the batch."""
    for folder in ("core", "formats", "worker", "batch"):
        package = importlib.import_module(f"jumps_blender.{folder}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.rpartition(".")[2] not in NOT_FOR_NUMPY:
                importlib.import_module(module.name)


def presets() -> None:
    """Solve with all four, of `paper` a few steps."""
    seen = walker(30)[:, :17]
    for name, preset in PRESETS.items():
        fewer = replace(preset, steps=2, random_starts=1)
        result = Upsampler.load(engine="numpy").upsample(seen, settings=fewer)
        assert result.report.engine == "numpy", name
        assert np.isfinite(result.positions).all(), name
        assert result.positions.shape == (30, 28, 2), name


def automatic_engine() -> None:
    """Take what there is."""
    assert Upsampler.load().upsample(walker(10)[:, :17]).report.engine == "numpy"


def streamed_and_updated() -> None:
    """Solve stretch by stretch, then move one joint, pin it, and solve again around it."""
    seen = walker(120)[:, :17]
    upsampler = Upsampler.load(engine="numpy")
    parts = list(upsampler.stream(seen))
    assert sum(len(part.positions) for part in parts) == 120
    result = upsampler.upsample(seen)
    moved, pinned = seen.copy(), np.zeros(seen.shape[:2], bool)
    moved[60, 9] += 25.0
    pinned[60, 9] = True
    changed = upsampler.update(result, [60], moved, pinned=pinned)
    np.testing.assert_array_equal(changed.positions[60, JOINTS.index("left_wrist")], moved[60, 9])
    np.testing.assert_array_equal(changed.positions[0], result.positions[0])
    pins = np.full((120, 28, 2), np.nan)
    pins[60, JOINTS.index("left_hand")] = moved[60, 9]
    pinned_where_nothing_was_seen = upsampler.update(result, [60], seen, pins=pins)
    np.testing.assert_array_equal(pinned_where_nothing_was_seen.positions[60, JOINTS.index("left_hand")], moved[60, 9])


def joint_sets() -> None:
    """Solve what any known detector names."""
    upsampler, body = Upsampler.load(engine="numpy"), walker(12)
    for name, known in JOINT_SETS.items():
        seen = np.full((len(body), len(known.joints), 2), np.nan)
        for source, joint in known.observes:
            seen[:, source] = body[:, joint]
        result = upsampler.upsample(seen, joint_set=name, settings="draft")
        assert np.isfinite(result.positions).all(), name


def screening() -> None:
    """Have a limb that is elsewhere found."""
    seen = walker(100)
    seen[40:50, JOINTS.index("left_wrist")] += 400.0
    assert Upsampler.load(engine="numpy").upsample(seen, joint_set=JOINTS).rejected[44].any()


def other_weights() -> None:
    """Load a prior by its folder."""
    chosen = Upsampler.load(engine="numpy", weights=BUNDLED).upsample(walker(10)[:, :17], settings="draft")
    usual = Upsampler.load(engine="numpy").upsample(walker(10)[:, :17], settings="draft")
    np.testing.assert_array_equal(chosen.positions, usual.positions)


def command_line() -> None:
    """Look into the sample, and solve it into either kind of file."""
    assert main(["inspect", str(SAMPLE), "--json"]) == 0
    for out in ("out.json", "out.csv"):
        assert main(["upsample", str(SAMPLE), "-o", out, "--settings", "draft", "--engine", "numpy"]) == 0
    assert json.loads(Path("out.json").read_text(encoding="utf-8"))["format"] == "jumps-result"
    assert read("out.json").people[0].frames == 226


def torch_is_asked_for() -> None:
    """Hear which interpreter lacks torch, and the remedy."""
    said = ""
    try:
        Upsampler.load(engine="torch")
    except EngineError as error:
        said = str(error)
    assert f"The interpreter {sys.executable} has no torch" in said
    assert "Choose an interpreter that has it in the add-on's preferences" in said
    assert "pip install torch" in said


DOORS: Final[tuple[Callable[[], None], ...]] = (
    every_module, presets, automatic_engine, streamed_and_updated, joint_sets, screening, other_weights, command_line,
    torch_is_asked_for,
)  # fmt: skip
