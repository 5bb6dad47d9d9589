"""The 28 joints, their tree, mirror and grid."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from jumps_blender.core.body.skeleton import (
    GRID_ENTRIES,
    GRID_LEFT,
    GRID_RIGHT,
    INDEX,
    JOINTS,
    LIMB_JOINTS,
    MIRROR,
    PARENTS,
    from_grid,
    to_grid,
)

_LEADING = array_shapes(min_dims=0, max_dims=2, max_side=3)


@given(_LEADING.flatmap(lambda s: arrays(np.float64, (*s, 28, 2), elements=st.floats(-1e3, 1e3, width=32))))
def test_the_grid_gives_every_joint_back(positions):
    grid = to_grid(positions)
    assert grid.shape == (*positions.shape[:-2], 18, 4)
    np.testing.assert_array_equal(from_grid(grid), positions)


def test_both_copies_of_an_axial_joint_count_half():
    grid = np.zeros((18, 4))
    grid[GRID_ENTRIES.index("neck")] = (1, 2, 3, 6)
    positions = from_grid(grid)
    assert positions[INDEX["neck"]].tolist() == [2, 4]
    assert np.abs(positions).sum() == 6


def test_the_grid_runs_from_hands_to_feet_and_holds_all_joints():
    assert (GRID_ENTRIES[0], GRID_ENTRIES[-1]) == ("hand", "toe")
    assert set(GRID_LEFT) | set(GRID_RIGHT) == set(range(28))
    assert (GRID_LEFT == GRID_RIGHT).sum() == 8


def test_the_left_half_of_the_grid_is_left():
    for entry, left, right in zip(GRID_ENTRIES, GRID_LEFT, GRID_RIGHT, strict=True):
        names = (JOINTS[left], JOINTS[right])
        assert names in ((entry, entry), (f"left_{entry}", f"right_{entry}"))


def test_mirroring_twice_changes_nothing_and_keeps_the_axis():
    assert (MIRROR[MIRROR] == np.arange(28)).all()
    assert [name for i, name in enumerate(JOINTS) if MIRROR[i] == i] == [
        name for name in JOINTS if "left" not in name and "right" not in name
    ]
    assert JOINTS[MIRROR[INDEX["left_toe"]]] == "right_toe"


def test_the_tree_is_the_same_on_both_sides():
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            assert PARENTS[MIRROR[joint]] == MIRROR[parent]


def test_every_joint_hangs_on_the_pelvis():
    for start in range(28):
        joint, steps = start, 0
        while PARENTS[joint] >= 0:
            joint, steps = PARENTS[joint], steps + 1
            assert steps < 28
        assert JOINTS[joint] == "pelvis"


def test_limbs_hang_together():
    chain = ("toe", "foot", "ankle", "knee", "hip")
    for child, parent in pairwise(chain):
        assert PARENTS[INDEX[f"left_{child}"]] == INDEX[f"left_{parent}"]
    assert len(set(LIMB_JOINTS)) == 12
    assert set(LIMB_JOINTS) <= set(JOINTS)
