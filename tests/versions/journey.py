"""The add-on's whole way in one Blender, out of the built zip: `python journey.py ZIP FOLDER` beside a bpy wheel.

A step per thing that a person does, each through an operator, each undone and redone exactly. A new operator joins as a
step in `STEPS`. Ends with status 0 when all went well, and with the traceback of the step that did not.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy
import numpy as np

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from demo.figures import MIXAMO, make_figure  # noqa: E402
from tests.blender.whole_file import differences, whole_file  # noqa: E402  found beside this script only

sys.path.remove(str(REPOSITORY))  # the zip has to do without the checkout

EXTENSION = "bl_ext.user_default.jumps"
KEYS = ".keyframe_points"
HAND, HAND_FRAME = "right_hand", 101


@dataclass
class Journey:
    """What is at hand, and what the steps so far have made; names, since references die at every undo."""

    archive: Path
    folder: Path
    names: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, role: str) -> Any:
        return bpy.data.objects[self.names[role]]

    def activate(self, role: str) -> Any:
        """Make one of the objects the active and only selected one."""
        bpy.context.view_layer.update()  # else it may still list what was removed
        for ob in bpy.context.view_layer.objects:
            ob.select_set(ob.name == self.names[role])
        bpy.context.view_layer.objects.active = self[role]
        return self[role]


def does(operator: Any, **options: Any) -> None:
    """Run an operator as a click does, with an undo step of its own; then undo and redo it, exactly."""
    bpy.ops.ed.undo_push(message="before")
    before = whole_file()
    assert operator("EXEC_DEFAULT", True, **options) == {"FINISHED"}, operator
    after = whole_file()
    assert differences(before, after), f"{operator} changed nothing"
    bpy.ops.ed.undo()
    same("undone", before)
    bpy.ops.ed.redo()
    same("redone", after)


def same(when: str, expected: dict[str, Any]) -> None:
    """The file holds what it held then."""
    found = differences(expected, whole_file())
    assert not found, f"{when}, {len(found)} values differ: " + "; ".join(found[:10])


def made(before: set[str]) -> str:
    """The one object that is new."""
    (name,) = set(bpy.data.objects.keys()) - before
    return name


def registered() -> list[str]:
    """Our classes that Blender knows."""
    return sorted(name for name in dir(bpy.types) if name.startswith("JUMPS_"))


# --- the steps


def install(journey: Journey) -> None:
    """The zip goes in and is enabled."""
    assert not registered()
    bpy.ops.extensions.package_install_files(filepath=str(journey.archive), repo="user_default", enable_on_install=True)
    assert EXTENSION in bpy.context.preferences.addons
    assert "JUMPS_PT_upsample" in registered()
    bpy.ops.ed.undo_push(message="installed")


def import_keypoints(journey: Journey) -> None:
    """The sample that ships with the add-on becomes an armature."""
    import addon_utils

    (module,) = (one for one in addon_utils.modules() if one.__name__ == EXTENSION)
    sample = Path(module.__file__).parent / "jumps_blender" / "samples" / "rooftop_coco17.json"
    bpy.context.scene.render.fps = 30
    before = set(bpy.data.objects.keys())
    does(bpy.ops.jumps.import_tracks, filepath=str(sample), people="1")
    journey.names["keypoints"] = made(before)
    assert len(journey["keypoints"].pose.bones) == 17


def mend(journey: Journey) -> None:
    """Sides are exchanged and back again, a wrist is ignored at a frame and used again."""
    journey.activate("keypoints")
    bpy.context.scene.frame_set(50)
    for _ in range(2):
        does(bpy.ops.jumps.swap_sides, joints="ARMS")
    for operator in (bpy.ops.jumps.ignore_joints, bpy.ops.jumps.use_joints):
        select(journey["keypoints"], "left_wrist")
        does(operator)


def solve(journey: Journey) -> None:
    """Its motion is solved, in a process of its own."""
    journey.activate("keypoints")
    before = set(bpy.data.objects.keys())
    does(bpy.ops.jumps.upsample, settings="default")
    journey.names["result"] = made(before)
    assert len(journey["result"].pose.bones) == 28


def pin(journey: Journey) -> None:
    """A hand that was moved stays where it is, and only what is near follows."""
    result = journey.activate("result")
    far, near = head(result, HAND, 10), head(result, "right_wrist", HAND_FRAME)
    actions = set(bpy.data.actions.keys())
    there = move(result, HAND, HAND_FRAME)
    does(bpy.ops.jumps.resolve)
    result = journey["result"]
    np.testing.assert_allclose(head(result, HAND, HAND_FRAME), there, atol=1e-4)
    np.testing.assert_array_equal(head(result, HAND, 10), far)
    assert not np.array_equal(head(result, "right_wrist", HAND_FRAME), near)
    assert set(bpy.data.actions.keys()) == actions


def pin_again(journey: Journey) -> None:
    """A second edit leaves the first where it is, in the same Action."""
    result, actions = journey.activate("result"), set(bpy.data.actions.keys())
    first = head(result, HAND, HAND_FRAME)
    move(result, "left_toe", 40)
    does(bpy.ops.jumps.resolve)
    np.testing.assert_array_equal(head(journey["result"], HAND, HAND_FRAME), first)
    assert set(bpy.data.actions.keys()) == actions


def unpin(journey: Journey) -> None:
    """What was pinned is let go."""
    result = journey.activate("result")
    pinned = head(result, HAND, HAND_FRAME)
    bpy.context.scene.frame_set(HAND_FRAME)
    select(result, HAND)
    does(bpy.ops.jumps.unpin, frames="CURRENT")
    assert not np.array_equal(head(journey["result"], HAND, HAND_FRAME), pinned)


def refine(journey: Journey) -> None:
    """Feet are held, the uncertainty is keyed, keys are reduced, and all that is taken back."""
    journey.activate("result")
    keys = len(keyframes(journey["result"]))
    does(bpy.ops.jumps.lock_feet)
    does(bpy.ops.jumps.key_uncertainty)
    does(bpy.ops.jumps.key_uncertainty, remove=True)
    does(bpy.ops.jumps.simplify, pixels=2.0)
    assert len(keyframes(journey["result"])) < keys
    does(bpy.ops.jumps.restore_keys)
    does(bpy.ops.jumps.free_feet)
    assert len(keyframes(journey["result"])) == keys


def lead(journey: Journey) -> None:
    """A rig with Mixamo's names is recognised, and follows by constraints."""
    rig = make_figure("figure", MIXAMO)
    journey.names["rig"] = rig.name
    settings = bpy.context.scene.jumps_rig
    settings.source, settings.target = journey["result"], rig
    assert settings.kind == "mixamo", settings.kind
    at_rest = direction(rig, "mixamorig:LeftForeArm", 60)
    does(bpy.ops.jumps.lead_rig)
    assert not np.allclose(direction(journey["rig"], "mixamorig:LeftForeArm", 60), at_rest, atol=0.05)


def bake(journey: Journey) -> None:
    """What it does becomes keys, and nothing leads it any more."""
    led = direction(journey["rig"], "mixamorig:LeftForeArm", 60)
    does(bpy.ops.jumps.bake_rig)
    rig = journey["rig"]
    np.testing.assert_allclose(direction(rig, "mixamorig:LeftForeArm", 60), led, atol=1e-3)
    assert not any(len(bone.constraints) for bone in rig.pose.bones)


def save_and_reload(journey: Journey) -> None:
    """The file holds all of it."""
    bpy.context.scene.frame_set(1)
    path = str(journey.folder / "journey.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    saved = whole_file()
    bpy.ops.wm.open_mainfile(filepath=path)
    same("loaded", saved)
    bpy.ops.ed.undo_push(message="loaded")


def edit_what_was_loaded(journey: Journey) -> None:
    """A loaded result is edited on, also without what it was made of."""
    bpy.data.objects.remove(journey["keypoints"])
    result = journey.activate("result")
    there = move(result, "left_hand", 150)
    does(bpy.ops.jumps.resolve)
    np.testing.assert_allclose(head(journey["result"], "left_hand", 150), there, atol=1e-4)


def push_down(journey: Journey) -> None:
    """The result's Action becomes a strip, and shows the same."""
    result = journey.activate("result")
    shown = head(result, HAND, 77)
    does(bpy.ops.jumps.push_down)
    np.testing.assert_allclose(head(journey["result"], HAND, 77), shown, atol=1e-5)


def go(_journey: Journey) -> None:
    """Disabled and uninstalled, nothing of it is left."""
    import addon_utils

    addon_utils.disable(EXTENSION, default_set=True)
    assert not registered()
    for owner in (bpy.types.Scene, bpy.types.Object, bpy.types.WindowManager, bpy.types.PoseBone):
        assert not [name for name in dir(owner) if name.startswith("jumps")], owner
    handlers = [
        f"{name}: {one}"
        for name in dir(bpy.app.handlers)
        if isinstance(getattr(bpy.app.handlers, name), list)
        for one in getattr(bpy.app.handlers, name)
        if "jumps" in getattr(one, "__module__", "")
    ]
    assert not handlers, handlers
    repository = [repo.module for repo in bpy.context.preferences.extensions.repos].index("user_default")
    bpy.ops.extensions.package_uninstall(repo_index=repository, pkg_id="jumps")
    assert not list(Path(bpy.utils.user_resource("EXTENSIONS")).glob("user_default/jumps/*.py"))


STEPS: tuple[Callable[[Journey], None], ...] = (
    install, import_keypoints, mend, solve, pin, pin_again, unpin, refine, lead, bake, save_and_reload,
    edit_what_was_loaded, push_down, go,
)  # fmt: skip


# --- short ways


def select(ob: Any, chosen: str) -> None:
    """Select one bone alone."""
    for bone in ob.pose.bones:
        holder = bone if hasattr(bone, "select") else bone.bone
        holder.select = bone.name == chosen


def keyframes(ob: Any) -> np.ndarray:
    """All keys of an object's Action, as `whole_file` sees them, (keys, 8)."""
    action = ob.animation_data.action.name
    keys = [value for path, value in whole_file().items() if path.startswith(f"actions[{action}]") and KEYS in path]
    return np.concatenate(keys)


def head(ob: Any, bone: str, frame: int) -> np.ndarray:
    """Where a joint is shown, in armature space."""
    return np.array(posed(ob, frame).pose.bones[bone].head)


def direction(ob: Any, bone: str, frame: int) -> np.ndarray:
    """Where a bone points, in armature space, a unit vector."""
    shown = posed(ob, frame).pose.bones[bone]
    return np.array((shown.tail - shown.head).normalized())


def posed(ob: Any, frame: int) -> Any:
    """The object as it is shown at a frame."""
    bpy.context.scene.frame_set(frame)
    return ob.evaluated_get(bpy.context.evaluated_depsgraph_get())


def move(ob: Any, bone: str, frame: int) -> np.ndarray:
    """Move a joint as an animator does, and key it; where it is then."""
    bpy.context.scene.frame_set(frame)
    joint = ob.pose.bones[bone]
    joint.location = (joint.location[0] + 0.2, joint.location[1], joint.location[2] + 0.1)
    assert joint.keyframe_insert("location", frame=frame)
    return head(ob, bone, frame)


def main() -> None:
    """Go all the way."""
    journey = Journey(Path(sys.argv[1]), Path(sys.argv[2]))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    about = {"blender": bpy.app.version_string, "python": sys.version.split()[0], "numpy": np.__version__}
    print("about", json.dumps(about), flush=True)
    for step in STEPS:
        begin = time.monotonic()
        step(journey)
        print("step", json.dumps({"step": step.__name__, "seconds": round(time.monotonic() - begin, 1)}), flush=True)
    assert "jumps_blender" not in sys.modules, "the zip took its modules from the checkout"


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # Blender 4.5 may hang where it ends by itself
