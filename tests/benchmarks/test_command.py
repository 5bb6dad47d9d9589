"""The command itself, on next to nothing."""

import itertools
import json

import pytest

from benchmarks.__main__ import main

TINY = ["--frames", "24", "48", "--people", "1", "--engines", "numpy", "--presets", "default", "--threads", "1"]
PUBLISHED = ["--reference", "24", "--steps", "1"]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("benchmarks")
    assert main(["--out", str(folder / "made"), "--quick", "--data", str(folder / "none"), *TINY, *PUBLISHED]) == 0
    return folder / "made"


@pytest.fixture(scope="module")
def results(written):
    return json.loads((written / "results.json").read_text(encoding="utf-8"))


def test_two_files_are_left_and_nothing_else(written):
    assert sorted(path.name for path in written.iterdir()) == ["benchmarks.md", "results.json"]


def test_every_length_and_footage_was_measured(results):
    rows = results["rows"]
    assert {(row["kind"], row["frames"]) for row in rows} == {(k, f) for k in ("varied", "uniform") for f in (24, 48)}
    for row in rows:
        assert not row["note"]
        assert row["fps"] == pytest.approx(row["frames"] / row["seconds"])
        assert 0 < row["first"]
        assert row["memory"] > 10_000_000


def test_the_published_inference_stands_beside_and_says_that_it_is_extrapolated(results):
    names = [row["settings"] for row in results["reference"]]
    assert names == ["literal reference", "paper", "default"]
    published = [row for row in results["reference"][:2] if not row["note"]]
    assert published
    assert all(row["extrapolated"] and row["accuracy"] is None for row in published)


def test_the_bars_are_judged_from_what_was_measured(results):
    bars = {bar["name"]: bar for bar in results["bars"]}
    assert bars["worker, cold start to its first window"]["met"] is not None
    assert bars["re-solve after one moved joint"]["measured"].endswith("by the clock (numpy on cpu)")
    assert bars["`best`"]["met"] is None


def test_the_floor_is_above_what_was_measured(results):
    floor = results["floors"]["default"]
    assert floor["floor_fps"] > floor["measured_fps"] > 0
    assert results["machine"]["single"] > results["machine"]["double"] > 1e8


def test_the_table_can_be_read(written):
    lines = (written / "benchmarks.md").read_text(encoding="utf-8").splitlines()
    for line, after in itertools.pairwise(lines):
        if line.startswith("|") and after.startswith("|"):
            assert line.count("|") == after.count("|")
    assert next(line for line in lines if line.startswith("## ")) == "## Bars"
    assert any(line.startswith("| literal reference |") for line in lines)
    assert "Footage: bundled sample" in "\n".join(lines)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--frames", "10"], "--frames is 10, expected 24 or more"),
        (["--people", "0"], "--people is 0, expected 1 or more"),
        (["--threads", "-1"], "--threads is -1, expected 1 or more"),
        (["--reference", "1000"], "--reference is 1000, expected 24 to 240 frames"),
        (["--limit", "nan"], "--limit is nan, expected 1 or more"),
        (["--steps", "0"], "--steps is 0, expected 1 or more"),
    ],
)
def test_options_that_cannot_be_used_are_named_before_anything_is_measured(tmp_path, capsys, monkeypatch, words, said):
    monkeypatch.setattr("benchmarks.__main__.Session", None)
    assert main(["--out", str(tmp_path / "out"), *words]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_file_in_the_place_of_the_folder_is_left_alone(tmp_path, capsys):
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    assert main(["--out", str(tmp_path / "out"), "--quick"]) == 2
    assert "is a file, expected a folder" in capsys.readouterr().err
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_an_unknown_engine_is_refused_by_name(tmp_path, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["--out", str(tmp_path), "--engines", "abacus"])
    assert "abacus" in capsys.readouterr().err
