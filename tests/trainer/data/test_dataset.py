import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumps_blender.errors import FormatError, InputError
from trainer.data.dataset import Clip, assert_shippable, load_dataset, save_dataset, window_starts
from trainer.data.manifest import ClipEntry, is_shippable, read_manifest


def clip(
    name: str = "a/1", frames: int = 30, split: str = "train", licence: str = "CMU-mocap", valid: Any = None
) -> Clip:
    positions = np.random.default_rng(frames).normal(size=(frames, 28, 3)).astype(np.float32)
    valid = np.ones(frames, bool) if valid is None else np.array(valid)
    return Clip(name, "a", "s1", split, licence, "walk", positions, 25.0, valid)


def test_what_is_saved_comes_back_by_split(tmp_path: Path) -> None:
    valid = np.arange(40) != 7
    saved = [clip(), clip("a/2", 40, "test", "CC-BY-SA-3.0", valid)]
    save_dataset(saved, tmp_path)
    (back,) = load_dataset(tmp_path, "test")
    np.testing.assert_array_equal(back.positions, saved[1].positions)
    np.testing.assert_array_equal(back.valid, valid)
    assert (back.id, back.licence, back.fps) == ("a/2", "CC-BY-SA-3.0", 25.0)
    assert [each.id for each in load_dataset(tmp_path)] == ["a/1", "a/2"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clips.npz", "dataset.json"]


def test_the_totals_are_there_for_people(tmp_path: Path) -> None:
    save_dataset([clip(), clip("a/2", 40), clip("a/3", 20, "val")], tmp_path)
    totals = json.loads((tmp_path / "dataset.json").read_text())
    assert totals["windows"] == 7 + 17
    assert totals["totals"][0] == {
        "source": "a", "split": "train", "clips": 2, "subjects": 1, "minutes": round(70 / 1500, 2), "windows": 24,
    }  # fmt: skip


def test_a_failed_write_leaves_the_old_data_set(tmp_path: Path) -> None:
    save_dataset([clip()], tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(InputError, match="at least one clip"):
        save_dataset([], tmp_path)
    broken = clip("a/2")
    object.__setattr__(broken, "label", {1j})
    with pytest.raises(TypeError):
        save_dataset([broken], tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_without_data_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Run: python -m trainer prepare"):
        load_dataset(tmp_path)


def test_an_empty_split_is_told(tmp_path: Path) -> None:
    save_dataset([clip()], tmp_path)
    with pytest.raises(InputError, match="no clips of split 'val'"):
        load_dataset(tmp_path, "val")


@given(st.lists(st.booleans(), max_size=80), st.integers(1, 30))
def test_windows_are_all_those_without_an_invalid_frame(valid: list[bool], length: int) -> None:
    starts = window_starts(clip(frames=len(valid), valid=np.array(valid, bool)), length)
    assert starts.tolist() == [i for i in range(len(valid) - length + 1) if all(valid[i : i + length])]


def test_share_alike_clips_are_refused_for_weights() -> None:
    assert_shippable([clip(), clip(licence="PDDL-1.0"), clip(licence="MIT")])
    with pytest.raises(InputError, match=r"1 clips to train on are under CC-BY-SA-3\.0, the first is h/1"):
        assert_shippable([clip(), clip("h/1", licence="CC-BY-SA-3.0")])


@pytest.mark.parametrize(
    "licence",
    [
        "CC-BY-SA-3.0", "CC-BY-NC-4.0", "cc-by-nc-sa-4.0", "CC-BY-ND-4.0", "CC BY-SA 4.0", "CC BY-NC 4.0",
        "CC_BY_ND_4.0", "Attribution-NonCommercial",
    ],
)  # fmt: skip
def test_restricted_terms_are_recognised(licence: str) -> None:
    assert not is_shippable(licence)
    assert is_shippable("CC-BY-4.0")


ENTRY = {
    "id": "a/1", "member": "a.bvh", "source": "a", "subject": "s", "skeleton": "t", "split": "test", "licence": "MIT",
    "fps": 30, "unit_in_metres": 0.01, "up": "y", "frames": 10, "glitches": [[2, 3]], "note": "kept for people",
}  # fmt: skip


def manifest(folder: Path, **changes: Any) -> list[ClipEntry]:
    folder.joinpath("manifest.json").write_text(json.dumps({"clips": [ENTRY | changes]}))
    return read_manifest(folder)


def test_an_entry_is_read_with_its_glitches(tmp_path: Path) -> None:
    (entry,) = manifest(tmp_path)
    assert (entry.glitches, entry.first_frame, entry.archive) == (((2, 3),), 0, "")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"split": "train", "licence": "CC-BY-SA-3.0"}, "a/1 .* is in split 'train'; .* testing only"),
        ({"split": "dev"}, "a/1 has split 'dev'"),
        ({"up": "x"}, "up 'x'"),
        ({"fps": 0}, "a/1 has fps 0"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(FormatError, match=message):
        manifest(tmp_path, **changes)


def test_an_entry_without_a_field_is_named(tmp_path: Path) -> None:
    incomplete = {key: value for key, value in ENTRY.items() if key != "frames"}
    (tmp_path / "manifest.json").write_text(json.dumps({"clips": [incomplete]}))
    with pytest.raises(FormatError, match="a/1 lacks frames"):
        read_manifest(tmp_path)


def test_a_folder_without_a_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no manifest\.json"):
        read_manifest(tmp_path)
