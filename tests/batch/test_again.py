"""A second run does what is left to do, and no more."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jumps_blender.batch import attempts
from jumps_blender.batch.attempts import key_of
from jumps_blender.batch.options import BLEND, JSON, BatchOptions, Solving
from jumps_blender.batch.scene import SceneOptions
from tests.batch.shots_at_hand import write_cut, write_walk


def made_anew(out: Path) -> set[str]:
    """The files of shots that were not there before."""
    return {path.name for path in (out / "shots").rglob("*.json") if path.stat().st_mtime > 0}


def test_what_is_done_is_not_solved_again(done, batch, capsys) -> None:
    assert batch("--threads", "2", "--jobs", "2") == 0  # how it is computed does not decide what comes out
    assert "street: 2 people, 30 frames, doubt 0.00, done before" in capsys.readouterr().out
    assert made_anew(done) == set()
    assert batch("--again") == 0
    assert made_anew(done) == {"person-0.json", "person-1.json", "shot.json"}


def test_a_touch_is_no_change(folder, done, batch) -> None:
    (folder / "street.json").touch()
    assert batch() == 0
    assert made_anew(done) == set()


def test_a_changed_file_is_solved_again(folder, done, batch, record) -> None:
    write_walk(folder / "street.json", people=1, frames=40)
    assert batch() == 0
    assert record("street")["people"][0]["frames"] == 40
    assert not (done / "shots" / "street" / "person-1.json").exists(), "nobody is left of the old content"


def test_other_settings_are_solved_again(done, batch) -> None:
    assert batch("--smoothness", "0.9") == 0
    assert made_anew(done) == {"person-0.json", "person-1.json", "shot.json"}


def test_whatever_decides_the_result_is_in_its_key() -> None:
    options = BatchOptions(Path("in"), Path("out"))
    other = Solving(
        "best", 0.9, 3, "coco17", 50.0, (10, 10), 0.1, salvage=True, names={"a": "b"}, view="left", up="z",
        people="1", least_frames=9, frames=(1, 2), engine="torch", device="cuda",
    )  # fmt: skip
    keys = [key_of(options, "content"), key_of(options, "other content")]
    keys += [
        key_of(replace(options, solving=replace(Solving(), **{name: getattr(other, name)})), "content")
        for name in Solving.__dataclass_fields__
    ]
    assert len({json.dumps(key) for key in keys}) == 2 + len(Solving.__dataclass_fields__)


def test_whatever_decides_the_scene_is_in_its_key() -> None:
    options = BatchOptions(Path("in"), Path("out"), outputs=(JSON, BLEND))
    other = SceneOptions(
        1.8, 0.01, 7, lock_feet=True, feet_speed=2.0, feet_strength=0.5, simplify=1.0, key_uncertainty=True,
        push_down=True, footage="f", footage_as="camera", template="a.blend", rigs=("b",), rig_preset="c",
        rig_options={"limbs": "ik"}, bake=True,
    )  # fmt: skip
    keys = [
        key_of(replace(options, scene=replace(SceneOptions(), **{name: getattr(other, name)})), "content")
        for name in SceneOptions.__dataclass_fields__
    ]
    assert len({json.dumps(key) for key in [key_of(options, "content"), *keys]}) == 1 + len(keys)


def test_a_record_of_before_there_was_a_choice_is_known(done, batch) -> None:
    path = done / "shots" / "street" / "shot.json"
    content = json.loads(path.read_text())
    del content["key"]["solving"]["least_frames"]
    path.write_text(json.dumps(content))
    assert batch() == 0
    assert made_anew(done) <= {"shot.json"}


def test_another_version_solves_again(done, batch, monkeypatch) -> None:
    monkeypatch.setattr(attempts, "tools", lambda: {"jumps": "99.0.0", "weights": "other"})
    assert batch() == 0
    assert made_anew(done)


@pytest.mark.parametrize("damage", ["removed", "cut", "another version"])
def test_a_record_or_result_that_is_gone_is_made_again(damage, done, batch, record) -> None:
    place = done / "shots" / "street"
    if damage == "removed":
        (place / "person-1.json").unlink()
    elif damage == "cut":
        (place / "shot.json").write_text((place / "shot.json").read_text()[:200])
    else:
        (place / "shot.json").write_text(json.dumps({"kind": "jumps-shot", "version": 2}))
    assert batch() == 0
    assert record("street")["status"] == "done"
    assert "person-1.json" in made_anew(done)


def test_a_file_that_turns_bad_keeps_its_last_good_result_and_may_be_mended(folder, done, batch, record) -> None:
    whole = (folder / "street.json").read_bytes()
    write_cut(folder / "street.json")
    assert batch() == 1
    assert record("street")["status"] == "failed"
    assert (done / "shots" / "street" / "person-0.json").is_file()
    (folder / "street.json").write_bytes(whole)
    assert batch() == 0
    assert record("street")["error"] is None


def test_parts_make_the_whole(folder, done, batch, capsys) -> None:
    (done / "report.json").unlink()
    for number in range(4):
        write_walk(folder / f"zoo{number}.json")
    assert batch("--part", "1/3", "--report", "none") == 0
    assert not (done / "report.json").exists()
    assert batch("--report", "only") == 1
    counts = json.loads((done / "report.json").read_text())["counts"]
    assert counts == {"failed": 0, "missing": 3, "done": 2}
    for part in ("2/3", "3/3"):
        assert batch("--part", part, "--report", "none") == 0
    capsys.readouterr()
    assert batch("--report", "only") == 0
    assert capsys.readouterr().out.startswith("5 of 5 shots done")


def test_more_parts_than_shots_leave_some_with_nothing_to_do(batch, out) -> None:
    assert batch("--part", "2/8", "--report", "none") == 0
    assert not out.exists()
