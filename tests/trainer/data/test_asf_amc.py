import numpy as np
import pytest

from jumps_blender.errors import FormatError, TruncatedFile
from trainer.data.asf_amc import read_amc, read_asf
from trainer.data.motion import Motion

LEG = """# a leg
:units
  length 0.45
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name thigh
     direction 0 -1 0
     length 4
     axis 0 0 90 XYZ
    dof rx
    limits (-160.0 20.0)
  end
  begin
     id 2
     name shin
     direction 0 -1 0
     length 3
     axis 0 0 0 XYZ
    dof rx rz
  end
:hierarchy
  begin
    root thigh
    thigh shin
  end
"""
FRAME = "{n}\nroot 1 2 3 0 0 0\nthigh {thigh}\nshin {shin} 0\n"


def frames(*angles: tuple[object, object]) -> str:
    return ":DEGREES\n" + "".join(FRAME.format(n=i + 1, thigh=a, shin=b) for i, (a, b) in enumerate(angles))


def read(amc: str) -> Motion:
    return read_amc(amc, "leg.amc", read_asf(LEG, "leg.asf"), fps=30.0)


def test_at_rest_bones_end_where_directions_and_lengths_say() -> None:
    motion = read(frames((0, 0)))
    assert motion.names == ("root", "thigh", "shin")
    np.testing.assert_allclose(motion.positions[0], [[1, 2, 3], [1, -2, 3], [1, -5, 3]], atol=1e-12)


def test_a_dof_turns_about_the_bones_own_axis() -> None:
    # The thigh's frame is turned 90 degrees about z: its x axis is the world's y, along which the bone lies.
    np.testing.assert_allclose(read(frames((90, 0))).positions[0, 1], [1, -2, 3], atol=1e-12)
    # The shin's frame is the world's: 90 degrees about x take -y to -z.
    np.testing.assert_allclose(read(frames((0, 90))).positions[0, 2], [1, -2, 0], atol=1e-12)


def test_latin_1_left_overs_in_the_header_do_no_harm() -> None:
    amc = "#!Zeichner: M\ufffdller\n:FULLY-SPECIFIED\n" + frames((0, 0), (0, 90))
    assert read(amc).frames == 2


def test_a_file_cut_off_in_a_frame_names_what_is_missing() -> None:
    cut = "\n".join(frames((0, 0), (0, 0)).splitlines()[:-1])
    with pytest.raises(TruncatedFile, match=r"leg\.amc, line 8: ends in frame 2, without shin"):
        read(cut)


def test_a_wrong_number_of_values_is_told_by_its_line() -> None:
    with pytest.raises(FormatError, match=r"leg\.amc, line 4: found 2 values of 'thigh', expected 1"):
        read(frames((0, 0)).replace("thigh 0", "thigh 0 0"))


def test_a_bone_of_another_skeleton_is_told_by_its_line() -> None:
    with pytest.raises(FormatError, match="line 4: found 1 values of 'tail', expected a bone of the skeleton"):
        read(frames((0, 0)).replace("thigh", "tail"))


@pytest.mark.parametrize("value", ["nan", "inf"])
def test_nan_is_refused_with_its_line(value: str) -> None:
    with pytest.raises(FormatError, match=rf"leg\.amc, line 8: found NaN or an infinite number in 'thigh {value}'"):
        read(frames((0, 0), (value, 0)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("length 4", "size 4", r"line \d+: the bone 'thigh' is incomplete \('length'\)"),
        ("length 4", "length nan", r"line \d+: the bone 'thigh' is incomplete \('nan' are no finite numbers\)"),
        ("orientation", "heading", r"line \d+: the root is incomplete \('orientation'\)"),
    ],
)
def test_a_skeleton_that_lacks_something_is_told_by_its_line(old: str, new: str, message: str) -> None:
    with pytest.raises(FormatError, match=rf"leg\.asf, {message}"):
        read_asf(LEG.replace(old, new, 1), "leg.asf")


def test_no_frames_are_no_motion() -> None:
    with pytest.raises(FormatError, match="no frames"):
        read(":DEGREES\n")


def test_a_skeleton_without_hierarchy_is_told() -> None:
    with pytest.raises(TruncatedFile, match=r"leg\.asf: no section hierarchy"):
        read_asf(LEG[: LEG.index(":hierarchy")], "leg.asf")
