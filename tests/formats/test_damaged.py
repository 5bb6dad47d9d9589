"""Files that are cut off, damaged, hostile, or something else altogether."""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jumps_blender.errors import FormatError, TruncatedFile
from jumps_blender.formats import read
from jumps_blender.formats import source as source_module


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "tracks.json is empty: a keypoint file was expected"),
        (" \n ", "is empty"),
        ("frame,x,y\n1,2,3", "tracks.json is text, but no keypoints that are known: it begins with 'frame,x,y"),
        ("\x89HDF\r\n", "is text, but no keypoints"),
        ("[]", "tracks.json is an empty list. Read are keypoints as AlphaPose, OpenPose"),
        ("{}", "is an empty object"),
        ("[[]]", "no keypoints that are known: a list of list"),
        ("[[null]]", "no keypoints that are known"),
        ('[{"a": 1}]', "no keypoints that are known: a list of objects with 'a'"),
        ('{"type": "FeatureCollection", "features": []}', "an object with 'type', 'features'"),
        ("[1, 2, 3]", "a list of int"),
        ("[NaN, NaN]", "a list of float"),
        ("[" * 100_000, "no estimator writes"),
        ('{"a":' * 100_000, "no estimator writes"),
        ("[" + "9" * 10_000 + "]", "no estimator writes|no keypoints that are known"),
        ('[{"image_id": "0.jpg", "keypoints": [1, 2, 3]}, 7]', "entry 1 has no image_id and keypoints"),
        (
            '[{"image_id": "0.jpg", "keypoints": [1, 2, 3]} {"image_id"',
            r"is damaged at byte \d+ of \d+, line 1: whole are 1 entries",
        ),
    ],
)
def test_what_no_reader_knows(text, message, saved) -> None:
    with pytest.raises(FormatError, match=message) as caught:
        read(saved(text))
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


def test_missing_path(tmp_path) -> None:
    with pytest.raises(FormatError, match=r"nowhere\.json cannot be read: No such file or directory"):
        read(tmp_path / "nowhere.json")
    with pytest.raises(FormatError, match="cannot be read"):
        read("a\0b")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings(encoding, tmp_path, alphapose, sample_people) -> None:
    path = tmp_path / "tracks.json"
    path.write_bytes(json.dumps(alphapose(sample_people), indent=1).replace("\n", "\r\n").encode(encoding))
    assert [person.frames for person in read(path).people] == [207, 162]


def test_cut_off_says_how_much_is_whole(saved, alphapose, sample_people) -> None:
    entries = alphapose(sample_people)
    text = json.dumps(entries)
    cut = len(json.dumps(entries[:100])) + 30
    path = saved(text[:cut])
    with pytest.raises(TruncatedFile, match=rf"cut off at its end, {cut:,} bytes: whole are 100 entries.*--salvage"):
        read(path)
    recording = read(path, salvage=True)
    assert sum(person.frames for person in recording.people) == 100
    assert any("only 100 entries were read" in warning for warning in recording.warnings)


def test_trailing_comma_is_a_stopped_run(saved, alphapose, sample_people) -> None:
    text = json.dumps(alphapose(sample_people))
    with pytest.raises(TruncatedFile, match="whole are 369 entries"):
        read(saved(text[:-1] + ",\n"))
    with pytest.raises(FormatError, match="whole are 369 entries"):
        read(saved(text[:-1] + ",]"))


def test_damage_in_the_middle_names_the_place(saved, alphapose, sample_people) -> None:
    lines = ",\n".join(json.dumps(entry) for entry in alphapose(sample_people)).split("\n")
    lines[50] = lines[50].replace('"score"', "score")
    path = saved("[" + "\n".join(lines) + "]")
    with pytest.raises(FormatError, match=r"is damaged at byte .*, line 51: whole are 50 entries") as caught:
        read(path)
    assert not isinstance(caught.value, TruncatedFile)
    assert sum(person.frames for person in read(path, salvage=True).people) == 50


def test_cut_before_the_first_person_cannot_be_salvaged(saved, alphapose, sample_people) -> None:
    text = json.dumps(alphapose(sample_people))
    for salvage in (False, True):
        with pytest.raises(TruncatedFile, match="nothing before that is whole"):
            read(saved(text[:100]), salvage=salvage)


class Texts(dict[str, str]):
    def __repr__(self) -> str:
        return "texts"  # hypothesis would print them all


LAYOUTS = ["alphapose", "openpose", "keyed", "mediapipe", "jumps", "mmpose", "annotations"]


@pytest.fixture(scope="session")
def texts(sample_people, alphapose, openpose, sample) -> Texts:
    """A short file of each layout, in which the walking woman is seen."""
    walk = {"2": {f: sample_people["2"][f] for f in range(60, 72)}}
    frames = {f"{f}.jpg": json.loads(text) for f, text in enumerate(openpose(walk).values())}
    marks = [
        {"frame": f, "landmarks": [{"x": x, "y": y, "visibility": c} for x, y, c in np.resize(body, (33, 3)).tolist()]}
        for f, body in walk["2"].items()
    ]
    own = json.loads(sample.read_text())
    for person in own["people"]:
        person["positions"], person["confidence"] = person["positions"][60:66], person["confidence"][60:66]
    instances = [
        {"keypoints": body[:, :2].tolist(), "keypoint_scores": body[:, 2].tolist()} for body in walk["2"].values()
    ]
    inferred = [{"frame_id": i, "instances": [one]} for i, one in enumerate(instances)]
    images = [{"id": i, "file_name": f"{i}.jpg"} for i in range(12)]
    labelled = [{"image_id": i, "keypoints": body.ravel().tolist()} for i, body in enumerate(walk["2"].values())]
    return Texts({
        "mmpose": json.dumps({"meta_info": {}, "instance_info": inferred}),
        "annotations": json.dumps({"images": images, "annotations": labelled}),
        "alphapose": json.dumps(alphapose(walk)),
        "openpose": next(iter(openpose(walk).values())),
        "keyed": json.dumps(frames),
        "mediapipe": json.dumps({"fps": 30, "width": 1768, "height": 994, "frames": marks}),
        "jumps": json.dumps(own),
    })  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=60, deadline=None)
@given(share=st.floats(0, 0.9999))
def test_cut_anywhere_is_an_error_and_salvage_gives_a_prefix(layout, share, texts) -> None:
    data = texts[layout].encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tracks.json"
        path.write_bytes(data)
        whole = read(path)
        path.write_bytes(data[: int(share * len(data))])
        with pytest.raises(FormatError) as caught:
            read(path)
        assert isinstance(caught.value, TruncatedFile) or share * len(data) < 1
        try:
            part = read(path, salvage=True)
        except FormatError:
            return
        for person in part.people:
            match = whole.person(person.id)
            start = part.first_frame - whole.first_frame
            end = part.last_frame - whole.first_frame + 1
            np.testing.assert_array_equal(person.positions, match.positions[start:end])


@pytest.mark.parametrize("cut", ["1", "1.", "1.3", "1.3e", "1.3e-"])
def test_a_cut_through_a_number_is_a_cut(tmp_path, cut) -> None:
    path = tmp_path / "tracks.json"
    path.write_text('{"version": ' + cut)
    with pytest.raises(TruncatedFile, match="was cut off at its end"):
        read(path)


KEYS = [
    "image_id",
    "keypoints",
    "idx",
    "score",
    "people",
    "frames",
    "landmarks",
    "format",
    "version",
    "positions",
    "0",
    "x",
    "instance_info",
    "instances",
    "keypoint_scores",
    "images",
    "annotations",
]


@settings(max_examples=150, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3), lambda inner: (
    st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
), max_leaves=25))  # fmt: skip
def test_any_json_is_read_or_refused(value) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tracks.json"
        path.write_text(json.dumps(value))
        try:
            read(path)
        except FormatError as error:
            assert "\n" not in str(error)  # noqa: PT017


def _zip(path: Path, **members: str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return path


def test_zip_of_one_file(tmp_path, alphapose, sample_people) -> None:
    path = _zip(tmp_path / "a.zip", **{"../../evil.json": json.dumps(alphapose(sample_people)), "readme.txt": "hello"})
    recording = read(path)
    assert [person.frames for person in recording.people] == [207, 162]
    assert recording.warnings == ("Not .json, so not read: readme.txt.",)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.zip"]  # nothing is unpacked


def test_zip_of_several_recordings_says_which_was_read(tmp_path, alphapose, sample_people) -> None:
    text = json.dumps(alphapose(sample_people))
    warnings = read(_zip(tmp_path / "a.zip", **{"run.json": text, "walk.json": text})).warnings
    assert warnings == ("Of 2 recordings run.json was read, not: walk.json.",)


def test_damaged_zips(tmp_path, alphapose, sample_people) -> None:
    path = _zip(tmp_path / "a.zip", **{"run.json": json.dumps(alphapose(sample_people))})
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(TruncatedFile, match=r"a\.zip is a zip without the table of contents.*it was cut off"):
        read(path)
    path.write_bytes(data[:200] + bytes(2000) + data[2200:])
    with pytest.raises(FormatError, match=r"run\.json in the zip cannot be read"):
        read(path)
    with pytest.raises(FormatError, match=r"No keypoint files in the zip b\.zip: no \.json, .*in it \(it is empty\)"):
        read(_zip(tmp_path / "b.zip"))


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(source_module, "MAX_BYTES", 1 << 20)
    with pytest.raises(FormatError, match="holds 2,000,000 bytes; at most 1,048,576 are read"):
        read(_zip(tmp_path / "bomb.zip", **{"a.json": " " * 2_000_000}))
