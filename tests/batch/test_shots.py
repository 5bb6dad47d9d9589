"""Which files of a folder are shots, what they are called, and what tells that they changed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumps_blender.batch.shots import Shot, find_shots, fingerprint, part_of, passed_over
from jumps_blender.batch.solving import file_names
from jumps_blender.errors import InputError


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(Path(name).name)


def _names(folder: Path, pattern: str | None = None) -> list[str]:
    return [shot.name for shot in find_shots(folder, folder / "out", pattern)]


def test_files_zips_and_folders_of_frames_are_shots(tmp_path) -> None:
    _touch(tmp_path, "b.json", "a.zip", "c.csv", "d/000.json", "e/labels/1.txt", "empty/note.md", "f.h5")
    _touch(tmp_path, "g.slp", "h.pose", "i.tsv", "j.trc", "K.SLP", "l.hdf5")
    assert _names(tmp_path) == ["K", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "l"]


def test_notes_videos_hidden_files_and_results_are_none(tmp_path) -> None:
    _touch(tmp_path, "a.json", "readme.txt", "a.mp4", ".b.json", "._a.json", "out/report.json", "out/shots/a/shot.json")
    assert _names(tmp_path) == ["a"]


def test_whatever_is_no_shot_is_named(tmp_path) -> None:
    _touch(tmp_path, "a.json", "readme.txt", "a.mp4", ".hidden", "out/report.json", "empty/note.md")
    shots = find_shots(tmp_path, tmp_path / "out")
    assert passed_over(tmp_path, tmp_path / "out", shots) == ("a.mp4", "empty", "readme.txt")


def test_beside_the_frames_of_one_shot_nothing_is_passed_over(tmp_path) -> None:
    _touch(tmp_path, *(f"run_{number:012}_keypoints.json" for number in range(3)), "note.txt")
    assert passed_over(tmp_path, tmp_path / "out", find_shots(tmp_path, tmp_path / "out")) == ()


def test_shots_that_share_a_stem_are_called_by_their_files(tmp_path) -> None:
    _touch(tmp_path, "a.json", "a.zip", "B.csv", "b.h5", "c.json")
    assert _names(tmp_path) == ["B.csv", "a.json", "a.zip", "b.h5", "c"]


def test_a_folder_that_openpose_wrote_is_one_shot(tmp_path) -> None:
    (tmp_path / "run").mkdir()
    _touch(tmp_path / "run", *(f"run_{number:012}_keypoints.json" for number in range(3)))
    assert _names(tmp_path / "run") == ["run"]
    assert _names(tmp_path) == ["run"]


def test_a_pattern_chooses(tmp_path) -> None:
    _touch(tmp_path, "sh010.json", "sh020.json", "camera.json")
    assert _names(tmp_path, "sh*.json") == ["sh010", "sh020"]


def test_a_folder_without_shots_says_what_was_looked_for(tmp_path) -> None:
    with pytest.raises(InputError, match=r"no file that ends in \.json"):
        find_shots(tmp_path, tmp_path / "out")


@given(st.integers(0, 30), st.integers(1, 12))
def test_parts_hold_each_shot_once(shots, parts) -> None:
    whole = tuple(Shot(f"{number:02}", Path(str(number))) for number in range(shots))
    dealt = [part_of(whole, (number, parts)) for number in range(1, parts + 1)]
    assert sorted((shot for part in dealt for shot in part), key=lambda shot: shot.name) == list(whole)
    assert max(map(len, dealt)) - min(map(len, dealt)) <= 1


def test_the_fingerprint_is_of_names_and_content(tmp_path) -> None:
    _touch(tmp_path, "a/1.json", "b/1.json")
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    _touch(tmp_path, "b/2.json")
    assert fingerprint(tmp_path / "a") != fingerprint(tmp_path / "b")
    (tmp_path / "a" / "1.json").rename(tmp_path / "a" / "3.json")
    assert fingerprint(tmp_path / "a") != fingerprint(tmp_path / "b")
    with pytest.raises(InputError, match="cannot be read"):
        fingerprint(tmp_path / "gone.json")


@given(st.lists(st.one_of(st.text(), st.sampled_from(["0", "1", "n0", "n1", "N2", "a", "A", "..", "a/b", "con"]))))
def test_every_person_has_a_plain_file_name_of_its_own(people) -> None:
    names = file_names(people)
    assert len({name.casefold() for name in names}) == len(people)
    assert all(re.fullmatch(r"person-[A-Za-z0-9_-]{1,40}\.json", name) for name in names)
