"""The shipped sample on rigs, from import to bake: where bones point, and what edits of the performance do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.retarget.foreshortened import DOUBTFUL, FULL, SHORTEST, swings
from jumps_blender.blender.retarget.guide import guide_of
from jumps_blender.blender.retarget.parts import segments
from jumps_blender.blender.retarget.source import read_performance
from jumps_blender.blender.scene.actions import key_frames
from jumps_blender.core.body.skeleton import INDEX
from jumps_blender.ui.operators.bake_rig import JUMPS_OT_bake_rig
from jumps_blender.ui.panels.rig import JUMPS_PT_rig
from jumps_blender.ui.rig_properties import rig_map
from jumps_blender.ui.work import WORKING
from tests.blender.by_hand import ESC, TIMER
from tests.blender.people_at_hand import import_tracks, upsample
from tests.blender.retarget.rigs_at_hand import KINDS, bone_directions, degrees_apart, make_cutout, make_rig
from tests.blender.retarget.test_rig_panel import drawn
from tests.blender.slices.by_hand import event, start
from tests.blender.snapshot import snapshot

FOREARM = {"LeftForeArm": "LeftHand"}


@pytest.fixture
def result(sample: Path) -> Any:
    """The sample's first person, 28 joints; the scene runs at the clip's rate."""
    bpy.context.scene.render.fps = 30
    import_tracks(sample)
    return upsample()


def lead(result: Any, rig: Any, **options: Any) -> None:
    for name, value in options.items():
        setattr(bpy.context.scene.jumps_rig, name, value)
    assert bpy.ops.jumps.lead_rig(source=result.name, target=rig.name) == {"FINISHED"}


def degrees_off(result: Any, rig: Any, flat: bool = False) -> dict[str, np.ndarray]:
    """By joint, the angle (frames,) from the result's limb to the rig's bone, NaN where the limb is seen too short."""
    performance = read_performance(bpy.context, result)
    mapped = rig_map(bpy.context.scene.jumps_rig).bones
    parts = [part for part in segments(mapped) if part.next]
    shown = bone_directions(rig, {mapped[part.joint]: mapped[part.next] for part in parts}, performance.frames)
    found = {}
    for part in parts:
        wanted = performance.points[:, INDEX[part.end]] - performance.points[:, INDEX[part.joint]]
        wanted = wanted * (1, 0, 1) if flat else wanted
        length = np.linalg.norm(wanted, axis=-1)
        off = degrees_apart(shown[mapped[part.joint]], wanted)
        least = SHORTEST if swings(part.joint) and not flat else DOUBTFUL
        found[part.joint] = np.where(length > least * np.percentile(length, FULL), off, np.nan)
    return found


@pytest.mark.parametrize("kind", ["mixamo", "ue5", "cut-out"])
def test_every_bone_points_as_its_limb_in_every_frame(kind: str, result: Any) -> None:
    flat = kind == "cut-out"
    rig = make_cutout() if flat else make_rig(KINDS[kind], "A")
    lead(result, rig, layers=flat)
    for state in ("led", "baked"):
        off = degrees_off(result, rig, flat)
        print(f"{kind}, {state}, degrees between bones and limbs, over frames (mean, worst):")
        for joint, degrees in off.items():
            print(f"  {joint:16} {np.nanmean(degrees):7.4f} {np.nanmax(degrees):7.4f}")
            assert np.nanmax(degrees) < 0.1, joint
            assert np.isnan(degrees).mean() < 0.6, "he is seen from his side for half of the clip"
        if state == "led":
            assert bpy.ops.jumps.bake_rig() == {"FINISHED"}


def test_no_bone_turns_round_in_a_frame(result: Any) -> None:
    """At frame 174 he turns over in the air, and the estimate lets a forearm shrink to 2 cm and come out again."""
    rig = make_rig(KINDS["mixamo"])
    lead(result, rig)
    mapped = rig_map(bpy.context.scene.jumps_rig).bones
    ends = {mapped[part.joint]: mapped[part.next] for part in segments(mapped) if part.next}
    for bone, shown in bone_directions(rig, ends, range(1, 227)).items():
        assert degrees_apart(shown[1:], shown[:-1]).max() < 90, bone


def edit(result: Any) -> None:
    """Lift a hand at frame 101, and key it."""
    bpy.context.view_layer.objects.active = result
    bpy.context.scene.frame_set(101)
    hand = result.pose.bones["left_wrist"]
    hand.location = (hand.location[0] + 0.2, 0, hand.location[2] + 0.3)
    assert hand.keyframe_insert("location", frame=101)
    bpy.context.view_layer.update()


def test_a_led_rig_follows_an_edit_that_is_solved_again(result: Any) -> None:
    rig = make_rig(KINDS["mixamo"])
    lead(result, rig)
    before = bone_directions(rig, FOREARM, [101])["LeftForeArm"]
    constraint = rig.pose.bones["LeftForeArm"].constraints[0]
    constraint.influence = 0.999
    guide, actions = guide_of(rig), set(bpy.data.actions.keys())
    edit(result)
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    assert degrees_apart(bone_directions(rig, FOREARM, [101])["LeftForeArm"], before).min() > 20
    assert max(np.nanmax(degrees) for degrees in degrees_off(result, rig).values()) < 0.5
    assert guide_of(rig) == guide
    assert rig.pose.bones["LeftForeArm"].constraints[0].influence == pytest.approx(0.999)
    assert set(bpy.data.actions.keys()) == actions
    assert "was changed" not in drawn(JUMPS_PT_rig)


def test_two_rigs_follow_and_one_that_is_gone_is_in_nobodys_way(result: Any, capfd: pytest.CaptureFixture[str]) -> None:
    rigs = [make_rig(KINDS[kind]) for kind in ("ue5", "mixamo", "mixamo")]
    for rig in rigs:
        lead(result, rig)
    bpy.data.objects.remove(rigs.pop())
    edit(result)
    assert bpy.ops.jumps.resolve() == {"FINISHED"}
    assert "Warning" not in capfd.readouterr().out.partition("leads")[2]
    assert max(np.nanmax(degrees) for degrees in degrees_off(result, rigs[1]).values()) < 0.1
    bpy.context.scene.jumps_rig.target = rigs[0]
    assert max(np.nanmax(degrees) for degrees in degrees_off(result, rigs[0]).values()) < 0.1


def test_in_a_scene_of_another_rate_keys_lie_on_its_frames(sample: Path) -> None:
    bpy.context.scene.render.fps = 24
    import_tracks(sample)
    result, rig = upsample(), make_rig(KINDS["mixamo"])
    lead(result, rig)
    assert bpy.ops.jumps.bake_rig() == {"FINISHED"}
    assert list(key_frames(rig)["LeftForeArm"]) == list(range(1, 182))
    performance = read_performance(bpy.context, result)
    hip, knee = (performance.points[:, INDEX[f"left_{joint}"]] for joint in ("hip", "knee"))
    same = np.flatnonzero(performance.frames % 1 == 0)[:30]
    assert len(same) == 30
    shown = bone_directions(rig, {"LeftUpLeg": "LeftLeg"}, performance.frames[same])["LeftUpLeg"]
    assert degrees_apart(shown, (knee - hip)[same]).max() < 0.1


def test_an_edit_is_one_undo_step_with_the_rig(result: Any) -> None:
    result, rig = result.name, make_rig(KINDS["mixamo"]).name
    lead(bpy.data.objects[result], bpy.data.objects[rig])
    edit(bpy.data.objects[result])
    bpy.ops.ed.undo_push(message="moved")
    before = snapshot()
    bpy.ops.jumps.resolve()
    bpy.ops.ed.undo_push(message="solved again")
    assert snapshot() != before
    bpy.ops.ed.undo()
    assert snapshot() == before


def test_the_panel_says_when_the_performance_was_changed_or_is_gone(result: Any) -> None:
    rig = make_rig(KINDS["mixamo"])
    lead(result, rig)
    assert "was changed" not in drawn(JUMPS_PT_rig)
    edit(result)
    assert "was changed" in drawn(JUMPS_PT_rig)
    lead(result, rig)
    assert "was changed" not in drawn(JUMPS_PT_rig)
    result.name = "another name"
    edit(result)
    assert "is gone" in drawn(JUMPS_PT_rig)


@pytest.mark.parametrize("stopped", [False, True])
def test_in_a_window_it_bakes_in_slices_and_esc_leaves_all_as_it_was(
    stopped: bool, result: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = make_rig(KINDS["mixamo"])
    lead(result, rig)
    bpy.context.scene.frame_set(1)
    before = snapshot()
    operator = start(monkeypatch, JUMPS_OT_bake_rig)
    assert operator.tick(event("Z")) == {"RUNNING_MODAL"}, "an undo would take the rig away"
    assert operator.tick(event("WHEELUPMOUSE")) == {"PASS_THROUGH"}
    ticks = 1
    while operator.tick(ESC if stopped and ticks == 9 else TIMER) == {"PASS_THROUGH"}:
        ticks += 1
        assert WORKING.now
        assert WORKING.now.fraction == pytest.approx(min(ticks / 226, 1))
        assert "Baking" in WORKING.now.text
        assert not bpy.ops.jumps.bake_rig.poll()
    assert not operator.window.window_manager.timers
    assert WORKING.now is None
    assert (snapshot() == before) == stopped
    assert (guide_of(rig) is None) != stopped
    if stopped:
        assert operator.said == [("WARNING", "Stopped: nothing was changed")]
    else:
        assert max(np.nanmax(degrees) for degrees in degrees_off(result, rig).values()) < 0.1
