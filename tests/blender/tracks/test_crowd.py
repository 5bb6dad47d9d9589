"""Several people of a recording become several armatures: who, where, under which names, all or none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jumps_blender.blender.scene.actions import key_frames
from jumps_blender.blender.scene.names import LONGEST, fitted
from jumps_blender.blender.tracks import crowd as crowd_module
from jumps_blender.blender.tracks.people import import_person
from jumps_blender.core.body.skeleton import LIMB_JOINTS
from jumps_blender.formats import read
from jumps_blender.formats.people_choice import chosen, completions, with_person
from tests.blender.conftest import write_tracks
from tests.blender.people_at_hand import heads, record_of
from tests.blender.snapshot import snapshot


def write_crowd(path: Path, walk: np.ndarray, **shifts: float) -> Path:
    """People who walk so many pixels to the right of the first, each a little less sure than the one before."""
    content = json.loads(write_tracks(path, walk).read_text())
    content["people"] = [
        {
            "id": one,
            "positions": (walk + np.array([shift, 0.0])).tolist(),
            "confidence": np.full(walk.shape[:2], 0.9 - i / 1000).tolist(),
        }
        for i, (one, shift) in enumerate(shifts.items())
    ]
    path.write_text(json.dumps(content))
    return path


def import_crowd(path: Path, people: str, **options: Any) -> list[Any]:
    """Import people through the operator; the new armatures, by name."""
    before = set(bpy.data.objects.keys())
    assert bpy.ops.jumps.import_tracks(filepath=str(path), people=people, **options) == {"FINISHED"}
    return [bpy.data.objects[name] for name in sorted(set(bpy.data.objects.keys()) - before)]


def test_all_become_armatures_named_after_file_and_person(sample: Path) -> None:
    made = import_crowd(sample, "all")
    assert [ob.name for ob in made] == ["rooftop_coco17 person 1", "rooftop_coco17 person 2"]
    assert [record_of(ob).tracks.person for ob in made] == ["1", "2"]
    assert bpy.context.view_layer.objects.active == made[0]
    assert sorted(ob.name for ob in bpy.context.selected_objects) == [ob.name for ob in made]


def test_some_are_chosen_by_their_ids(tmp_path: Path, walk: np.ndarray) -> None:
    path = write_crowd(tmp_path / "street.json", walk, ann=0.0, bob=200.0, cid=400.0)
    assert [ob.name for ob in import_crowd(path, "cid, ann")] == ["street person ann", "street person cid"]
    assert [ob.name for ob in import_crowd(path, "")] == ["street person ann.001"]


def test_people_stand_to_each_other_as_in_the_picture(tmp_path: Path, walk: np.ndarray) -> None:
    ann, bob = import_crowd(write_crowd(tmp_path / "street.json", walk, ann=0.0, bob=200.0), "all")
    scale = record_of(ann).placement.scale
    assert record_of(ann).placement == record_of(bob).placement
    apart = heads(bob, [1]) - heads(ann, [1])
    np.testing.assert_allclose(apart[..., 0], 200 * scale, atol=1e-5)
    np.testing.assert_allclose(apart[..., 1:], 0, atol=1e-5)


def test_people_who_come_later_stay_in_step(sample: Path) -> None:
    bpy.context.scene.render.fps = 60
    first, second = import_crowd(sample, "all", start_frame=11)
    tracks = read(sample).tracks("2")
    begin = tracks.first_frame + int(tracks.observed.any(1).argmax())
    assert min(map(min, key_frames(first).values())) == 11
    assert min(map(min, key_frames(second).values())) == pytest.approx(11 + 2 * begin)
    assert bpy.context.scene.render.fps == 60


def test_one_undo_takes_everybody_back(sample: Path) -> None:
    bpy.ops.ed.undo_push(message="before")
    before = snapshot()
    import_crowd(sample, "all")
    bpy.ops.ed.undo_push(message="after")
    bpy.ops.ed.undo()
    assert snapshot() == before
    bpy.ops.ed.redo()
    assert len(bpy.data.armatures) == 2


@pytest.mark.parametrize("people", ["1, 99", "99", "1,,99"])
def test_somebody_unknown_changes_nothing(sample: Path, people: str) -> None:
    before = snapshot()
    with pytest.raises(RuntimeError, match="holds no person"):
        bpy.ops.jumps.import_tracks(filepath=str(sample), people=people)
    assert snapshot() == before


def test_whoever_was_hardly_seen_is_left_out_of_all_and_named(
    tmp_path: Path, walk: np.ndarray, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_crowd(tmp_path / "street.json", walk, ann=0.0, ghost=200.0)
    content = json.loads(path.read_text())
    content["people"][1]["confidence"] = np.full(walk.shape[:2], 0.1).tolist()
    path.write_text(json.dumps(content))
    assert [ob.name for ob in import_crowd(path, "all")] == ["street person ann"]
    assert "No joint of person ghost is observed" in capfd.readouterr().out
    before = snapshot()
    with pytest.raises(RuntimeError, match="No joint of person ghost is observed"):
        bpy.ops.jumps.import_tracks(filepath=str(path), people="ann, ghost")
    assert snapshot() == before
    with pytest.raises(RuntimeError, match="No joint of person"):
        bpy.ops.jumps.import_tracks(filepath=str(path), people="all", threshold=1.0)
    assert snapshot() == before


def test_what_goes_wrong_with_the_last_takes_back_the_first(sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def failing(*args: Any) -> Any:
        if made:
            raise MemoryError
        made.append(import_person(*args))
        return made[0]

    monkeypatch.setattr(crowd_module, "import_person", failing)
    before = snapshot()
    with pytest.raises(RuntimeError, match="MemoryError"):
        bpy.ops.jumps.import_tracks(filepath=str(sample), people="all")
    assert made
    assert snapshot() == before


def test_long_names_keep_file_and_person(tmp_path: Path, walk: np.ndarray) -> None:
    ids = ("a" * 40, "a" * 39 + "b")
    path = write_crowd(tmp_path / f"{'шот' * 30}.json", walk, **dict.fromkeys(ids, 0.0))
    names = [ob.name for ob in import_crowd(path, "all")]
    assert [name.rpartition(" ")[2] for name in names] == list(ids)
    assert all(name.startswith("ш") and len(f"{name} 28 joints".encode()) <= LONGEST for name in names)
    assert len(import_crowd(path, ids[0])[0].name.encode()) <= LONGEST


def test_a_file_name_that_is_no_text_can_be_imported(tmp_path: Path, walk: np.ndarray) -> None:
    path = tmp_path / "bad\udcff.json"
    try:
        write_tracks(path, walk)
    except (OSError, UnicodeError):
        pytest.skip("this file system takes text only")
    assert [ob.name for ob in import_crowd(path, "")] == ["bad?"]


@given(st.text(), st.text(max_size=50), st.integers(0, 20))
def test_every_name_fits_and_keeps_its_end(stem: str, suffix: str, room: int) -> None:
    name = fitted(stem, suffix, room)
    assert 0 < len(name.encode()) <= LONGEST
    if len(suffix.encode(errors="replace")) + room <= LONGEST - 8:
        assert name.endswith(suffix.replace("\0", "?").encode(errors="replace").decode())


IDS = st.lists(st.text(st.characters(blacklist_categories=("C", "Z")), min_size=1), min_size=1, max_size=6, unique=True)


@given(IDS, st.data())
def test_ticking_people_gives_exactly_those(ids: list[str], data: Any) -> None:
    if "all" in ids:
        return
    text, wanted = "", {ids[0]}
    for _ in range(6):
        one = data.draw(st.sampled_from(ids))
        text, wanted = with_person(ids, text, one, one not in wanted), (wanted ^ {one}) or {ids[0]}
        assert set(chosen(ids, text)) == wanted


@given(IDS)
def test_what_is_offered_is_understood(ids: list[str]) -> None:
    if "all" in ids:
        return
    assert [chosen(ids, text) for text in completions(ids, "")] == [tuple(ids), *((one,) for one in ids)]


def test_hundreds_of_ghosts_are_not_imported_by_mistake(tmp_path: Path, walk: np.ndarray) -> None:
    path = write_crowd(tmp_path / "ghosts.json", walk[:3], **{f"p{i}": 30.0 * i for i in range(101)})
    before = snapshot()
    with pytest.raises(RuntimeError, match="holds 101 people, and at most 100 are imported at once"):
        bpy.ops.jumps.import_tracks(filepath=str(path), people="all")
    assert snapshot() == before
    assert len(import_crowd(path, "p7")) == 1


def test_fifty_people_are_fifty_armatures_if_asked_for(tmp_path: Path, walk: np.ndarray) -> None:
    path = write_crowd(tmp_path / "march.json", walk, **{f"p{i}": 30.0 * i for i in range(50)})
    assert len(import_crowd(path, "all")) == 50
    assert {len(data.bones) for data in bpy.data.armatures} == {len(LIMB_JOINTS)}
