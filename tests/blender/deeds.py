"""What a restless animator does: every operator of the add-on, and what goes on around them.

Operators join by themselves: whatever is registered is pressed as soon as its poll allows. One that needs to be told
something, or makes no sense here, has a line in `OPTIONS` or `LEFT_OUT`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import bpy

from jumps_blender.blender.retarget.rigs import MIXAMO
from jumps_blender.ui.registration import CLASSES
from tests.blender.films import write_movie
from tests.blender.retarget.rigs_at_hand import make_cutout, make_rig

Options = Callable[["Scene", Random], dict[str, Any]]

FRAMES: Final = ("CURRENT", "KEYS", "RANGE", "ALL")

OPTIONS: Final[dict[str, Options]] = {
    "import_tracks": lambda scene, random: {
        "filepath": str(scene.tracks), "start_frame": random.randint(1, 20), "height": random.choice((1.7, 3.0)),
    },
    "upsample": lambda _scene, random: {"settings": random.choice(("draft", "default")), "seed": random.randint(0, 9)},
    "add_footage": lambda scene, random: {
        "filepath": str(write_movie(scene.folder / "film.mov")), "kind": random.choice(("PLANE", "CAMERA")),
        "shift": random.randint(-2, 2),
    },
    "unpin": lambda _scene, random: {"frames": random.choice(("CURRENT", "ALL"))},
    "swap_sides": lambda _scene, random: {
        "joints": random.choice(("SELECTED", "ARMS", "LEGS", "ALL")), "frames": random.choice(FRAMES),
    },
    "ignore_joints": lambda _scene, random: {"frames": random.choice(FRAMES)},
    "use_joints": lambda _scene, random: {"frames": random.choice(FRAMES)},
    "colour_bones": lambda _scene, random: {"by": random.choice(("SIDE", "TROUBLE"))},
    "jump_problem": lambda _scene, random: {"direction": random.choice(("NEXT", "PREVIOUS"))},
    "save_settings": lambda _scene, random: {"preset": random.choice("ab")},
    "load_settings": lambda _scene, random: {"preset": random.choice("ab")},
    "save_rig": lambda _scene, random: {"preset": random.choice("ab")},
    "load_rig": lambda _scene, random: {"preset": random.choice("ab")},
}  # fmt: skip
"""What an operator is told, by its name behind the dot."""

_RUNTIME: Final = "changes the disk and the preferences, nothing of the file"

LEFT_OUT: Final[dict[str, str]] = {
    "cancel": "nothing can be cancelled where every operator runs to its end",
    "drop_tracks": "opens the dialog of the import, and it is that which makes a step",
    "install_runtime": _RUNTIME, "install_runtime_from_wheels": _RUNTIME, "cancel_runtime": _RUNTIME,
    "use_runtime": _RUNTIME, "check_runtime": _RUNTIME, "remove_runtime": _RUNTIME,
}  # fmt: skip
"""Operators that are not pressed, and why."""


@dataclass(frozen=True)
class Scene:
    """What the deeds work on: a small file of keypoints, and a folder to write into."""

    tracks: Path
    folder: Path


@dataclass(frozen=True)
class Deed:
    """One thing that is done."""

    name: str
    ready: Callable[[], bool]
    do: Callable[[Scene, Random], bool]
    """Does it; False where that made no step of undo, so that the file must be as it was."""
    weight: int = 1
    """How gladly it is done; what was done often before is done less."""


def operators() -> list[Deed]:
    """Every operator that is registered."""
    classes = {cls.bl_idname.partition(".")[2]: cls for cls in CLASSES if issubclass(cls, bpy.types.Operator)}
    return [
        _press(name, "UNDO" in getattr(cls, "bl_options", ())) for name, cls in classes.items() if name not in LEFT_OUT
    ]


def _press(name: str, makes_step: bool) -> Deed:
    operator = getattr(bpy.ops.jumps, name)

    def press(scene: Scene, random: Random) -> bool:
        options = OPTIONS[name](scene, random) if name in OPTIONS else {}
        try:
            return operator("EXEC_DEFAULT", True, **options) == {"FINISHED"} and makes_step
        except RuntimeError as error:  # what it reports as an error, to whoever reads
            if "Traceback" in str(error):
                raise
            return False

    return Deed(f"jumps.{name}", operator.poll, press, weight=4)


def _armatures(least_bones: int = 1) -> list[Any]:
    found = [ob for ob in bpy.context.view_layer.objects if ob.type == "ARMATURE" and len(ob.pose.bones) >= least_bones]
    return sorted(found, key=lambda ob: ob.name)


def _in_object_mode() -> bool:
    return bpy.context.mode == "OBJECT"


def activate(_scene: Scene, random: Random) -> None:
    """Choose another armature, most often one that holds a performance."""
    layer, chosen = bpy.context.view_layer, random.choice(_armatures() + 2 * _armatures(least_bones=28))
    for ob in layer.objects:
        ob.select_set(ob == chosen)
    layer.objects.active = chosen


def move_joints(_scene: Scene, random: Random) -> None:
    """Move a joint and key it, most often one of a result, which is active then."""
    ob = bpy.context.view_layer.objects.active
    if _in_object_mode():
        ob = bpy.context.view_layer.objects.active = random.choice(_armatures(least_bones=28) or [ob])
    bone = random.choice(list(ob.pose.bones))
    frame = random.randint(1, 12)
    bpy.context.scene.frame_set(frame)
    bone.location = (bone.location[0] + random.uniform(0.05, 0.2), 0.0, bone.location[2] + 0.1)
    bone.keyframe_insert("location", frame=frame)


def choose_bones(_scene: Scene, random: Random) -> None:
    """Select some bones of the active armature."""
    for bone in bpy.context.view_layer.objects.active.pose.bones:
        holder = bone if hasattr(bone, "select") else bone.bone
        holder.select = random.random() < 0.3


def change_frame(_scene: Scene, random: Random) -> None:
    """Go elsewhere in time."""
    bpy.context.scene.frame_set(random.randint(1, 12))


def toggle_pose_mode(_scene: Scene, _random: Random) -> None:
    """Into pose mode, or out of it."""
    bpy.ops.object.mode_set(mode="OBJECT" if bpy.context.mode == "POSE" else "POSE")


def place(_scene: Scene, random: Random) -> None:
    """Move, turn and scale the active armature."""
    ob = bpy.context.view_layer.objects.active
    ob.location, ob.rotation_euler = (random.random(), 0, 1), (0, 0, random.random())
    ob.scale = (random.uniform(0.5, 2),) * 3


def delete(_scene: Scene, random: Random) -> None:
    """Delete an armature; the active one is another then."""
    bpy.data.objects.remove(random.choice(_armatures()))
    bpy.context.view_layer.update()
    bpy.context.view_layer.objects.active = (_armatures() or [None])[0]


def rename(_scene: Scene, random: Random) -> None:
    """Give an armature another name."""
    random.choice(_armatures()).name = random.choice(("anna", "ben", "carla"))


def add_rig(_scene: Scene, random: Random) -> None:
    """Build a rig, 3D or cut-out, and choose it together with a performance."""
    performances = _armatures(least_bones=28)
    rig = make_rig(MIXAMO) if random.random() < 0.7 else make_cutout()
    settings = bpy.context.scene.jumps_rig
    settings.source, settings.target = random.choice(performances), rig
    settings.travel = random.choice(("travel", "stay"))


def _active_armature() -> bool:
    ob = bpy.context.view_layer.objects.active
    return ob is not None and ob.type == "ARMATURE"


def _by_hand(do: Callable[[Scene, Random], None], ready: Callable[[], bool], weight: int = 1) -> Deed:
    """What is no operator of ours; the step of undo is made here, as Blender's own operators make theirs."""

    def done(scene: Scene, random: Random) -> bool:
        do(scene, random)
        bpy.ops.ed.undo_push(message=do.__name__)
        return True

    return Deed(do.__name__, ready, done, weight)


def around() -> list[Deed]:
    """What an animator does besides."""
    return [
        _by_hand(activate, lambda: _in_object_mode() and bool(_armatures()), weight=4),
        _by_hand(move_joints, _active_armature, weight=5),
        _by_hand(choose_bones, _active_armature, weight=2),
        _by_hand(change_frame, lambda: True),
        _by_hand(toggle_pose_mode, _active_armature),
        _by_hand(place, _active_armature),
        _by_hand(delete, lambda: _in_object_mode() and len(_armatures()) > 4, weight=4),
        _by_hand(rename, lambda: bool(_armatures())),
        _by_hand(add_rig, lambda: _in_object_mode() and bool(_armatures(28)) and len(_armatures()) < 6),
    ]


def begin(scene: Scene, random: Random) -> None:
    """A file in which there is something to do: keypoints, their result, and a rig."""
    bpy.ops.jumps.import_tracks(filepath=str(scene.tracks))
    bpy.ops.jumps.upsample(settings="draft")
    add_rig(scene, random)
    bpy.ops.ed.undo_push(message="begun")


@dataclass
class History:
    """The states of the file, a step of undo each, and which of them is shown."""

    states: list[dict[str, Any]] = field(default_factory=list)
    shown: int = -1
    done: list[str] = field(default_factory=list)

    def add(self, state: dict[str, Any]) -> None:
        """A new step: what was undone before it is lost."""
        self.states[self.shown + 1 :] = [state]
        self.shown += 1
