"""`python -m jumps_blender`: what it prints, what it writes, and how it fails."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jumps_blender.__main__ import main
from jumps_blender.core.body.skeleton import JOINTS
from jumps_blender.errors import Cancelled, EngineError, NotEnoughJoints
from jumps_blender.formats import read


@pytest.fixture
def sample(repository: Path) -> str:
    return str(repository / "jumps_blender" / "samples" / "rooftop_coco17.json")


@dataclass(frozen=True)
class _Report:
    engine: str = "test"
    device: str = "cpu"
    settings: str = "default"
    seconds: float = 0.5
    windows: int = 1
    versions: dict[str, str] = field(default_factory=dict)
    gaps: tuple[tuple[int, int], ...] = ((150, 170),)
    warnings: tuple[str, ...] = ("It was a test.",)


@dataclass(frozen=True)
class _Result:
    positions: np.ndarray
    observed: np.ndarray
    rejected: np.ndarray
    swapped: np.ndarray
    std: np.ndarray | None = None
    depth: np.ndarray | None = None
    depth_std: np.ndarray | None = None
    joints: tuple[str, ...] = JOINTS
    report: _Report = _Report()


@dataclass
class _Door:
    """Stands in for the core: takes what the command gives it, and answers at once."""

    loaded: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)
    fails: BaseException | None = None

    def load(self, **options: Any) -> _Door:
        self.loaded = options
        return self

    def upsample(self, positions: np.ndarray, **options: Any) -> _Result:
        self.asked = {"positions": positions, **options}
        if self.fails:
            raise self.fails
        frames = len(positions)
        rejected, swapped = np.zeros(positions.shape[:2], bool), np.zeros((frames, 2), bool)
        return _Result(np.ones((frames, 28, 2)), np.zeros((frames, 28), bool), rejected, swapped)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> _Door:
    door = _Door()
    monkeypatch.setattr("jumps_blender.core.Upsampler", door)
    return door


def _fails(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that must fail with status 2 and one line; that line."""
    status: int | str | None
    try:
        status = main(arguments)
    except SystemExit as left:
        status = left.code
    output = capsys.readouterr()
    assert status == 2
    assert output.out == ""
    assert output.err.count("\n") == 1
    return output.err


def test_inspect_as_json_has_exactly_these_keys(sample, capsys) -> None:
    assert main(["inspect", sample, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "format": "jumps",
        "joint_set": "coco17",
        "image_size": [1768, 994],
        "fps": 30.0,
        "first_frame": 0,
        "last_frame": 229,
        "people": [
            {"id": "1", "frames": 207, "mean_confidence": pytest.approx(0.696, abs=1e-3)},
            {"id": "2", "frames": 162, "mean_confidence": pytest.approx(0.7, abs=1e-3)},
        ],
        "names": {},
        "view": None,
        "warnings": [],
    }


def test_inspect_as_text(sample, capsys) -> None:
    assert main(["inspect", sample]) == 0
    text = capsys.readouterr().out
    for part in ("JUMPS tracks (jumps)", "COCO-17 (coco17)", "1768 x 994", "230, from 0 to 229", "0.70  default"):
        assert part in text


def test_inspect_says_what_the_file_does_not_know(tmp_path, capsys) -> None:
    points = [[100 + i, 50 + 9 * i, 0.9] for i in range(17)]
    entries = [{"image_id": f"{f}.jpg", "keypoints": np.ravel(points).tolist()} for f in (3, 4)]
    path = tmp_path / "a.json"
    path.write_text(json.dumps(entries))
    assert main(["inspect", str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["fps"], found["image_size"], found["first_frame"]) == (None, None, 3)
    assert main(["inspect", str(path), "--joint-set", "h36m17"]) == 0
    assert "Human3.6M-17 (h36m17): chosen by the user" in capsys.readouterr().out


def test_inspect_as_its_own_process(sample, repository, tmp_path) -> None:
    command = [sys.executable, "-m", "jumps_blender", "inspect"]
    done = subprocess.run([*command, sample], cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    done = subprocess.run([*command, str(tmp_path)], cwd=repository, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("jumps: No keypoint files in the folder")


@pytest.mark.parametrize(
    "text", ["", "not json", "[]", '{"name": "Blender"}', '[{"image_id": "1.jpg", "keypoints": [1']
)
def test_inspect_of_what_it_cannot_read(text, tmp_path, capsys) -> None:
    path = tmp_path / "strange\nname.json"
    path.write_text(text)
    assert "name.json" in _fails(["inspect", str(path), "--json"], capsys)


def test_inspect_of_a_cut_off_file(sample, tmp_path, capsys) -> None:
    path = tmp_path / "cut.json"
    path.write_text(Path(sample).read_text()[:120_000])
    assert "cut.json was cut off at its end" in _fails(["inspect", str(path)], capsys)
    assert main(["inspect", str(path), "--salvage", "--json"]) == 0
    assert [person["frames"] for person in json.loads(capsys.readouterr().out)["people"]] == [207]


def test_help_names_both_commands(capsys) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert {"inspect", "upsample"} <= set(capsys.readouterr().out.split())


def test_upsample_writes_the_default_person(sample, tmp_path, door, capsys) -> None:
    out = tmp_path / "out.json"
    options = ["--device", "cpu", "--seed", "7", "--threshold", "0.1", "--smoothness", "0.2"]
    assert main(["upsample", sample, "-o", str(out), *options]) == 0
    document = json.loads(out.read_text())
    assert (document["format"], document["version"], document["person"]) == ("jumps-result", 1, "1")
    assert np.shape(document["positions"]) == (226, 28, 2)
    assert (document["fps"], document["source"]) == (30.0, "rooftop_coco17.json")
    assert door.loaded == {"device": "cpu", "engine": "numpy"}
    assert door.asked["positions"].shape == (226, 17, 2)
    assert (door.asked["fps"], door.asked["seed"], door.asked["joint_set"].id) == (30.0, 7, "coco17")
    assert door.asked["smoothness"] == 0.2
    assert (door.asked["settings"].name, door.asked["settings"].threshold) == ("default", 0.1)
    output = capsys.readouterr()
    assert output.out.startswith("226 frames of person 1 in 0.5 s (test on cpu): ")
    assert output.err.splitlines() == [
        "note: It was a test.",
        "note: Hardly anything was observed in frames 150-170: the person is invented there.",
    ]


def test_upsample_to_csv_another_person_at_another_rate(sample, tmp_path, door, capsys) -> None:
    out = tmp_path / "out.csv"
    assert main(["upsample", sample, "-o", str(out), "--person", "2", "--fps", "60", "--settings", "best"]) == 0
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert (rows[0]["frame"], rows[-1]["frame"]) == ("36", "198")  # she walks in later, and out before the end
    assert rows[60 * 28]["time"] == "1.0"
    assert door.asked["settings"].name == "best"
    assert "frames 186-206: the person is invented" in capsys.readouterr().err  # as the file counts


def test_upsample_without_a_rate_says_which_it_takes(tmp_path, door, capsys) -> None:
    points = [[100 + i, 50 + 9 * i, 0.9] for i in range(17)]
    path = tmp_path / "a.json"
    path.write_text(json.dumps([{"image_id": "0.jpg", "keypoints": np.ravel(points).tolist()}]))
    assert main(["upsample", str(path), "-o", str(tmp_path / "out.json")]) == 0
    assert "does not know its rate; 25 frames per second taken, change with --fps" in capsys.readouterr().err
    assert door.asked["fps"] == 25.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--person", "9"], "holds no person '9'; it holds 1 (207 frames), 2 (162 frames)."),
        (["--joint-set", "halpe26"], "17 points per person, but Halpe-26"),
        (["--settings", "fastest"], "Unknown settings 'fastest'; expected one of paper, draft, default, best"),
        (["--threshold", "2"], "2 is not between 0 and 1"),
        (["--fps", "0"], "0 is no rate"),
        (["--image-size", "big"], "'big' is no image size: 1920x1080 was expected"),
        (["-o", "out.txt"], "written as .json or .csv"),
        (["-o", "nowhere/out.json"], "nowhere is not a folder that can be written to"),
    ],
)
def test_bad_options_write_nothing(options, message, sample, tmp_path, door, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in _fails(["upsample", sample, "-o", "out.json", *options], capsys)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error",
    [NotEnoughJoints("No frame shows\nenough."), EngineError("No torch in this one."), Cancelled("Stopped.")],
    ids=lambda error: type(error).__name__,
)
def test_a_failing_solve_leaves_the_old_result(error, sample, tmp_path, door, capsys) -> None:
    out = tmp_path / "out.json"
    out.write_text("old")
    door.fails = error
    assert _fails(["upsample", sample, "-o", str(out)], capsys) == f"jumps: {' '.join(str(error).split())}\n"
    assert out.read_text() == "old"


def test_the_input_is_never_written_over(sample, tmp_path, door, capsys) -> None:
    tracks = tmp_path / "tracks.json"
    tracks.write_bytes(Path(sample).read_bytes())
    assert main(["upsample", str(tracks), "-o", str(tmp_path / "." / "tracks.json")]) == 2
    assert "is the input" in capsys.readouterr().err
    assert tracks.read_bytes() == Path(sample).read_bytes()


def test_interrupt_is_no_crash(sample, tmp_path, door, capsys) -> None:
    door.fails = KeyboardInterrupt()
    assert main(["upsample", sample, "-o", str(tmp_path / "out.json")]) == 130
    assert "interrupted, nothing was written" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_the_real_core_answers(sample, tmp_path, capsys) -> None:
    out = tmp_path / "out.json"
    assert main(["upsample", sample, "-o", str(out), "--settings", "draft", "--device", "cpu"]) == 0
    document = json.loads(out.read_text())
    positions, observed = np.array(document["positions"]), np.array(document["observed"])
    assert positions.shape == (226, 28, 2)
    assert np.isfinite(positions).all()
    seen = read(sample).tracks()
    knee, source = JOINTS.index("left_knee"), seen.joint_set.index("left_knee")
    shown = observed[:, knee]
    assert not (shown & ~seen.observed[:, source]).any()
    assert shown.sum() > 0.9 * seen.observed[:, source].sum()  # the others are not believed
    off = np.linalg.norm(positions[shown, knee] - seen.positions[shown, source], axis=-1)
    assert np.median(off) < 20  # pixels; the man is 380 tall
    assert document["report"]["device"] == "cpu"
    assert capsys.readouterr().out.startswith("226 frames of person 1 in ")


def test_a_reader_that_has_read_enough_is_no_failure(sample, repository) -> None:
    command = [sys.executable, "-m", "jumps_blender", "inspect", sample, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=repository) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_what_the_file_cannot_know_is_told(tmp_path, capsys) -> None:
    path = tmp_path / "shot.csv"
    path.write_text("scorer,me,me,me,me\nbodyparts,Paw,Paw,Tail,Tail\ncoords,x,y,x,y\n0,1,2,3,4\n")
    assert main(["inspect", str(path), "--name", "Paw=left_wrist", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["names"] == {"Paw": "left_wrist", "Tail": ""}
    assert "'Paw' is no name: Snout=nose was expected" in _fails(["inspect", str(path), "--name", "Paw"], capsys)
    assert "--name THEIRS=JOINT" in _fails(["inspect", str(path)], capsys)
    assert "invalid choice: 'above'" in _fails(["inspect", str(path), "--view", "above"], capsys)
