import json
from pathlib import Path

import pytest

from jumps_blender.errors import InputError
from trainer import generalise
from trainer.__main__ import main
from trainer.data.dataset import load_dataset, save_dataset
from trainer.generalise import courses, open_prior, variants

SHORT = ["--windows", "300", "--minutes", "0.002", "--steps", "2", "--scenes", "2"]
PRIOR = ["--methods", "prior", "--windows", "1000", "--width", "16", "--occasions", "4"]


@pytest.fixture(scope="module")
def world(make_clip, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two conversions of one source and another one, in all splits; a third that only tests."""
    folder = tmp_path_factory.mktemp("world")
    sources = {"cmu_bvh_daz": "CMU-mocap", "cmu_bvh_mb": "CMU-mocap", "uiprmd": "PDDL-1.0"}
    clips = [
        make_clip(f"{source}-{split}", split, source=source, licence=licence)
        for source, licence in sources.items()
        for split in ("train", "val", "test")
    ]
    save_dataset([*clips, make_clip("dora", "test", source="hdm05", licence="CC-BY-SA-3.0")], folder)
    return folder


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    from trainer import refine
    from trainer.baselines import lessons, networks

    monkeypatch.setattr(lessons, "EXAMINATION", 16)
    monkeypatch.setattr(networks, "WIDTH", 16)
    monkeypatch.setattr(networks, "BATCH", 16)
    monkeypatch.setattr(refine, "EXAMINATION", 2)


def test_a_course_leaves_out_a_source_with_all_its_conversions(world: Path) -> None:
    whole, *others = courses(load_dataset(world), {"cmu_conversions", "uiprmd", "hdm05"})
    assert [each.name for each in others] == ["without cmu_conversions", "without uiprmd"]
    assert len(whole.train) == 3
    for course, rest in zip(others, ({"uiprmd"}, {"cmu_bvh_daz", "cmu_bvh_mb"}), strict=True):
        assert {clip.source for clip in course.train} == {clip.source for clip in course.validation} == rest
        assert {clip.split for clip in course.train} == {"train"}


def test_variants_differ_in_nothing_but_the_augmentation(world: Path) -> None:
    first, second = variants(load_dataset(world), ["default", "without mirror"])
    assert [clip.id for clip in first.train] == [clip.id for clip in second.train]
    assert (first.augmentation.cameras.mirror, second.augmentation.cameras.mirror) == (0.5, 0.0)


def test_one_source_alone_is_refused(make_clip) -> None:
    clips = [make_clip("anna"), make_clip("carl", "val"), make_clip("dora", "test")]
    with pytest.raises(InputError, match="expected two sources"):
        courses(clips, {"studio"})


def test_the_command_compares_with_and_without_and_goes_on_where_it_stopped(
    world: Path, small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["generalise", "--data", str(world), "--out", str(tmp_path), *SHORT]
    assert main([*words, "--methods", "ridge + MLP"]) == 0
    text = (tmp_path / "sources.md").read_text(encoding="utf-8")
    assert "| uiprmd | 0." in text
    assert "| ridge + MLP, without cmu_conversions |" in text
    rows = {(row["method"], row["source"]) for row in json.loads((tmp_path / "sources.json").read_text())["rows"]}
    assert ("ridge + MLP, without uiprmd", "hdm05") in rows
    monkeypatch.delattr(generalise, "BASELINES")  # nothing is fitted again
    assert main([*words, "--methods", "ridge + MLP"]) == 0
    assert (tmp_path / "sources.md").read_text(encoding="utf-8") == text


def test_variants_of_augmentation_get_a_table_of_their_own(world: Path, small: None, tmp_path: Path) -> None:
    words = ["generalise", "--data", str(world), "--out", str(tmp_path), *SHORT, "--augmentation"]
    assert main([*words, "--methods", "window ridge", "--variants", "default", "one speed"]) == 0
    text = (tmp_path / "augmentation.md").read_text(encoding="utf-8")
    assert "| variant | window ridge, mean | window ridge, hdm05 | window ridge, hdm05, offsets removed |" in text
    assert "| one speed | 0." in text


def test_a_shortened_prior_runs_through_the_public_door(
    world: Path, small: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["generalise", "--data", str(world), "--out", str(tmp_path), *SHORT, *PRIOR]
    assert main([*words, "--augmentation", "--variants", "default"]) == 0
    assert "prior, mean" in (tmp_path / "augmentation.md").read_text(encoding="utf-8")
    (folder,) = (tmp_path / "priors").iterdir()
    (cell,) = (tmp_path / "cells").iterdir()
    cell.unlink()
    monkeypatch.delattr(generalise, "train_prior")  # what is trained is opened again
    assert main([*words, "--augmentation", "--variants", "default"]) == 0
    assert folder.is_dir()
    # The bundled follower knows all sources, the left out one too.
    assert not open_prior(folder).weights.follower.says.any()
