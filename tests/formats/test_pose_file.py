"""pose-format's binary files, in all their versions, whole, cut and false."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jumps_blender.errors import FormatError, TruncatedFile
from jumps_blender.formats import read

NAMES = ("Nose", "LShoulder", "RShoulder", "LHip", "RHip")
BODIES = np.random.default_rng(3).uniform(50, 400, (4, 2, 5, 3)).astype("<f4")
BODIES[..., 2] = 0.8
BODIES[2, 1] = 0  # somebody who is not there


def _text(text: str) -> bytes:
    return struct.pack("<H", len(text.encode())) + text.encode()


def _component(name: str, points: tuple[str, ...]) -> bytes:
    limbs, colours = struct.pack("<HH", 0, 1), struct.pack("<HHH", 255, 0, 0)
    return (
        _text(name)
        + _text("XYC")
        + struct.pack("<HHH", len(points), 1, 1)
        + b"".join(map(_text, points))
        + limbs
        + colours
    )


def write(bodies: np.ndarray, version: float, fps: float = 25) -> bytes:
    """Bodies (frames, people, 5, 3) behind a face of two points."""
    frames, people = bodies.shape[:2]
    face = np.ones((frames, people, 2, 3), "<f4")
    head = (
        struct.pack("<fHHHH", version, 640, 480, 0, 2) + _component("face", ("a", "b")) + _component("pose_2d", NAMES)
    )
    if version == 0:
        body = struct.pack("<HH", int(fps), frames)
        for i in range(frames):
            body += struct.pack("<H", people)
            for j in range(people):
                body += struct.pack("<h", j) + face[i, j].tobytes() + bodies[i, j].tobytes()
        return head + body
    both = np.concatenate([face, bodies], 2)
    counts = (
        struct.pack("<HHH", int(fps), frames % 65536, people)
        if version == 0.1
        else struct.pack("<fIH", fps, frames, people)
    )
    return head + counts + both[..., :2].astype("<f4").tobytes() + both[..., 2].astype("<f4").tobytes()


@pytest.fixture
def file(tmp_path):
    def write_file(data: bytes):
        path = tmp_path / "shot.pose"
        path.write_bytes(data)
        return path

    return write_file


@pytest.mark.parametrize("version", [0.0, 0.1, 0.2])
def test_every_version(version, file) -> None:
    recording = read(file(write(BODIES, version)))
    assert (recording.format, recording.fps, recording.image_size) == ("pose", 25, (640, 480))
    assert recording.joint_set.joints == ("nose", "left_shoulder", "right_shoulder", "left_hip", "right_hip")
    assert [(person.id, person.frames) for person in sorted(recording.people, key=lambda one: one.id)] == [
        ("0", 4),
        ("1", 3),
    ]
    np.testing.assert_array_equal(recording.person("1").positions[0], BODIES[0, 1, :, :2])


def test_version_one_counts_frames_modulo_65536_so_their_data_count(file) -> None:
    data, counted = write(BODIES, 0.1), struct.pack("<HHH", 25, 4, 2)
    assert data.count(counted) == 1
    assert read(file(data.replace(counted, struct.pack("<HHH", 25, 1, 2)))).people[0].frames == 4


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 0.999), version=st.sampled_from([0.0, 0.1, 0.2]))
def test_a_cut_file_is_refused(share, version, tmp_path_factory) -> None:
    data = write(BODIES, version)
    path = tmp_path_factory.mktemp("pose") / "shot.pose"
    path.write_bytes(data[: int(share * len(data))])
    for salvage in (False, True):
        with pytest.raises(FormatError) as caught:
            read(path, salvage=salvage)
        assert isinstance(caught.value, TruncatedFile) or share < 0.2


def test_numbers_that_promise_too_much(file) -> None:
    data = bytearray(write(BODIES, 0.2))
    at = data.index(struct.pack("<fI", 25, 4)) + 4
    data[at : at + 4] = struct.pack("<I", 2**32 - 1)
    with pytest.raises(FormatError, match="has 4,294,967,295 frames; at most 500,000 are read"):
        read(file(bytes(data)))
    data[at : at + 4] = struct.pack("<I", 5)
    with pytest.raises(TruncatedFile, match="was cut off at its end"):
        read(file(bytes(data)))


@settings(max_examples=100, deadline=None)
@example(changes=[(348, 127)], version=0.2)  # a NaN that signals
@given(changes=st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1, max_size=6),
       version=st.sampled_from([0.0, 0.1, 0.2]))  # fmt: skip
def test_damaged_bytes_are_read_or_refused(changes, version, tmp_path_factory) -> None:
    data = bytearray(write(BODIES, version))
    for at, byte in changes:
        data[at % len(data)] = byte
    path = tmp_path_factory.mktemp("pose") / "shot.pose"
    path.write_bytes(bytes(data))
    try:
        read(path)
    except FormatError as error:
        assert "\n" not in str(error)  # noqa: PT017
