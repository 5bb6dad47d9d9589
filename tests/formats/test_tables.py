"""DeepLabCut and SLEAP: tables of points that somebody named, as text and as HDF5."""

from __future__ import annotations

import json
import pickle
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from jumps_blender.core.body.joint_sets import JOINT_SETS
from jumps_blender.errors import FormatError, TruncatedFile
from jumps_blender.formats import read
from jumps_blender.formats.hdf5 import plain_pickle
from tests.formats.tables import deeplabcut, sleap

COCO = JOINT_SETS["coco17"].joints
bodies = arrays(np.float64, (17, 3), elements=st.floats(0, 1, width=16)).map(
    lambda body: np.where(body[:, 2:] > 0.1, body * [800, 900, 0.98] + [1, 1, 0.02], np.nan)
)
tracks = st.dictionaries(st.integers(0, 30), bodies, min_size=1, max_size=5)


@settings(max_examples=25, deadline=None)
@given(people=st.dictionaries(st.sampled_from(["mouse", "1", "Lena"]), tracks, min_size=1, max_size=3),
       write=st.sampled_from([deeplabcut, sleap]))  # fmt: skip
def test_what_is_written_comes_back(people, write) -> None:
    seen = {who: {f: b for f, b in track.items() if np.isfinite(b).all(1).any()} for who, track in people.items()}
    seen = {who: track for who, track in seen.items() if track}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shot.csv"
        path.write_text(write(people, COCO))
        if not seen:
            with pytest.raises(FormatError, match="shows nobody"):
                read(path)
            return
        recording = read(path)
    assert {person.id for person in recording.people} == set(seen)
    for person in recording.people:
        for frame, body in seen[person.id].items():
            np.testing.assert_array_equal(person.positions[frame - recording.first_frame], body[:, :2])
            np.testing.assert_array_equal(person.confidence[frame - recording.first_frame], body[:, 2])


@pytest.fixture
def text(sample_people) -> str:
    return deeplabcut({"1": sample_people["1"]}, COCO, several=False)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace(",", ";"),
        lambda text: text.replace(",", ";").replace(".", ","),  # a spreadsheet where the comma is in the numbers
        lambda text: text.replace(",", "\t"),
        lambda text: text.replace("nose", '"nose"'),
        lambda text: "\n".join(line + ",," for line in text.splitlines()) + "\n",
        lambda text: text.replace("\n0,,,", "\n0,nan,NaN,"),
    ],
)
def test_as_other_programs_save_it_again(change, text, saved) -> None:
    changed = read(saved(change(text), "shot.csv"))
    plain = read(saved(text, "plain.csv"))
    np.testing.assert_array_equal(changed.people[0].positions, plain.people[0].positions)
    assert changed.joint_set.id == "coco17"


def test_utf_16(text, tmp_path) -> None:
    path = tmp_path / "shot.csv"
    path.write_bytes(text.encode("utf-16"))
    assert read(path).people[0].frames == 207


def test_labels_have_no_confidence_and_images_for_frames(saved) -> None:
    rows = ["scorer,,,me,me,me,me", "bodyparts,,,LHip,LHip,RHip,RHip", "coords,,,x,y,x,y",
            "labeled-data,shot,img0007.png,1,2,3,4", "labeled-data,shot,img0012.png,5,6,,"]  # fmt: skip
    recording = read(saved("\n".join(rows) + "\n", "CollectedData.csv"))
    assert (recording.first_frame, recording.last_frame) == (7, 12)
    np.testing.assert_array_equal(recording.people[0].confidence[0], [1, 1])
    assert recording.people[0].positions[5].tolist() == [[5, 6], [pytest.approx(np.nan, nan_ok=True)] * 2]


def test_people_without_tracks_are_linked(saved, sample_people) -> None:
    recording = read(saved(sleap(sample_people, COCO).replace("\n1,", "\n,").replace("\n2,", "\n,"), "shot.csv"))
    assert [person.frames for person in recording.people] == [207, 162]
    assert any("no person ids" in warning for warning in recording.warnings)


def _wide(columns: int) -> str:
    return "scorer" + ",s" * columns + "\nbodyparts" + ",a" * columns + "\ncoords" + ",x" * columns + "\n0,1\n"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text[: text.index("coords")], "was cut off in its head: rows named bodyparts and coords"),
        (lambda text: text.replace("\n100,", "\n100,oops,"), "is damaged in line 104: 53 cells, where 52"),
        (lambda text: text.replace("\n100,", "\n99,"), "two rows for one frame"),
        (lambda text: text.replace("left_eye", "nose"), "two of its columns have the same name"),
        (lambda text: text[:-60], "was cut off at its end, line 229: whole are 225 rows.*--salvage"),
        (lambda _: _wide(30_000), "has 30,001 columns; at most 20,000 are read"),
        (lambda _: _wide(100_000), "has 100,001 cells; at most 20,000 are read"),
        (lambda text: text.replace("\nbodyparts,", "\nbodyparts,nose,"), "header rows have not as many cells"),
    ],
)  # fmt: skip
def test_damaged_tables(change, message, text, saved) -> None:
    with pytest.raises(FormatError, match=message):
        read(saved(change(text), "shot.csv"))


def test_the_whole_part_of_a_cut_table(text, saved) -> None:
    path = saved(text[:-60], "shot.csv")
    with pytest.raises(TruncatedFile):
        read(path)
    part = read(path, salvage=True)
    assert any("only 225 rows were read" in warning for warning in part.warnings)
    np.testing.assert_array_equal(part.people[0].positions, read(saved(text, "b.csv")).people[0].positions[:225])


@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 0.9999), layout=st.sampled_from([deeplabcut, sleap]))
def test_a_table_cut_anywhere_loses_its_last_rows_only(share, layout, sample_people) -> None:
    walk = {"2": {f: sample_people["2"][f] for f in range(60, 70)}}
    whole = layout(walk, COCO)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shot.csv"
        path.write_text(whole)
        before = read(path).people[0].positions
        path.write_text(whole[: int(share * len(whole))])
        try:
            recording = read(path, salvage=True)
        except FormatError:
            return
        doubtful = any("without a line end" in warning for warning in recording.warnings)
        after = recording.people[0].positions
        np.testing.assert_array_equal(after[: len(after) - doubtful], before[: len(after) - doubtful])


cells = st.sampled_from(["scorer", "bodyparts", "coords", "x", "y", "likelihood", "track", "frame_idx", "A.x", "LHip.x",
                         "LHip.y", "LHip", "1", "-3", "1e400", "", "nan", "é", "PathFileType", '"', "0.5"])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(rows=st.lists(st.lists(cells, max_size=6), max_size=6), delimiter=st.sampled_from(",;\t "))
def test_any_text_is_read_or_refused(rows, delimiter) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shot.csv"
        path.write_text("\n".join(delimiter.join(row) for row in rows))
        for salvage in (False, True):
            try:
                read(path, salvage=salvage)
            except FormatError as error:
                assert "\n" not in str(error)  # noqa: PT017


# -- HDF5 ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def h5py():
    return pytest.importorskip("h5py")


@pytest.fixture
def analysis(h5py, tmp_path, sample_people) -> Path:
    """SLEAP's analysis of the two people."""
    path = tmp_path / "shot.analysis.h5"
    tracks = np.full((2, 3, 17, 230), np.nan)
    for i, track in enumerate(sample_people.values()):
        for frame, body in track.items():
            tracks[i, :, :, frame] = body.T
    with h5py.File(path, "w") as file:
        file["tracks"], file["point_scores"] = tracks[:, :2], tracks[:, 2]
        file["node_names"] = [name.encode() for name in COCO]
        file["track_names"] = [b"1", b"2"]
    return path


def test_analysis_as_hdf5(analysis, sample_people) -> None:
    recording = read(analysis)
    assert [(person.id, person.frames) for person in recording.people] == [("1", 207), ("2", 162)]
    frame = next(iter(sample_people["2"]))
    np.testing.assert_array_equal(recording.person("2").positions[frame], sample_people["2"][frame][:, :2])


def test_names_of_tracks_may_be_missing(analysis, h5py) -> None:
    with h5py.File(analysis, "a") as file:
        del file["track_names"]
        file["track_names"] = np.zeros(0)
    assert [person.id for person in read(analysis).people] == ["0", "1"]


def test_a_project_with_a_corrected_prediction(h5py, tmp_path) -> None:
    path = tmp_path / "project.slp"
    meta = {
        "nodes": [{"name": "tail"}, {"name": "LHip"}, {"name": "RHip"}],
        "skeletons": [{"nodes": [{"id": 2}, {"id": 1}]}],
    }
    ids = [("instance_id", "i8"), ("instance_type", "u1"), ("frame_id", "u8"), ("skeleton", "u4"), ("track", "i4"),
           ("from_predicted", "i8"), ("score", "f4"), ("point_id_start", "u8"), ("point_id_end", "u8")]  # fmt: skip
    place = [("x", "f8"), ("y", "f8"), ("visible", "?"), ("complete", "?")]
    frames = [
        ("frame_id", "u8"),
        ("video", "u4"),
        ("frame_idx", "u8"),
        ("instance_id_start", "u8"),
        ("instance_id_end", "u8"),
    ]
    with h5py.File(path, "w") as file:
        file.create_group("metadata").attrs["json"] = json.dumps(meta)
        file["tracks_json"] = [b'[0, "lena"]', b'[0, "max"]']
        file["frames"] = np.array([(0, 0, 5, 0, 2), (1, 0, 7, 2, 3)], frames)
        file["instances"] = np.array(
            [(0, 1, 0, 0, 0, -1, 0.8, 0, 2), (1, 0, 0, 0, 0, 0, 0, 0, 2), (2, 1, 1, 0, 1, -1, 0.7, 2, 4)], ids
        )
        file["points"] = np.array([(1, 2, True, True), (3, 4, False, False)], place)
        file["pred_points"] = np.array(
            [(9, 9, True, True, 0.5)] * 2 + [(5, 6, True, True, 0.6), (7, 8, True, True, 0.9)],
            [*place, ("score", "f8")],
        )
    recording = read(path)
    assert recording.joint_set.joints == ("right_hip", "left_hip")
    assert (recording.first_frame, recording.last_frame) == (5, 7)
    np.testing.assert_array_equal(recording.person("lena").positions[0], np.array([[1, 2], [np.nan, np.nan]]))
    np.testing.assert_array_equal(recording.person("max").positions[2], [[5, 6], [7, 8]])
    np.testing.assert_array_equal(recording.person("max").confidence[2], [0.6, 0.9])


def test_a_project_as_json_names_the_table(saved) -> None:
    with pytest.raises(FormatError, match=r"SLEAP project as JSON.*Export Analysis CSV"):
        read(saved({"version": "2", "skeletons": [{}], "nodes": [], "labels": [], "videos": []}, "labels.v001.json"))


def test_without_h5py_the_message_names_the_tables(analysis, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(
        FormatError, match=r"shot\.analysis\.h5 is HDF5, and this Python has no h5py.*save_as_csv.*Export Analysis CSV"
    ):
        read(analysis)


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 0.9, 0.999])
def test_cut_hdf5(share, analysis) -> None:
    data = analysis.read_bytes()
    analysis.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(FormatError, match=r"HDF5 that cannot be read|no keypoints that are known"):
        read(analysis)


def test_hdf5_that_leads_elsewhere_is_not_followed(analysis, h5py, tmp_path) -> None:
    (tmp_path / "secret").write_bytes(np.zeros((2, 2, 17, 230)).tobytes())
    outside = {
        "link": lambda file: file.__setitem__("tracks", h5py.ExternalLink(str(analysis), "tracks")),
        "external": lambda file: file.create_dataset(
            "tracks", (2, 2, 17, 230), "f8", external=[(str(tmp_path / "secret"), 0, 125120)]
        ),
        "bomb": lambda file: file.create_dataset("tracks", (1000, 2, 17, 1_000_000), "f8", chunks=(1, 2, 17, 100)),
    }
    messages = {"link": "is a link", "external": "lies in other files", "bomb": "larger than any recording"}
    for how, place in outside.items():
        path = tmp_path / f"{how}.h5"
        with h5py.File(path, "w") as file:
            file["node_names"] = [name.encode() for name in COCO]
            place(file)
        with pytest.raises(FormatError, match=messages[how]):
            read(path)


class _Evil:
    def __reduce__(self) -> tuple:
        return (print, ("gotcha",))


def test_pickled_names_hold_plain_data_or_nothing(capsys) -> None:
    assert plain_pickle(pickle.dumps([("a", 1)], 0), "shot.h5") == [("a", 1)]
    for data in (pickle.dumps([_Evil()]), b"", b"garbage", b"\x80\x04" * 5):
        with pytest.raises(FormatError, match="names of its columns cannot be read"):
            plain_pickle(data, "shot.h5")
    assert capsys.readouterr().out == ""


def test_pandas_in_its_fixed_layout(h5py, tmp_path) -> None:
    path = tmp_path / "shot.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("df_with_missing")
        for level, words in enumerate([[b"me"], [b"LHip", b"RHip"], [b"x", b"y", b"likelihood"]]):
            group[f"block0_items_level{level}"] = words
        for level, codes in enumerate([[0] * 6, [0, 0, 0, 1, 1, 1], [0, 1, 2] * 2]):
            group[f"block0_items_label{level}"] = np.array(codes, np.int8)
        group["block0_values"], group["axis1"] = np.arange(12.0).reshape(2, 6), np.arange(2)
    recording = read(path)
    np.testing.assert_array_equal(recording.people[0].positions[1], [[6, 7], [9, 10]])
