"""A folder of keypoint files becomes results, whatever one of them holds."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys

import numpy as np
import pytest

from jumps_blender.core import Upsampler
from jumps_blender.formats import read
from tests.batch.shots_at_hand import SAMPLE, write_cut, write_walk


def test_everybody_in_every_file_is_solved(folder, out, batch, record, capsys) -> None:
    write_walk(folder / "alley.json")
    assert batch() == 0
    assert sorted(path.name for path in (out / "shots" / "street").iterdir()) == [
        "person-0.json",
        "person-1.json",
        "shot.json",
    ]
    assert read(out / "shots" / "alley" / "person-0.json").people[0].frames == 30
    assert [person["id"] for person in record("street")["people"]] == ["0", "1"]
    assert "2 of 2 shots done" in capsys.readouterr().out


def test_a_result_is_what_the_upsampler_says(folder, out, batch) -> None:
    assert batch() == 0
    tracks = read(folder / "street.json").tracks("1")
    expected = Upsampler.load(engine="numpy").upsample(
        tracks.positions, joint_set=tracks.joint_set, confidence=tracks.confidence, fps=25.0, settings="draft"
    )
    content = json.loads((out / "shots" / "street" / "person-1.json").read_text())
    np.testing.assert_allclose(content["positions"], expected.positions, atol=1e-3)


def test_one_bad_file_does_not_stop_the_rest(folder, out, batch, record, capsys) -> None:
    write_cut(folder / "cut.json")
    (folder / "other.json").write_text('{"name": "Blender"}')
    assert batch() == 1
    assert record("street")["status"] == "done"
    assert record("cut")["error"]["kind"] == "TruncatedFile"
    assert "no keypoints that are known" in record("other")["error"]["message"]
    assert "cut.json was cut off" in capsys.readouterr().err
    assert batch("--exit-zero") == 0  # tried again, failed again, and told


def test_a_person_who_cannot_be_solved_does_not_stop_the_others(folder, batch, record) -> None:
    path = write_walk(folder / "stray.json", people=2)
    content = json.loads(path.read_text())
    stray = content["people"][1]
    stray["positions"] = [[point if j < 2 else None for j, point in enumerate(frame)] for frame in stray["positions"]]
    stray["confidence"] = [[0.9] * 2 + [0.0] * 15] * 30
    path.write_text(json.dumps(content))
    assert batch() == 0
    found = {person["id"]: person for person in record("stray")["people"]}
    assert found["0"]["error"] is None
    assert "4 of the 28 joints" in found["1"]["error"] or "enough" in found["1"]["error"]
    assert record("stray")["outputs"] == ["person-0.json"]


def test_people_who_are_hardly_seen_are_left_out_and_named(folder, batch, record) -> None:
    write_walk(folder / "glimpse.json", frames=4)
    assert batch() == 1
    assert "Seen in 4 frames, which is less than 5" in record("glimpse")["people"][0]["error"]
    assert batch("--least-frames", "4") == 0


def test_frames_that_do_not_show_somebody_leave_them_out(folder, batch, record) -> None:
    assert batch("--frames", "10-19", "--people", "1") == 0
    (person,) = record("street")["people"]
    assert (person["id"], person["first_frame"], person["frames"]) == ("1", 10, 10)
    assert batch("--frames", "100-200") == 1
    assert "Seen from frame 0 to 29, not from 100 to 200" in record("street")["people"][0]["error"]
    assert batch("--people", "nobody") == 1
    assert record("street")["error"]["kind"] == "PersonNotFound"
    assert batch("--frames", "9-3") == 2


def test_ids_cannot_lead_out_of_the_folder(folder, out, batch, record) -> None:
    ids = ("../../evil", "a/b", "x" * 500, "Anna", "anna", "=cmd()")
    write_walk(folder / "crowd.json", ids=ids)
    assert batch() == 0
    names = record("crowd")["outputs"]
    assert len({name.casefold() for name in names}) == len(ids)
    assert {path.name for path in (out / "shots" / "crowd").iterdir()} == {*names, "shot.json"}
    assert not list(out.parent.rglob("*evil*"))


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no text")
def test_names_that_no_terminal_shows_are_told_as_well_as_can_be(folder, out, batch, capsys) -> None:
    write_walk(folder / os.fsdecode(b"sh\xff010.json"))
    (folder / "dead.json").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.json")
    assert batch() == 1
    assert "sh\\udcff010: 1 person" in capsys.readouterr().out
    shots = {shot["shot"]: shot["status"] for shot in json.loads((out / "report.json").read_text())["shots"]}
    assert shots == {"dead": "failed", "sh\udcff010": "done", "street": "done"}
    assert "shots/sh%FF010/person-0.json" in (out / "index.html").read_text()


def test_the_report_tells_of_all_shots(folder, out, batch) -> None:
    shutil.copy(SAMPLE, folder / "rooftop.json")
    write_cut(folder / "cut.json")
    assert batch("--settings", "default") == 1
    report = json.loads((out / "report.json").read_text())
    assert (report["kind"], report["version"]) == ("jumps-batch", 1)
    assert report["counts"] == {"failed": 1, "missing": 0, "done": 2}
    assert [shot["shot"] for shot in report["shots"]] == ["cut", "rooftop", "street"]  # the worst first
    figures = report["shots"][1]["people"][0]["figures"]
    assert figures["std_worst"] > 1.5 * report["shots"][2]["people"][0]["figures"]["std_worst"]
    assert 150 <= figures["worst_frame"] <= 195, "the somersault, in which nobody is seen"
    with (out / "summary.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["rank"], row["shot"], row["person"]) for row in rows] == [
        ("1", "cut", ""),
        ("2", "rooftop", "1"),
        ("2", "rooftop", "2"),
        ("3", "street", "0"),
        ("3", "street", "1"),
    ]
    assert float(rows[1]["std_worst"]) == figures["std_worst"]


def test_files_that_are_no_shots_are_told_of_everywhere(folder, out, done, batch, capsys) -> None:
    (folder / "notes <b>.txt").write_text("the third take is the best")
    assert batch() == 0
    assert "passed over (--pattern says which names are shots): notes <b>.txt" in capsys.readouterr().out
    assert json.loads((out / "report.json").read_text())["passed_over"] == ["notes <b>.txt"]
    assert "Passed over: notes &lt;b&gt;.txt." in (out / "index.html").read_text()


def test_rejected_points_and_swapped_frames_are_counted(folder, batch, record) -> None:
    path = write_walk(folder / "odd.json", frames=100)
    content = json.loads(path.read_text())
    for frame in range(40, 46):
        content["people"][0]["positions"][frame][9][0] += 500.0  # the left wrist is elsewhere
    path.write_text(json.dumps(content))
    assert batch("--settings", "default") == 0
    figures = record("odd")["people"][0]["figures"]
    assert figures["rejected_points"] >= 6
    assert figures["doubt"] == pytest.approx(
        figures["std_worst"] + figures["rejected_share"] + figures["swapped_share"] + figures["unseen_share"], abs=1e-3
    )
    sheet = record("odd")["people"][0]["sheet"]
    assert any(pose["rejected"] for pose in sheet if 36 <= pose["frame"] < 50)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--settings", "fastest"], "Unknown settings 'fastest'"),
        (["--joint-set", "octopus"], "octopus"),
        (["--part", "3/2"], "'3/2' is no part"),
        (["--threads", "0"], "0 is no number from 1"),
        (["--blend"], "--blend needs Blender"),
        (["--pattern", "*.nothing"], "holds no shot"),
        (["-o", "."], "folder of the keypoint files"),
        (["-o", "street.json"], "is no folder"),
    ],
)
def test_what_cannot_be_done_is_told_before_any_work(options, message, folder, out, batch, capsys, monkeypatch) -> None:
    monkeypatch.chdir(folder)
    assert batch(*options) == 2
    assert message in capsys.readouterr().err
    assert not out.exists()
    assert [path.name for path in folder.iterdir()] == ["street.json"]


def test_an_engine_that_is_not_there_is_the_machines_fault(batch, out, capsys) -> None:
    assert batch("--engine", "abacus", "--exit-zero") == 3
    assert "Unknown engine 'abacus'" in capsys.readouterr().err
    assert not list(out.rglob("*.json"))
