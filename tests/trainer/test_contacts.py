"""What is measured of feet that stand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from jumps_blender.core.contacts import FEET
from tests.trainer.conftest import MakeClip
from trainer.__main__ import main
from trainer.evaluation.contacts import true_contacts


def test_a_foot_stands_in_truth_where_it_is_slow_and_low(make_clip: MakeClip) -> None:
    clip = make_clip("gerd", frames=60)
    clip.positions[:] = clip.positions[:1]
    clip.positions[20:40, FEET[0], 2] += 0.3  # lifted, and held there
    clip.positions[30:, FEET[1], 0] += 0.1 * np.arange(30)[:, None]  # dragged along
    standing = true_contacts(clip)
    assert standing[:18, 0].all()
    assert not standing[20:40, 0].any()
    assert standing[:28, 1].all()
    assert not standing[32:, 1].any()


def test_the_command_says_how_much_less_locked_feet_slide(prepared: Path, tmp_path: Path) -> None:
    assert main(["contacts", "--data", str(prepared), "--windows", "1", "--out", str(tmp_path)]) == 0
    content = json.loads((tmp_path / "contacts.json").read_text())
    assert content["options"] == {"split": "test", "windows": 1, "seed": 0}
    for row in content["sample"]:
        assert 0.1 < row["contact"] < 0.9
        assert row["after"] < 0.01 < row["before"]
    ways = {row["way"] for row in content["slides"]}
    assert {"as solved", "locked"} <= ways
    tables = (tmp_path / "contacts.md").read_text()
    assert "Made by `python -m trainer contacts --split test --windows 1 --seed 0`" in tables
    assert str(tmp_path) not in tables
    assert len(list(tmp_path.iterdir())) == 2
