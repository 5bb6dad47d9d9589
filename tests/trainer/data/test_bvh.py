import numpy as np
import pytest

from jumps_blender.errors import FormatError, TruncatedFile
from trainer.data.bvh import read_bvh

ARM = """HIERARCHY
ROOT Hips
{{
  OFFSET 1 0 0
  CHANNELS 6 Xposition Yposition Zposition {order}
  JOINT mixamorig:Arm
  {{
    OFFSET 0 2 0
    CHANNELS 3 Zrotation Yrotation Xrotation
    End Site
    {{
      OFFSET 3 0 0
    }}
  }}
}}
MOTION
Frames: {frames}
Frame Time: 0.04
{motion}
"""
REST = "0 0 0 0 0 0 0 0 0"


def arm(motion: str = REST, frames: int = 1, order: str = "Zrotation Xrotation Yrotation") -> str:
    return ARM.format(order=order, frames=frames, motion=motion)


def test_the_rest_pose_adds_offsets_down_to_the_end_site() -> None:
    motion = read_bvh(arm("10 20 30 0 0 0 0 0 0"), "arm.bvh")
    assert motion.names == ("Hips", "mixamorig:Arm", "mixamorig:Arm_end")
    np.testing.assert_allclose(motion.positions[0], [[11, 20, 30], [11, 22, 30], [14, 22, 30]])
    assert motion.fps == pytest.approx(25)


def test_a_quarter_turn_about_z_carries_the_children_along() -> None:
    motion = read_bvh(arm("0 0 0 90 0 0 0 0 0"), "arm.bvh")
    np.testing.assert_allclose(motion.positions[0], [[1, 0, 0], [-1, 0, 0], [-1, 3, 0]], atol=1e-12)


@pytest.mark.parametrize(
    ("order", "end"),
    [("Zrotation Xrotation Yrotation", [1, 3, 2]), ("Xrotation Zrotation Yrotation", [-1, 0, 3])],
)
def test_the_order_of_the_channels_is_the_order_of_the_turns(order: str, end: list[float]) -> None:
    # By hand, 90 degrees each: Rz Rx y = z and Rz Rx x = y; Rx Rz y = -x and Rx Rz x = z.
    motion = read_bvh(arm("0 0 0 90 90 0 0 0 0", order=order), "arm.bvh")
    np.testing.assert_allclose(motion.positions[0, 2], end, atol=1e-12)


def test_frames_that_are_missing_are_told_with_the_last_line() -> None:
    with pytest.raises(TruncatedFile, match=r"arm\.bvh: ends after line 19 where frame 2 of 3 was expected"):
        read_bvh(arm(frames=3).rstrip(), "arm.bvh")


def test_a_hierarchy_cut_off_is_truncated() -> None:
    with pytest.raises(TruncatedFile, match="ends after line 8 where the rest of the hierarchy"):
        read_bvh("\n".join(arm().splitlines()[:8]), "arm.bvh")


@pytest.mark.parametrize(
    ("motion", "message"),
    [
        ("0 0 0 0 0 0 0 0", "line 19: found 8 numbers, expected 9, one per channel"),
        ("0 0 0 0 0 0 0 0 nan", "line 19: found NaN"),
        ("0 0 0 0 0 0 0 0 x", "line 19: found '0 0 0 0 0 0 0 0 x', expected 9 numbers"),
        (REST + "\n" + REST, "line 20: found .* after the last of 1 frames"),
    ],
)
def test_a_bad_row_is_told_by_its_line(motion: str, message: str) -> None:
    with pytest.raises(FormatError, match=message):
        read_bvh(arm(motion), "arm.bvh")


def test_zero_frames_are_no_motion() -> None:
    with pytest.raises(FormatError, match="line 17: found 0 frames, expected at least one"):
        read_bvh(arm(motion="", frames=0), "arm.bvh")


def test_a_channel_nobody_knows_is_refused() -> None:
    with pytest.raises(FormatError, match=r"line 5: .*Wrotation.*expected a count and as many of Xposition"):
        read_bvh(arm(order="Zrotation Xrotation Wrotation"), "arm.bvh")


def test_a_text_of_something_else_is_refused() -> None:
    with pytest.raises(FormatError, match="line 1: found 'once upon a time', expected HIERARCHY"):
        read_bvh("once upon a time", "tale.bvh")
