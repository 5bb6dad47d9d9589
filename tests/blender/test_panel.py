"""What the panel says, told by a layout that writes down what is drawn on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import pytest

from jumps_blender.blender.records import RESULT, SOURCE, TRACKS, Choices, result_header
from jumps_blender.formats import read
from jumps_blender.ui.jobs import STATE, Job
from jumps_blender.ui.operators.to_source import JUMPS_OT_to_source
from jumps_blender.ui.panels.rig import JUMPS_PT_rig
from jumps_blender.ui.panels.upsample import SAMPLE, JUMPS_PT_upsample
from jumps_blender.ui.registration import CLASSES
from jumps_blender.ui.text import draw_paragraph
from tests.blender.paper import Paper
from tests.blender.people_at_hand import import_tracks, key_location, make_armature, upsample
from tests.blender.results_at_hand import move
from tests.blender.retarget.rigs_at_hand import KINDS, make_rig
from tests.worker.stand_in import FOREVER

StandIn = Callable[[str], Path]


@pytest.fixture(autouse=True)
def nothing_before() -> Iterator[None]:
    STATE.outcome, STATE.failed = "", False
    yield
    STATE.drop()
    STATE.outcome = ""


def panel() -> str:
    paper = Paper()
    drawn: Any = SimpleNamespace(layout=paper)
    JUMPS_PT_upsample.draw(drawn, bpy.context)
    return paper.text


def test_an_empty_scene_says_what_to_do() -> None:
    assert "Select an armature, or import one" in panel()
    assert "jumps.import_tracks" in panel()


def test_whoever_has_no_file_at_hand_imports_the_sample() -> None:
    assert panel().count("jumps.import_tracks") == 2
    assert bpy.ops.jumps.import_tracks("EXEC_DEFAULT", filepath=str(SAMPLE)) == {"FINISHED"}
    assert "rooftop_coco17" in panel()
    assert panel().count("jumps.import_tracks") == 1


def test_an_import_says_what_it_holds(sample: Path) -> None:
    import_tracks(sample)
    frames = len(read(sample).tracks())
    assert f"rooftop_coco17 person 1 17 joints, {frames} frames, 30 fps" in panel()


DAMAGED: tuple[Any, ...] = (
    3, "text", {"mine": 1}, {"version": 2, "header": "no JSON"}, {"version": 2, "header": "[]"},
    {"version": 99, "header": "{}"},
)  # fmt: skip


@pytest.mark.parametrize("record", DAMAGED, ids=str)
@pytest.mark.parametrize("key", [TRACKS, RESULT, SOURCE])
def test_a_record_that_nobody_can_read_takes_no_panel_away(record: Any, key: str, walk_file: Path) -> None:
    tracks = import_tracks(walk_file)
    made = upsample(settings="draft")
    bpy.context.scene.jumps_rig.target = make_rig(KINDS["mixamo"])
    bpy.context.scene.jumps_rig.source = made
    drawn: Any = SimpleNamespace(layout=Paper())
    for ob in (tracks, made):
        bpy.context.view_layer.objects.active = ob
        ob[key] = record
        assert ob.name in panel()
        JUMPS_PT_rig.draw(drawn, bpy.context)
        JUMPS_OT_to_source.poll(bpy.context)


def test_the_panel_asks_for_what_the_quality_has_a_say_in() -> None:
    assert ("smoothness" in panel(), "seed" in panel()) == (True, False)
    bpy.context.scene.jumps.settings = "paper"
    assert ("smoothness" in panel(), "seed" in panel()) == (False, True)


def test_a_result_says_what_it_was_made_with(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    import_tracks(walk_file)
    bpy.context.scene.jumps.smoothness = 0.2
    bpy.context.view_layer.objects.active = upsample(settings="best", smoothness=0.4)
    text = panel()
    assert "Best, smoothness 0.4" in text
    assert "Solved in 1.5 s, stand-in on CPU" in text
    assert f"{datetime.now().astimezone():%Y-%m-%d}" in text
    for setting in ("settings", "frames", "jumps.upsample"):
        assert setting not in text.split()


def test_an_edit_is_counted_and_does_not_hide_how_it_was_solved(sample: Path) -> None:
    bpy.context.scene.render.fps = 30
    import_tracks(sample)
    result = bpy.context.view_layer.objects.active = upsample(settings="draft")
    assert "NumPy on CPU" in panel()
    before = result_header(result)
    move(result, "right_hand", 50, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    after = result_header(result)
    assert before
    assert after
    assert before["solve"] == after["solve"]
    assert ", edited once" in panel()


def test_from_a_result_it_leads_back_to_the_source_with_the_same_settings(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("pass")
    source = import_tracks(walk_file)
    result = upsample(settings="best", smoothness=0.4)
    bpy.context.view_layer.objects.active = result
    bpy.ops.object.mode_set(mode="POSE")
    assert "jumps.to_source" in panel()
    assert bpy.ops.jumps.to_source() == {"FINISHED"}
    assert bpy.context.view_layer.objects.active == source
    assert [ob for ob in bpy.context.view_layer.objects if ob.select_get()] == [source]
    settings = bpy.context.scene.jumps
    assert (settings.settings, round(settings.smoothness, 3)) == ("best", 0.4)
    assert "jumps.upsample" in panel()
    with pytest.raises(RuntimeError, match="must be a result"):
        bpy.ops.jumps.to_source()
    bpy.data.objects.remove(source)
    bpy.context.view_layer.objects.active = result
    with pytest.raises(RuntimeError, match="There is no 'walk' any more"):
        bpy.ops.jumps.to_source()


def test_typed_frames_are_asked_for_where_they_are_wanted(sample: Path) -> None:
    import_tracks(sample)
    assert "frames" in panel().split()
    assert "first_frame" not in panel()
    bpy.context.scene.jumps.frames = "TYPED"
    assert "frames first_frame last_frame jumps.upsample" in panel()


def test_a_hand_keyed_armature_says_how_many_joints_are_known() -> None:
    key_location(make_armature("rig", {"left_hip": (0, 0, 0), "Bone": (0, 0, 0)}), "left_hip", 1, (0, 0, 0))
    assert "rig 1 bones named after joints" in panel()


def test_while_it_runs_there_are_progress_and_cancel_only(walk_file: Path, stand_in: StandIn) -> None:
    stand_in(FOREVER)
    import_tracks(walk_file)
    job = Job.begin(bpy.context, Choices())
    while job.fraction == 0:
        job.advance()
    assert "[0.50] 50%  6 of 12 frames jumps.cancel jumps.keep" in panel()
    assert "jumps.upsample" not in panel()


def test_afterwards_it_says_how_it_ended(walk_file: Path, stand_in: StandIn) -> None:
    stand_in("raise errors.WeightsError('The weights are of version 2.')")
    import_tracks(walk_file)
    with pytest.raises(RuntimeError):
        bpy.ops.jumps.upsample()
    assert "The weights are of version 2." in panel()
    stand_in("pass")
    upsample()
    assert "walk 28 joints: done" in panel()
    assert "version 2" not in panel()


def test_success_is_told_until_the_user_goes_on_and_failure_until_the_next_run(
    walk_file: Path, stand_in: StandIn
) -> None:
    stand_in("pass")
    source = import_tracks(walk_file)
    result = upsample()
    assert "done" in panel()
    bpy.context.view_layer.objects.active = result
    assert "done" not in panel()
    stand_in("raise errors.WeightsError('The weights are of version 2.')")
    bpy.context.view_layer.objects.active = source
    with pytest.raises(RuntimeError):
        bpy.ops.jumps.upsample()
    bpy.context.view_layer.objects.active = result
    assert "version 2" in panel()
    assert bpy.ops.jumps.upsample.poll()


@pytest.mark.parametrize(("width", "scale", "lines"), [(230, 1, 5), (282, 1, 4), (282 * 2, 2, 4), (600, 1, 2)])
def test_a_message_takes_as_many_lines_as_its_region_needs(width: int, scale: float, lines: int) -> None:
    message = "The worker's Python '/usr/bin/python3' cannot be run. Choose another one in the preferences."
    paper: Any = Paper()
    preferences = SimpleNamespace(system=SimpleNamespace(ui_scale=scale))
    place: Any = SimpleNamespace(region=SimpleNamespace(width=width), preferences=preferences)
    draw_paragraph(place, paper, message)
    assert paper.text == message
    assert len(paper.words) == lines


def test_every_property_has_a_tooltip_and_every_operator_a_description() -> None:
    for cls in CLASSES:
        for name, prop in cls.bl_rna.properties.items():
            if name in getattr(cls, "__annotations__", {}) and name != "filter_glob":
                assert prop.description, (cls, name)
        if issubclass(cls, bpy.types.Operator):
            assert cls.bl_description
            assert not cls.bl_description.endswith(".")
