from __future__ import annotations

import pytest

from jumps_blender.formats.numbering import series


@pytest.mark.parametrize(
    ("names", "pattern", "numbers"),
    [
        (["10.jpg", "2.jpg", "1.jpg"], "#.jpg", [1, 2, 10]),
        (["cam01.0000.json", "cam01.0001.json"], "cam01.#.json", [0, 1]),
        (["v_000000000012_keypoints.json", "v_000000000013_keypoints.json"], "v_#_keypoints.json", [12, 13]),
        (["1-aero_5.json", "1-aero_6.json"], "1-aero_#.json", [5, 6]),
        (["a/b7/x_1.json", "a/b7/x_2.json"], "a/b7/x_#.json", [1, 2]),
        (["f1_take2.json", "f2_take2.json", "f3_take2.json"], "f#_take2.json", [1, 2, 3]),
        (["x_1.json", "x_2.json", "y_1.json"], "x_#.json", [1, 2]),
        (["frame.0001", "frame.0002"], "frame.#", [1, 2]),
        (["a.json"], "a.json", [0]),
    ],
)  # fmt: skip
def test_largest_series(names, pattern, numbers) -> None:
    largest = series(names)[0]
    assert largest.pattern == pattern
    assert [number for number, _ in largest.members] == numbers


def test_every_name_is_in_one_series() -> None:
    names = ["a1_b1.json", "a1_b2.json", "a2_b1.json", "c.json", "9" * 40 + ".json", "d_1.avi", "d_1.json"]
    assert sorted(name for one in series(names) for _, name in one.members) == sorted(names)
