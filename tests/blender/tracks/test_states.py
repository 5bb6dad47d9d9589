"""How each point of imported tracks stands, as marks, colours and a list of problems show it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
import numpy as np
import pytest

from jumps_blender.blender.records import stored_result
from jumps_blender.blender.results.problems import problems_of
from jumps_blender.blender.scene.present import select_bones, selected_bones
from jumps_blender.blender.tracks.findings import FINDINGS, Findings, store_findings
from jumps_blender.blender.tracks.marks import MARKS, SWAPPED, marks
from jumps_blender.blender.tracks.mends import MENDS
from jumps_blender.blender.tracks.states import State, States, states_of
from jumps_blender.core.body.skeleton import LIMB_JOINTS
from jumps_blender.ui.overlay import lines_of
from jumps_blender.ui.panels.mend import JUMPS_PT_mend, JUMPS_PT_problems
from tests.blender.conftest import write_tracks
from tests.blender.people_at_hand import import_tracks, key_location, record_of, upsample
from tests.blender.snapshot import snapshot

WRIST, ELBOW, R_KNEE = (LIMB_JOINTS.index(joint) for joint in ("left_wrist", "left_elbow", "right_knee"))
StandIn = Callable[[str], Path]


@pytest.fixture
def ob(walk_file: Path) -> Any:
    return import_tracks(walk_file)


def states(ob: Any) -> States:
    """As the next redraw will know them."""
    bpy.context.view_layer.update()
    found = states_of(ob)
    assert found
    return found


def find(ob: Any, joint: int, samples: slice, swapped: slice = slice(0, 0)) -> None:
    """Let the screen have found points that cannot be right, and arms swapped."""
    record = record_of(ob)
    rejected, halves = np.zeros((12, 12), bool), np.zeros((12, 2), bool)
    rejected[samples, joint], halves[swapped, 0] = True, True
    store_findings(ob, Findings.of(record, rejected, halves))


def test_tracks_that_differ_in_confidence_alone_are_told_apart(tmp_path: Path, walk: np.ndarray) -> None:
    path = write_tracks(tmp_path / "walk.json", walk)
    first = import_tracks(path)
    assert (states(first).codes == State.SURE).all()
    bpy.data.actions.remove(first.animation_data.action)
    bpy.data.objects.remove(first)
    path.write_text(path.read_text().replace("0.9", "0.4"))
    assert (states(import_tracks(path)).codes == State.WEAK).all()


def test_each_point_has_its_state(tmp_path: Path, walk: np.ndarray) -> None:
    walk[4:7, WRIST] = np.nan
    path = write_tracks(tmp_path / "walk.json", walk)
    path.write_text(path.read_text().replace("0.9", "0.4", 1))
    ob = import_tracks(path)
    codes = states(ob).codes
    assert (codes[4:7, WRIST] == State.UNSEEN).all()
    assert codes[0, 0] == State.WEAK
    assert (codes == State.SURE).sum() == 12 * 12 - 4
    key_location(ob, "left_wrist", 6, (0.5, 0, 0.9))
    find(ob, ELBOW, slice(2, 4))
    codes = states(ob).codes
    assert codes[5, WRIST] == State.BY_HAND
    assert (codes[2:4, ELBOW] == State.REJECTED).all()
    select_bones(ob, ("left_elbow",))
    bpy.ops.jumps.ignore_joints(frames="ALL")
    assert (states(ob).codes[:, ELBOW] == State.IGNORED).all()


def test_a_rejected_point_that_is_moved_by_hand_is_no_longer_called_wrong(ob: Any) -> None:
    find(ob, ELBOW, slice(2, 4))
    key_location(ob, "left_elbow", 3, (0.5, 0, 0.9))
    assert states(ob).codes[2:4, ELBOW].tolist() == [State.BY_HAND, State.REJECTED]


def test_findings_go_with_swapped_sides_and_swapped_arms_are_then_right(ob: Any) -> None:
    find(ob, ELBOW, slice(2, 4), swapped=slice(1, 8))
    bpy.context.scene.frame_set(3)
    assert bpy.ops.jumps.swap_sides(joints="ARMS") == {"FINISHED"}
    after = states(ob)
    assert after.codes[2, [ELBOW, ELBOW + 1]].tolist() == [State.SURE, State.REJECTED]
    assert after.halves[:, 0].tolist() == [False, True, False] + [True] * 5 + [False] * 4


def test_marks_are_drawn_around_the_points_they_speak_of(ob: Any) -> None:
    find(ob, ELBOW, slice(2, 4), swapped=slice(2, 4))
    bpy.context.scene.frame_set(3)
    evaluated = ob.evaluated_get(bpy.context.evaluated_depsgraph_get())
    ends, paint = marks(evaluated, states(ob), 3)
    red = ends[(paint == MARKS[State.REJECTED].colour).all(1)]
    np.testing.assert_allclose(red.mean(0), evaluated.pose.bones["left_elbow"].head, atol=1e-5)
    assert (paint == SWAPPED.colour).all(1).sum() == 6 * len(SWAPPED.outline)
    assert lines_of(ob, evaluated, bpy.context.scene)
    bpy.context.scene.jumps.show_marks = False
    assert lines_of(ob, evaluated, bpy.context.scene) is None


def test_the_colour_of_bones_sums_the_clip_up_and_goes_again(ob: Any) -> None:
    find(ob, ELBOW, slice(0, 12))
    before = [bone.color.palette for bone in ob.pose.bones]
    assert bpy.ops.jumps.colour_bones(by="TROUBLE") == {"FINISHED"}
    bad, good = (ob.pose.bones[name].color.custom.normal for name in ("left_elbow", "right_knee"))
    assert bad[0] > bad[1]
    assert good[1] > good[0]
    bpy.ops.jumps.colour_bones(by="SIDE")
    assert [bone.color.palette for bone in ob.pose.bones] == before


def test_an_import_leaves_nothing_to_work_out_to_the_redraw_and_a_key_does(
    sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ob = import_tracks(sample)
    with monkeypatch.context() as reading:
        reading.setattr("jumps_blender.blender.tracks.states.standing_import", None)
        states(ob)  # Blender has told of the new Action by then
    key_location(ob, "left_wrist", 3, (0.3, 0, 0.3))
    found = states(ob)
    assert found.codes[found.at(3), found.joints.index("left_wrist")] == State.BY_HAND


def test_a_check_finds_what_a_solve_would_and_changes_no_key(sample: Path) -> None:
    bpy.context.scene.render.fps = 24
    ob = import_tracks(sample)
    assert problems_of(ob) is None
    before = snapshot()
    assert bpy.ops.jumps.check_tracks() == {"FINISHED"}
    after = snapshot()
    del after["objects"][ob.name]["properties"][FINDINGS]
    assert after == before
    checked, codes = problems_of(ob), states(ob).codes
    result = stored_result(upsample())
    assert result
    np.testing.assert_array_equal(codes == State.REJECTED, result.rejected)
    del ob[FINDINGS]
    bpy.context.view_layer.objects.active = ob
    upsample(settings="draft")
    assert problems_of(ob) == checked


def test_the_playhead_goes_from_problem_to_problem(ob: Any) -> None:
    find(ob, ELBOW, slice(1, 2), swapped=slice(9, 11))
    scene = bpy.context.scene
    scene.frame_set(1)
    bpy.ops.object.mode_set(mode="POSE")
    select_bones(ob, ())
    assert [(round(each.first), round(each.last), each.words) for each in problems_of(ob) or ()] == [
        (2, 2, "rejected: left elbow"),
        (10, 11, "arms swapped"),
    ]
    assert bpy.ops.jumps.jump_problem() == {"FINISHED"}
    assert (scene.frame_current, selected_bones(ob)) == (2, ("left_elbow",))
    assert bpy.ops.jumps.jump_problem() == {"FINISHED"}
    assert scene.frame_current == 10
    assert set(selected_bones(ob)) == {joint for joint in LIMB_JOINTS if joint.partition("_")[2] in ARMS}
    assert bpy.ops.jumps.jump_problem() == {"CANCELLED"}
    assert bpy.ops.jumps.jump_problem(direction="PREVIOUS") == {"FINISHED"}
    assert scene.frame_current == 2


ARMS = ("shoulder", "elbow", "wrist")


def test_where_nothing_is_seen_for_long_is_a_problem(tmp_path: Path, walk: np.ndarray) -> None:
    long = np.concatenate([walk, np.full((15, 12, 2), np.nan), walk])
    ob = import_tracks(write_tracks(tmp_path / "gap.json", long))
    bpy.ops.jumps.check_tracks()
    assert [(round(each.first), each.gap) for each in problems_of(ob) or ()] == [(13, True)]


def test_the_playhead_goes_from_pin_to_pin(sample: Path) -> None:
    bpy.context.scene.render.fps = 30
    import_tracks(sample)
    bpy.context.view_layer.objects.active = result = upsample()
    assert not bpy.ops.jumps.jump_pin.poll()
    scene = bpy.context.scene
    for frame, bone in ((40, "left_hand"), (90, "head_top")):
        scene.frame_set(frame)
        result.pose.bones[bone].location[0] += 0.1
        result.pose.bones[bone].keyframe_insert("location")
    bpy.ops.jumps.resolve()
    scene.frame_set(1)
    assert "0 pinned here, 2 in all" in panel(JUMPS_PT_problems)
    for frame in (40, 90):
        assert bpy.ops.jumps.jump_pin() == {"FINISHED"}
        assert scene.frame_current == frame
    assert bpy.ops.jumps.jump_pin() == {"CANCELLED"}
    bpy.ops.object.mode_set(mode="POSE")
    select_bones(result, ("left_hand",))
    assert bpy.ops.jumps.jump_pin(direction="PREVIOUS") == {"FINISHED"}
    assert scene.frame_current == 40
    assert "1 pinned here, 2 in all" in panel(JUMPS_PT_problems)
    assert not JUMPS_PT_mend.poll(bpy.context)


def test_what_somebody_wrote_over_draws_nothing(ob: Any) -> None:
    ob[MENDS] = "somebody's own"
    assert "cannot be shown" in panel()
    assert states_of(ob) is None
    assert problems_of(ob) is None


class Paper:
    """A layout that writes down what is drawn on it."""

    def __init__(self, words: list[str] | None = None) -> None:
        self.words: list[str] = [] if words is None else words

    def _part(self, **_options: Any) -> Paper:
        return Paper(self.words)

    box = column = row = grid_flow = _part

    def label(self, text: str, **_options: Any) -> None:
        self.words.append(text)

    def prop(self, _owner: Any, name: str, **_options: Any) -> None:
        self.words.append(name)

    def operator(self, idname: str, **_options: Any) -> Any:
        self.words.append(idname)
        return SimpleNamespace()


def panel(kind: Any = JUMPS_PT_mend) -> str:
    assert kind.poll(bpy.context)
    paper = Paper()
    drawn: Any = SimpleNamespace(layout=paper)
    kind.draw(drawn, bpy.context)
    return " ".join(paper.words)


def test_the_panel_counts_what_is_shown_and_says_what_is_wrong_here(ob: Any) -> None:
    assert "jumps.check_tracks" in panel()
    assert "problem" not in panel()
    find(ob, ELBOW, slice(1, 2), swapped=slice(9, 11))
    bpy.context.scene.frame_set(2)
    text = panel()
    assert "2 problems" in text
    assert "Sure: 11" in text
    assert "Rejected: 1" in text
    assert "Frame 2: rejected: left elbow" in text
    bpy.context.scene.frame_set(10)
    assert "Swapped: 6" in panel()
    bpy.context.scene.frame_set(6)
    assert "Not seen: 1" in panel()
