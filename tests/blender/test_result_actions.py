"""A result's Action: what it is called, that it is kept, and as a strip of the NLA; uncertainty as a property."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.results.uncertainty import STD
from jumps_blender.blender.scene.fcurves import fcurves_of
from jumps_blender.core.body.skeleton import INDEX, JOINTS
from jumps_blender.ui.panels.result import JUMPS_PT_result
from tests.blender.paper import Paper
from tests.blender.people_at_hand import heads, import_tracks, upsample
from tests.blender.results_at_hand import move, opened, points, record_of_result, result_of, select
from tests.blender.snapshot import snapshot

HAND = "right_hand"


def test_each_solve_has_an_action_of_its_own_that_outlives_its_armature(walk_file: Path, tmp_path: Path) -> None:
    source = import_tracks(walk_file)
    made = []
    for options in ({}, {"smoothness": 0.8}, {"settings": "draft"}, {}):
        bpy.context.view_layer.objects.active = source
        made.append(upsample(**options))
    names = [ob.animation_data.action.name for ob in made]
    assert names[:3] == [
        "walk 28 joints default 0.6", "walk 28 joints.001 default 0.8", "walk 28 joints.002 draft 0.6",
    ]  # fmt: skip
    assert len(set(names)) == 4
    for ob in made[:3]:
        bpy.data.objects.remove(ob)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "solved.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "solved.blend"))
    assert set(names) <= set(bpy.data.actions.keys())


def test_another_results_action_is_not_taken_for_an_edit(result: Any) -> None:
    animation = result.animation_data
    other = animation.action.copy()
    slot = other.slots[0] if hasattr(other, "slots") else None
    for fcurve in fcurves_of(other, slot):
        for point in fcurve.keyframe_points:
            point.co[1] += 0.1
    animation.action = other
    if slot:
        animation.action_slot = slot
    with pytest.raises(RuntimeError, match="is that of another result"):
        bpy.ops.jumps.resolve()


def test_a_linked_result_is_left_alone(result: Any, tmp_path: Path) -> None:
    name = result.name
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "library.blend"))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(str(tmp_path / "library.blend"), link=True) as (_, wanted):
        wanted.objects = [name]
    (linked,) = bpy.data.objects
    bpy.context.scene.collection.objects.link(linked)
    bpy.context.view_layer.objects.active = linked
    for ask in (bpy.ops.jumps.resolve, bpy.ops.jumps.lock_feet, bpy.ops.jumps.simplify, bpy.ops.jumps.push_down):
        assert not ask.poll()


def push_down(ob: Any) -> Any:
    assert bpy.ops.jumps.push_down() == {"FINISHED"}
    (track,) = ob.animation_data.nla_tracks
    (strip,) = track.strips
    assert ob.animation_data.action is None
    return strip


@pytest.mark.parametrize("fps", [30, 24])
def test_a_strip_of_the_nla_shows_the_same(sample: Path, kept: Path, fps: int) -> None:
    result = result_of(sample, kept, fps=fps)
    before, name = points(result), result.animation_data.action.name
    strip = push_down(result)
    assert strip.name.startswith(name[:40])
    np.testing.assert_allclose(points(result), before, atol=1e-5)
    with pytest.raises(RuntimeError, match="has no Action to push down"):
        bpy.ops.jumps.push_down()


MIXED: dict[str, dict[str, Any]] = {
    "half": {"action_influence": 0.5},
    "added": {"action_blend_type": "ADD", "action_influence": 0.7},
    "subtracted": {"action_blend_type": "SUBTRACT"},
    "within": {"action_extrapolation": "NOTHING"},
    "off": {"use_nla": False},
}
"""Ways of an animator to mix an Action into the NLA."""

SEEN = [-20, 1, 70, 80, 300]
"""Scene frames, some of them beyond the clip's ends."""


@pytest.mark.parametrize("below", ["nothing", "a strip", "a muted strip"])
@pytest.mark.parametrize("mixed", MIXED)
def test_a_strip_shows_what_its_action_did(result: Any, mixed: str, below: str) -> None:
    animation = result.animation_data
    if below != "nothing":
        _lay_below(result).mute = below == "a muted strip"
    for name, value in MIXED[mixed].items():
        setattr(animation, name, value)
    before = heads(result, SEEN)
    if mixed == "off" and below != "nothing":
        with pytest.raises(RuntimeError, match="is off"):
            bpy.ops.jumps.push_down()
    else:
        assert bpy.ops.jumps.push_down() == {"FINISHED"}
        assert animation.action is None
    np.testing.assert_allclose(heads(result, SEEN), before, atol=1e-5)


def _lay_below(ob: Any) -> Any:
    """Another Action in a track; returns that."""
    action = ob.animation_data.action.copy()
    track = ob.animation_data.nla_tracks.new()
    strip = track.strips.new("below", 20, action)
    if hasattr(action, "slots"):
        strip.action_slot = action.slots[0]
    return track


@pytest.mark.parametrize("deed", ["resolve", "simplify", "lock_feet", "key_uncertainty"])
def test_how_an_action_is_mixed_stays(result: Any, deed: str) -> None:
    animation, track = result.animation_data, _lay_below(result)
    track.mute = track.lock = True
    for name, value in (MIXED["half"] | MIXED["within"]).items():
        setattr(animation, name, value)
    keys = [(fcurve.data_path, fcurve.array_index) for fcurve in curves_of(track.strips[0])]
    twin = result.copy()  # which has the Action copied, too
    bpy.context.scene.collection.objects.link(twin)
    if deed == "resolve":
        move(result, HAND, 80, (0.2, 0.1))
    assert getattr(bpy.ops.jumps, deed)() == {"FINISHED"}
    assert animation.action_influence == 0.5
    assert animation.action_extrapolation == "NOTHING"
    assert track.mute
    assert track.lock
    assert [(fcurve.data_path, fcurve.array_index) for fcurve in curves_of(track.strips[0])] == keys


def curves_of(strip: Any) -> list[Any]:
    return list(fcurves_of(strip.action, getattr(strip, "action_slot", None)))


def test_what_lies_in_the_nla_says_how_to_edit_it(result: Any, tmp_path: Path) -> None:
    name = result.name
    push_down(result)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "pushed.blend"))
    again = opened(tmp_path / "pushed.blend", name)
    for ask in (bpy.ops.jumps.resolve, bpy.ops.jumps.simplify, bpy.ops.jumps.lock_feet):
        with pytest.raises(RuntimeError, match="is in the NLA: select its strip"):
            ask()
    move(again, HAND, 80, (0.2, 0.1))  # in an Action of its own
    with pytest.raises(RuntimeError, match="is in the NLA: select its strip"):
        bpy.ops.jumps.resolve()


def test_a_strip_that_is_tweaked_is_solved_again(result: Any) -> None:
    strip = push_down(result)
    animation = result.animation_data
    animation.nla_tracks[0].select = strip.select = True
    animation.nla_tracks.active = animation.nla_tracks[0]
    animation.use_tweak_mode = True
    if animation.action is None:
        pytest.skip("this Blender enters tweak mode from the NLA editor alone")
    there = move(result, HAND, 80, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    animation.use_tweak_mode = False
    at = 80 - int(record_of_result(result).timing.start)
    np.testing.assert_allclose(points(result)[at, INDEX[HAND]], there, atol=1e-4)


def test_in_a_strip_that_was_moved_this_frame_is_the_scenes(result: Any) -> None:
    strip = push_down(result)
    strip.frame_end += 50
    strip.frame_start += 50
    animation = result.animation_data
    animation.nla_tracks[0].select = strip.select = True
    animation.nla_tracks.active = animation.nla_tracks[0]
    animation.use_tweak_mode = True
    if animation.action is None:
        pytest.skip("this Blender enters tweak mode from the NLA editor alone")
    move(result, HAND, 130, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    pins = record_of_result(result).pins
    assert pins is not None
    assert np.flatnonzero(pins.any(1)).tolist() == [80 - int(record_of_result(result).timing.start)]
    bpy.context.scene.frame_set(10)
    assert bpy.ops.jumps.jump_pin() == {"FINISHED"}
    assert bpy.context.scene.frame_current == 130
    select(result, [HAND])
    assert bpy.ops.jumps.unpin() == {"FINISHED"}


def std_shown(ob: Any, frame: int) -> np.ndarray:
    """The property of all joints (28,) at a scene frame."""
    bpy.context.scene.frame_set(frame)
    posed = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([posed.pose.bones[joint][STD] for joint in JOINTS])


def test_uncertainty_is_a_property_that_moves_and_leads_drivers(result: Any) -> None:
    assert bpy.ops.jumps.key_uncertainty() == {"FINISHED"}
    record = record_of_result(result)
    assert record.std is not None
    first = int(record.timing.start)
    np.testing.assert_allclose(std_shown(result, 70), record.std[70 - first], atol=1e-6)
    driven = bpy.data.objects.new("driven", None)
    bpy.context.scene.collection.objects.link(driven)
    driver = driven.driver_add("scale", 0).driver
    variable = driver.variables.new()
    variable.targets[0].id = result
    variable.targets[0].data_path = f'pose.bones["{HAND}"]["{STD}"]'
    driver.expression = f"1 + {variable.name}"
    bpy.context.scene.frame_set(100)
    shown = driven.evaluated_get(bpy.context.evaluated_depsgraph_get()).scale[0]
    np.testing.assert_allclose(shown, 1 + record.std[100 - first, INDEX[HAND]], atol=1e-5)


def test_uncertainty_follows_an_edit_and_can_be_taken_away(result: Any) -> None:
    bpy.ops.jumps.key_uncertainty()
    bpy.ops.jumps.key_uncertainty()
    move(result, HAND, 80, (0.2, 0.1))
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    assert std_shown(result, 80)[INDEX[HAND]] == 0
    before = points(result)
    assert bpy.ops.jumps.key_uncertainty(remove=True) == {"FINISHED"}
    assert all(STD not in bone for bone in result.pose.bones)
    np.testing.assert_array_equal(points(result), before)


def panel() -> str:
    paper = Paper()
    drawn: Any = SimpleNamespace(layout=paper)
    JUMPS_PT_result.draw(drawn, bpy.context)
    return paper.text


def test_the_panel_offers_to_take_back_what_was_done(result: Any) -> None:
    assert JUMPS_PT_result.poll(bpy.context)
    words = panel()
    assert all(name in words for name in ("jumps.resolve", "jumps.lock_feet", "jumps.simplify", "jumps.push_down"))
    back = ("jumps.free_feet", "jumps.restore_keys")
    assert not any(name in words for name in back)
    bpy.ops.jumps.lock_feet()
    bpy.ops.jumps.simplify()
    assert all(name in panel() for name in back)
    bpy.context.view_layer.objects.active = None
    assert not JUMPS_PT_result.poll(bpy.context)
    assert not bpy.ops.jumps.lock_feet.poll()


@pytest.mark.parametrize("deed", ["lock_feet", "simplify", "push_down", "key_uncertainty"])
def test_undo_takes_back_all_of_it(result: Any, deed: str) -> None:
    bpy.ops.ed.undo_push(message="before")
    name, before = result.name, snapshot()
    assert getattr(bpy.ops.jumps, deed)() == {"FINISHED"}
    bpy.ops.ed.undo_push(message="after")
    assert snapshot() != before
    bpy.ops.ed.undo()
    assert snapshot() == before
    assert not bpy.data.objects[name].animation_data.nla_tracks


def test_a_draft_says_that_it_does_not_know(walk_file: Path) -> None:
    import_tracks(walk_file)
    bpy.context.view_layer.objects.active = upsample(settings="draft")
    with pytest.raises(RuntimeError, match="upsample with Balanced or Best"):
        bpy.ops.jumps.key_uncertainty()
