"""The pictures of docs/solver.md: all that it shows is what the command draws, from the sample."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from demo import explain
from demo.__main__ import SAMPLE
from jumps_blender.core import Upsampler
from jumps_blender.formats import read

WOMAN = "2"


def test_the_page_shows_what_the_command_draws(repository: Path) -> None:
    page = (repository / "docs" / "solver.md").read_text(encoding="utf-8")
    drawn = {explain.STEPS_NAME, *explain.CURVES}
    assert set(re.findall(r"\]\(images/(\S+)\)", page)) == drawn
    assert all((repository / "docs" / "images" / name).is_file() for name in drawn)


@pytest.mark.parametrize("name", explain.CURVES)
def test_curves_are_drawn_from_the_sample(name: str, tmp_path: Path) -> None:
    explain.CURVES[name](Upsampler.load(engine="numpy"), read(SAMPLE).tracks(WOMAN), tmp_path / name)
    with Image.open(tmp_path / name) as picture:
        colours = picture.convert("RGB").getcolors()
    assert colours is not None
    assert len(colours) > 10


def test_a_point_that_is_not_believed_is_crossed_out() -> None:
    tracks, plain = read(SAMPLE).tracks(WOMAN), Image.new("RGB", explain.SIZE)
    _, doubted, *_ = explain.draw_row(Upsampler.load(engine="numpy"), tracks, explain.STEPS[0], plain)
    off = np.abs(np.asarray(doubted, int) - explain.WRONG).sum(-1)  # the cell is scaled: lines are blurred
    assert off.min() < 60
