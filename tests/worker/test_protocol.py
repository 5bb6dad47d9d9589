"""What goes into a job's folder comes out again; what is nonsense is said to be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from jumps_blender.core.body.joint_sets import JOINT_SETS, find_joint_set
from jumps_blender.errors import WorkerError
from jumps_blender.worker import protocol
from jumps_blender.worker.protocol import Failed, Finished, Progress, Request, Started, Stretch


@pytest.mark.parametrize(
    "message",
    [
        Started(protocol.PROTOCOL_VERSION, "/usr/bin/python"),
        Progress(0.25, "window 3 of 12"),
        Stretch(96, "stretch-3.npz", {"engine": "torch", "warnings": ["a", "b"]}),
        Finished(),
        Failed("NotEnoughJoints", 'says "no"\nin two lines, with an ä'),
    ],
)
def test_a_message_is_one_line_and_comes_back(message: protocol.Message) -> None:
    line = protocol.encode(message)
    assert "\n" not in line
    assert line.isascii()
    assert protocol.decode(line) == message


@given(text=st.text(), fraction=st.floats(0, 1))
def test_any_text_survives(text: str, fraction: float) -> None:
    assert protocol.decode(protocol.encode(Progress(fraction, text))) == Progress(fraction, text)


@pytest.mark.parametrize("line", ["", "hello", "[]", "3", '{"kind": "dance"}', '{"kind": "progress"}', "{}"])
def test_nonsense_is_refused(line: str) -> None:
    with pytest.raises(WorkerError, match="nonsense"):
        protocol.decode(line)


def test_another_version_is_refused() -> None:
    with pytest.raises(WorkerError, match="different versions"):
        protocol.decode(protocol.encode(Started(99, "python")))


@given(
    positions=hnp.arrays(np.float64, st.tuples(st.integers(0, 5), st.integers(1, 4), st.just(2))),
    seed=st.integers(0, 2**31),
    smoothness=st.none() | st.floats(0, 1),
)
def test_a_request_comes_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, positions: np.ndarray, seed: int, smoothness: float | None
) -> None:
    folder = tmp_path_factory.mktemp("job")
    names = ("left_hip", "right_hip", "neck", "head")[: positions.shape[1]]
    pinned = np.isnan(positions).any(-1)
    sent = Request(positions, names, pinned=pinned, seed=seed, smoothness=smoothness, first_frame=seed % 7)
    sent.write(folder)
    got = Request.read(folder)
    np.testing.assert_array_equal(got.positions, sent.positions)
    assert got.pinned is not None
    np.testing.assert_array_equal(got.pinned, np.isnan(positions).any(-1))
    assert got.confidence is None
    assert (got.joint_set, got.seed, got.smoothness, got.first_frame) == (names, seed, smoothness, seed % 7)


def test_a_request_of_another_version_is_refused(tmp_path: Path) -> None:
    Request(np.zeros((1, 17, 2)), "coco17").write(tmp_path)
    options = json.loads((tmp_path / protocol.REQUEST_FILE).read_text())
    (tmp_path / protocol.REQUEST_FILE).write_text(json.dumps(options | {"protocol": 99}))
    with pytest.raises(WorkerError, match="restart Blender"):
        Request.read(tmp_path)


def test_pickles_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "trap.npz", positions=np.array([object()]))
    with pytest.raises(ValueError, match="pickle"):
        protocol.read_arrays(tmp_path / "trap.npz")


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    def fail(path: Path) -> None:
        path.write_text("half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        protocol.write_atomically(tmp_path / "stretch-0.npz", fail)
    assert not list(tmp_path.iterdir())


def test_joint_sets_are_named_so_that_the_worker_finds_them() -> None:
    custom = find_joint_set(["neck", "pelvis"])
    for joint_set in (*JOINT_SETS.values(), custom):
        assert find_joint_set(protocol.name_joint_set(joint_set)) == joint_set
