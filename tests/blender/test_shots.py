"""What a batch does to each .blend after it has solved: the steps of the panel, and a template's rig."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from demo.figures import MIXAMO, make_figure
from jumps_blender.blender.footage import footage_of
from jumps_blender.blender.records import stored_result
from jumps_blender.blender.results.joint_keys import tolerance_of
from jumps_blender.blender.results.locks import LOCKS
from jumps_blender.blender.results.uncertainty import has_uncertainty
from jumps_blender.blender.retarget.guide import guide_of
from jumps_blender.blender.retarget.presets import FOLDER
from jumps_blender.blender.scene.preset_files import PresetFiles
from jumps_blender.blender.shot_file import save_performers
from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.errors import OutputError
from jumps_blender.ui.addon import preset_folder
from jumps_blender.ui.command_line import execute
from tests.batch.shots_at_hand import SAMPLE, write_walk
from tests.blender.films import write_movie
from tests.blender.footage_at_hand import image_of, write_images
from tests.blender.people_at_hand import heads

PRESET = Path(__file__).parents[1] / "data" / "kept" / "0.1.0" / "rig.json"


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Two people of a real clip."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "rooftop.json").write_bytes(SAMPLE.read_bytes())
    return folder


@pytest.fixture
def run(shots: Path, tmp_path: Path) -> Callable[..., int]:
    """The command `batch`, by `draft` unless its words say otherwise; its exit status."""
    words = ["batch", str(shots), "-o", str(tmp_path / "out"), "--settings", "draft", "--blend"]
    return lambda *more: execute([*words, *more])


@pytest.fixture
def opened(tmp_path: Path) -> Callable[[], Any]:
    """Open a shot's .blend; the scene."""

    def open_shot(name: str = "rooftop") -> Any:
        bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "out" / "shots" / name / "shot.blend"))
        return bpy.context.scene

    return open_shot


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A scene at 24 fps with two figures, of which the panel names the hero, who is to stay in place."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    bpy.context.scene.render.fps = 24
    for name in ("hero", "sidekick"):
        make_figure(name, MIXAMO)
    settings = bpy.context.scene.jumps_rig
    settings.target, settings.travel = bpy.data.objects["hero"], "stay"
    path = tmp_path / "project" / "stage.blend"
    path.parent.mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    return path


def last_made(capsys: pytest.CaptureFixture[str]) -> str:
    """What was said of the shot."""
    said = capsys.readouterr()
    return next(line for line in (said.out + said.err).splitlines() if line.startswith("[1/1]"))


def test_the_steps_of_the_panel_are_done(run, opened, tmp_path) -> None:
    words = ("--lock-feet", "--simplify", "1.5", "--key-uncertainty", "--push-down", "--start-frame", "101")
    assert run("--settings", "default", *words) == 0
    scene = opened()
    assert scene.frame_start == 101
    for person in (1, 2):
        result: Any = bpy.data.objects[f"rooftop person {person} 28 joints"]
        assert result.get(LOCKS)
        assert tolerance_of(result) == 1.5
        assert has_uncertainty(result)
        assert result.animation_data.action is None
        (strip,) = result.animation_data.nla_tracks[0].strips
        assert strip.action.name.startswith(result.name)
    written = json.loads((tmp_path / "out" / "report.json").read_text())["shots"][0]
    assert written["warnings"] == []
    assert written["key"]["scene"]["simplify"] == 1.5


def test_a_preset_of_the_panel_says_how_it_is_solved(run, tmp_path, capsys) -> None:
    settings = bpy.context.scene.jumps
    settings.settings, settings.smoothness, settings.seed = "best", 0.25, 4
    assert bpy.ops.jumps.save_settings(preset="Fine") == {"FINISHED"}
    assert run("--preset", "Fine", "--seed", "5", "--frames", "90-100") == 0
    solving = json.loads((tmp_path / "out" / "report.json").read_text())["shots"][0]["key"]["solving"]
    assert (solving["settings"], solving["smoothness"], solving["seed"]) == ("best", 0.25, 5)
    assert run("--preset", "Finer") == 2
    assert "There is no preset 'Finer' (saved: Fine" in capsys.readouterr().err


def test_some_frames_of_one_person_come_out_as_in_the_whole(run, opened, tmp_path) -> None:
    assert run("--settings", "default") == 0
    folder = tmp_path / "out" / "shots" / "rooftop"
    whole = json.loads((folder / "person-2.json").read_text())
    assert run("--settings", "default", "--people", "2", "--frames", "90-140") == 0
    assert sorted(path.name for path in folder.iterdir()) == ["person-2.json", "shot.blend", "shot.json"]
    part = json.loads((folder / "person-2.json").read_text())
    assert part["first_frame"] == 90
    begin = 90 - whole["first_frame"]
    assert part["positions"] == whole["positions"][begin : begin + 51]
    opened()
    result = bpy.data.objects["rooftop 28 joints 91-141"]
    record = stored_result(result)
    assert record
    assert (record.first, len(record.observed)) == (begin, 51)
    before = heads(result, [120, 121])[:, INDEX["left_wrist"]]
    bpy.context.view_layer.objects.active = result
    bpy.context.scene.frame_set(121)
    result.pose.bones["left_wrist"].location[0] += 0.3
    assert result.pose.bones["left_wrist"].keyframe_insert("location", frame=121)
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    after = heads(result, [120, 121])[:, INDEX["left_wrist"]]
    np.testing.assert_allclose(after[1] - before[1], [0.3, 0, 0], atol=1e-3)
    assert 0.03 < (after - before)[0, 0] < 0.3, "the frame before follows"


def test_a_frame_alone_is_called_by_its_number(run, opened) -> None:
    assert run("--settings", "draft", "--people", "2", "--frames", "139-139") == 0
    opened()
    assert "rooftop 28 joints 140" in bpy.data.objects


def test_a_person_who_never_stands_still_is_told_of(run, shots, opened, tmp_path) -> None:
    path = write_walk(shots / "rooftop.json")
    content = json.loads(path.read_text())
    for i, frame in enumerate(content["people"][0]["positions"]):
        frame[:] = [[x + 40 * i, y] for x, y in frame]  # carried along
    path.write_text(json.dumps(content))
    assert run("--lock-feet") == 0
    (warning,) = json.loads((tmp_path / "out" / "report.json").read_text())["shots"][0]["warnings"]
    assert "No foot of 'rooftop 28 joints' was found to stand" in warning
    opened()
    assert not bpy.data.objects["rooftop 28 joints"].get(LOCKS)


def test_the_video_of_a_shot_is_shown(run, opened, tmp_path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    write_movie(films / "Rooftop.mov", (64, 36), frames=30, fps=30)
    assert run("--footage", str(films), "--footage-as", "camera", "--people", "2", "--frames", "90-99") == 0
    scene = opened()
    shown = footage_of(bpy.data.objects["rooftop 28 joints 91-100"])
    assert shown == scene.camera
    assert Path(bpy.path.abspath(image_of(shown).filepath)).resolve() == films / "Rooftop.mov"
    (films / "Rooftop.mov").rename(films / "street.mov")
    assert run("--footage", str(films), "--frames", "90-99") == 0
    warnings = json.loads((tmp_path / "out" / "report.json").read_text())["shots"][0]["warnings"]
    assert "No footage for rooftop.json lies in" in warnings[0]


def test_the_rig_of_a_template_is_led_as_its_panel_says(run, template, opened) -> None:
    assert run("--template", str(template)) == 0
    scene = opened()
    assert (scene.render.fps, scene.jumps_rig.travel) == (24, "stay"), "what the animator saved stays"
    assert guide_of(bpy.data.objects["hero"])
    assert scene.jumps_rig.source == bpy.data.objects["rooftop person 1 28 joints"]
    assert guide_of(bpy.data.objects["sidekick"]) is None
    assert scene.frame_end == int(np.ceil(1 + 225 * 24 / 30))


def test_each_person_leads_a_rig_and_it_is_baked(run, template, opened, tmp_path) -> None:
    preset = shutil.copyfile(PRESET, tmp_path / "bones.json")
    words = (
        "--rig",
        "hero",
        "--rig",
        "sidekick",
        "--rig-preset",
        str(preset),
        "--rig-option",
        "travel=travel",
        "--bake",
    )
    assert run("--template", str(template), *words) == 0
    opened()
    for name, person in (("hero", 1), ("sidekick", 2)):
        rig, result = bpy.data.objects[name], bpy.data.objects[f"rooftop person {person} 28 joints"]
        assert rig.animation_data.action.name == f"{name} {result.name}"
        assert guide_of(rig) is None
        assert not any(bone.constraints for bone in rig.pose.bones)
        record = stored_result(result)
        assert record
        hands = heads(rig, [100, 150])[:, rig.pose.bones.find("mixamorig:LeftHand")]
        assert np.linalg.norm(hands[1] - hands[0]) > 0.05


def test_a_template_finds_its_libraries_from_where_the_shot_lies(run, template, opened) -> None:
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(template), link=True) as (_, wanted):
        wanted.objects = ["hero"]
    bpy.context.scene.collection.objects.link(bpy.data.objects["hero"])
    bpy.data.objects["hero"].override_create(remap_local_usages=True)
    stage = template.parent / "scenes" / "linked.blend"
    stage.parent.mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(stage))
    bpy.ops.file.make_paths_relative()
    assert bpy.data.libraries[0].filepath == "//../stage.blend"
    bpy.ops.wm.save_mainfile()
    assert run("--template", str(stage), "--rig", "hero", "--bake") == 0
    opened()
    (library,) = bpy.data.libraries
    assert library.filepath.startswith("//")
    assert Path(bpy.path.abspath(library.filepath)).resolve() == template
    assert not library.is_missing
    assert bpy.data.objects["hero"].animation_data.action


def test_what_changes_in_the_scene_is_made_again_and_no_more(run, template, capsys) -> None:
    words = ("--template", str(template), "--rig", "hero")
    assert run(*words) == 0
    assert "done before" not in last_made(capsys)
    assert run(*words) == 0
    assert "done before" in last_made(capsys)
    assert run() == 0, "the usual scene"
    assert "done before" not in last_made(capsys)
    assert run(*words) == 0
    last_made(capsys)
    assert run("--no-blend") == 0, "JSON alone is there"
    assert "done before" in last_made(capsys)
    bpy.ops.wm.open_mainfile(filepath=str(template))
    bpy.context.scene.render.fps = 60
    bpy.ops.wm.save_mainfile()
    assert run(*words) == 0
    assert "done before" not in last_made(capsys)


def test_a_saved_list_of_bones_that_was_saved_anew_counts(run, template, capsys) -> None:
    presets, bones = PresetFiles(preset_folder(FOLDER, create=True)), json.loads(PRESET.read_text())
    words = ("--template", str(template), "--rig-preset", presets.save("crew", bones))
    try:
        assert run(*words) == 0
        last_made(capsys)
        assert run(*words) == 0
        assert "done before" in last_made(capsys)
        del bones["bones"]["left_wrist"]
        presets.save("crew", bones)
        assert run(*words) == 0
        assert "done before" not in last_made(capsys)
    finally:
        presets.remove("crew")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--no-blend", "--lock-feet"), "--lock-feet is for .blend files: add --blend"),
        (("--bake",), "--bake needs a .blend that holds the rig: name it as --template"),
        (("--template", "nowhere.blend"), "There is no file nowhere.blend"),
        (("--template", str(SAMPLE)), "cannot be read"),
        (("--template", "{}", "--rig", "nobody"), "has no object 'nobody'"),
        (("--template", "{}", "--rig-option", "limbs=x"), "limbs cannot be 'x'; known: fk, ik, legs"),
        (("--template", "{}", "--rig-option", "mirror=perhaps"), "mirror cannot be 'perhaps'; known: yes, no"),
        (("--template", "{}", "--rig-option", "height=3"), "There is no setting 'height' of a rig; known: depth"),
        (("--template", "{}", "--rig-preset", "unheard of"), "There is no preset 'unheard of'"),
        (("--simplify", "-1"), "-1 is no number from 0"),
        (("--height", "0"), "0 is not above 0"),
        (("--start-frame", "99999999999"), "99999999999 is no frame: Blender counts to 1000000"),
        (("--template", "{}", "--rig-option", "ground_level=nan"), "ground_level cannot be 'nan'; known: a number"),
        (("--template", "{}", "--rig-option", "scale=1e300"), "scale cannot be '1e300'; known: a number"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_before_anything_is(words, message, run, template, tmp_path, capsys) -> None:
    assert run(*(word.format(template) for word in words)) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_rig_that_cannot_be_led_fails_its_shot(run, template, tmp_path) -> None:
    bpy.ops.wm.open_mainfile(filepath=str(template))
    bpy.data.objects.new("stone", None)
    bpy.context.scene.collection.objects.link(bpy.data.objects["stone"])
    bpy.ops.wm.save_mainfile()
    assert run("--template", str(template), "--rig", "stone") == 1
    (shot,) = json.loads((tmp_path / "out" / "report.json").read_text())["shots"]
    assert "'stone' cannot be led" in shot["error"]["message"]
    assert not list((tmp_path / "out").rglob("*.blend"))


def test_what_lies_beside_the_footage_is_passed_over(run, opened, tmp_path) -> None:
    films = tmp_path / "films"
    (films / "rooftop").mkdir(parents=True)
    for stray in (films / "rooftop.aac", films / "rooftop" / ".DS_Store", films / "rooftop" / "Thumbs.db"):
        stray.write_bytes(b"no picture")
    first = write_images(films / "rooftop", range(1, 3))
    assert run("--footage", str(films), "--people", "2", "--frames", "90-99") == 0
    opened()
    shown = footage_of(bpy.data.objects["rooftop 28 joints 91-100"])
    assert Path(bpy.path.abspath(image_of(shown).filepath)).resolve() == first.resolve()


def test_a_bug_while_a_scene_is_made_fails_its_shot_alone(run, shots, tmp_path, monkeypatch) -> None:
    write_walk(shots / "street.json")
    made = _scenes_that_fail(monkeypatch, lambda name: KeyError(name) if "rooftop" in name else None)
    assert run() == 1
    assert len(made) == 2
    first, second = json.loads((tmp_path / "out" / "report.json").read_text())["shots"]
    assert "please report this as a bug" in first["error"]["message"]
    assert second["status"] == "done"


def test_no_room_for_a_scene_is_the_machines_fault(run, shots, tmp_path, monkeypatch, capsys) -> None:
    write_walk(shots / "street.json")
    made = _scenes_that_fail(monkeypatch, lambda _name: OutputError("No space left"))
    assert run("--exit-zero") == 3
    assert len(made) == 1
    assert "No space left" in capsys.readouterr().err
    assert not list((tmp_path / "out").rglob("*.json"))


def _scenes_that_fail(monkeypatch: pytest.MonkeyPatch, why: Callable[[str], Exception | None]) -> list[str]:
    """Let writing a scene fail where there is a reason for these people; the names of those who were to be written."""
    asked: list[str] = []

    def save(performers: Any, *rest: Any) -> Any:
        asked.append(performers[0].name)
        if error := why(performers[0].name):
            raise error
        return save_performers(performers, *rest)

    monkeypatch.setattr("jumps_blender.ui.shots.save_performers", save)
    return asked
