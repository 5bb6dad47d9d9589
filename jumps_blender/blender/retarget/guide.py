"""The guide: an armature that holds the motion, in the space of the rig, and leads the rig's bones by constraints.

It has a bone for each control of the rig, with the same rest, and is a child of the rig's object: wherever that is
moved, scaled or parented to, the two armature spaces are one. The rig itself gets constraints and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Final

import bpy
import numpy as np
from mathutils import Matrix

from ...errors import InputError
from ..scene.actions import Curve, discard_action, draft_action, keys_digest, take_draft
from ..scene.present import armature_of, bones_of, layer_of, pose_bones_of, scene_of
from ..scene.scene_state import object_mode
from ..scene.slices import WHOLE, Clock, Slices, beside
from ..scene.stamps import Stamp, changed, unchanged
from ..tracks.armature import move_to, takes_in
from .channels import LAYER, Control, controls, curves_of
from .mapping import RigMap
from .motion import Motion, Path, retarget
from .options import Options
from .rigs import Limb
from .source import reading_performance
from .switches import limbs_of, put_switches, switch
from .target import joints_of

GUIDE: Final = "jumps_guide"
"""Custom property of a guide: as JSON, from what it was made."""

MARK: Final = "JUMPS "
"""What the names of our constraints begin with."""


@dataclass(frozen=True)
class Led:
    """What a guide was made of.

    `source` and `curve`: names of the performance and of the curve to follow. `switches`: bone -> what its switches
    between FK and IK were set to before. `digest`: of the performance's keys. `size`: the rig's over the person's.
    """

    source: str
    rig: RigMap
    options: Options
    switches: dict[str, dict[str, float]]
    spatial: bool
    flat: bool
    curve: str = ""
    digest: int = 0
    size: float = 1.0


Cast = tuple[bpy.types.Object, bpy.types.Object, bpy.types.Object | None]
"""Performance, rig, and the curve to follow."""


@dataclass(frozen=True)
class _Show:
    """A motion, and the controls of a rig that show it."""

    motion: Motion
    limbs: tuple[Limb, ...]
    parts: tuple[Control, ...]


def leading(
    context: bpy.types.Context, cast: Callable[[], Cast], rig: RigMap, options: Options, seconds: float = WHOLE
) -> Slices[None]:
    """Lead a rig by a performance, in slices; a guide that it had is replaced.

    All of it appears in the scene in the last slice.

    Args:
        context: its mode, active object, selection and frame stay.
        cast: finds performance, rig and curve, anew for each slice.
        rig: which bone shows which joint.
        options: how.
        seconds: of a slice.

    Raises:
        InputError: the mapping does not fit the rig, no curve is there to follow, or the performance has no keys or was
            changed meanwhile; and what `cast` raises. Nothing was changed.

    """

    def find() -> bpy.types.Object:
        return cast()[1]

    stamp = Stamp.of(cast()[0])
    yield 0.1
    show = yield from _showing(context, cast, rig, options, seconds)
    yield 0.4
    curves = yield from _curves(show, rig, find, find, seconds)
    yield 0.6
    draft = yield from draft_action(curves, seconds)
    try:
        yield 0.9
        source, (_, target, curve) = unchanged(lambda: cast()[0], stamp), cast()
        _check(target, show, draft)
        guide, motion = _attach(context, target, show, draft), show.motion
        followed = curve.name if curve and options.travel == "curve" else ""
        told = (motion.spatial, motion.flat, followed, stamp.keys, motion.size)
        _note(guide, Led(source.name, rig, options, switch(target, rig, show.limbs), *told))
    finally:
        discard_action(draft)


def refreshing(
    context: bpy.types.Context, find: Callable[[], bpy.types.Object], seconds: float = WHOLE
) -> Slices[None]:
    """Show what the performance shows now, in slices; the constraints stay, with what the animator set on them.

    Args:
        context: its mode, active object, selection and frame stay.
        find: finds the guide, anew for each slice.
        seconds: of a slice.

    Raises:
        InputError: performance, curve or bones are gone; nothing was changed. And what `find` raises.

    """
    led = led_by(find())
    show = yield from _showing(context, lambda: _cast(find()), led.rig, led.options, seconds)
    if {part.bone for part in show.parts} != {bone.name for bone in bones_of(find())}:
        yield from leading(context, lambda: _cast(find()), led.rig, led.options, seconds)
        return
    curves = yield from _curves(show, led.rig, find, lambda: _cast(find())[1], seconds)
    draft = yield from draft_action(curves, seconds)
    try:
        yield
        guide, (source, target, _) = find(), _cast(find())
        _check(target, show, draft)
        _drop_keys(guide)
        take_draft(guide, draft, guide.name)
    finally:
        discard_action(draft)
    motion = show.motion
    told = {"spatial": motion.spatial, "digest": keys_digest(source), "size": motion.size}
    _note(guide, Led(**vars(led) | told))


def _cast(guide: bpy.types.Object) -> Cast:
    """Performance, rig, and the curve to follow; raises InputError where one is gone."""
    led, target = led_by(guide), guide.parent
    source: bpy.types.Object | None = bpy.data.objects.get(led.source)
    curve: bpy.types.Object | None = bpy.data.objects.get(led.curve)
    if source is None or target is None or (led.curve and curve is None):
        gone = led.curve if source else led.source
        raise InputError(
            f"{gone!r}, which leads {guide.name}, is gone or has another name: choose it and press Update."
        )
    return source, target, curve


def detach(target: bpy.types.Object) -> bool:
    """Take our constraints off a rig, and remove its guide; whether there was one."""
    guide = guide_of(target)
    for bone in pose_bones_of(target):
        for constraint in [each for each in bone.constraints if each.name.startswith(MARK)]:
            bone.constraints.remove(constraint)
    if guide is None:
        return False
    put_switches(target, led_by(guide).switches)
    _drop_keys(guide)
    armature = armature_of(guide)
    bpy.data.objects.remove(guide)
    bpy.data.armatures.remove(armature)
    return True


def guide_of(target: bpy.types.Object) -> bpy.types.Object | None:
    """The guide that leads a rig."""
    return next((ob for ob in bpy.data.objects if ob.parent == target and ob.get(GUIDE) is not None), None)


def guides_of(source: bpy.types.Object) -> list[bpy.types.Object]:
    """The guides that show a performance, but for those whose rig is gone."""
    guides = [ob for ob in bpy.data.objects if ob.get(GUIDE) is not None and ob.parent]
    return [guide for guide in guides if led_by(guide).source == source.name]


def led_by(guide: bpy.types.Object) -> Led:
    """What a guide was made of."""
    content = json.loads(guide[GUIDE])
    rig, options = RigMap(**content.pop("rig")), Options(**content.pop("options"))
    return Led(rig=rig, options=options, **content)


def _note(guide: bpy.types.Object, led: Led) -> None:
    guide[GUIDE] = json.dumps(asdict(led))


def _showing(
    context: bpy.types.Context, cast: Callable[[], Cast], rig: RigMap, options: Options, seconds: float = WHOLE
) -> Slices[_Show]:
    if options.travel == "curve" and cast()[2] is None:
        raise InputError("The body is to follow a curve, and none is chosen: choose it as Curve, or let Root travel.")
    performance = yield from reading_performance(context, lambda: cast()[0], seconds)
    _, target, curve = cast()
    joints, path = joints_of(target, rig), _path(curve, target) if curve and options.travel == "curve" else None
    motion = yield from beside(lambda: retarget(performance, joints, options, path, rig.rigid), seconds)
    limbs = _limbs(cast()[1], rig, motion, options)
    return _Show(motion, limbs, controls(cast()[1], rig, motion, limbs))


def _limbs(target: bpy.types.Object, rig: RigMap, motion: Motion, options: Options) -> tuple[Limb, ...]:
    """Limbs that are asked to follow by IK, where the rig has all of their controls."""
    bones = bones_of(target)
    return tuple(
        limb
        for limb in limbs_of(target, rig)
        if (options.limbs == "ik" or (options.limbs == "legs" and limb.is_leg))
        and all(name in bones for name in (limb.end, limb.pole, limb.tip) if name)
        and all(joint in motion.rotations for joint in limb.joints)
    )


def _check(target: bpy.types.Object, show: _Show, draft: str) -> None:
    """Raise InputError where an undo took away what the last slice needs."""
    if draft not in bpy.data.actions or any(control.bone not in bones_of(target) for control in show.parts):
        raise changed(target.name)


def _attach(context: bpy.types.Context, target: bpy.types.Object, show: _Show, draft: str) -> bpy.types.Object:
    """A guide with drafted keys, and the constraints by which it leads the rig, in the place of those it had."""
    detach(target)
    guide = _build(context, target, show)
    take_draft(guide, draft, guide.name)
    for control in show.parts:
        _constrain(pose_bones_of(target)[control.bone], guide, control, control.joint in show.motion.stretch)
    return guide


def _build(context: bpy.types.Context, target: bpy.types.Object, show: _Show) -> bpy.types.Object:
    """A guide without keys."""
    name = f"{target.name} guide"
    armature = bpy.data.armatures.new(name)
    guide = bpy.data.objects.new(name, armature)
    with object_mode(context):
        scene_of(context).collection.objects.link(guide)
        layer_of(context).objects.active = guide
        bpy.ops.object.mode_set(mode="EDIT")
        for control in show.parts:
            bone, copy = bones_of(target)[control.bone], armature.edit_bones.new(control.bone)
            copy.tail = (0.0, bone.length, 0.0)
            copy.matrix = bone.matrix_local
        bpy.ops.object.mode_set(mode="OBJECT")
    armature.display_type = "STICK"
    guide.parent = target
    guide.hide_render = True
    homes = [collection for collection in target.users_collection if takes_in(collection)]
    if homes and all(collection in scene_of(context).collection.children_recursive for collection in homes[:1]):
        move_to(guide, homes[0])
    guide.hide_set(True)
    for control in show.parts:
        posed: Any = pose_bones_of(guide)[control.bone]
        posed.rotation_mode = "QUATERNION"
        if control.joint in show.motion.layers and not control.limb:
            posed[LAYER] = 0.0
    return guide


def _curves(
    show: _Show, rig: RigMap, find: Callable[[], bpy.types.Object], find_rig: Callable[[], bpy.types.Object],
    seconds: float = WHOLE,
) -> Slices[list[Curve]]:  # fmt: skip
    """The keys of a guide; `find` finds it, or, as long as there is none, what will rest as it does: the rig."""
    clock, curves = Clock(seconds), []
    for control in show.parts:
        if clock.over:
            yield
            clock.restart()
        rest = np.array(bones_of(find())[control.bone].matrix_local)
        curves += curves_of(control, rest, find_rig(), rig, show.motion)
    return curves


def _drop_keys(guide: bpy.types.Object) -> None:
    action = guide.animation_data.action if guide.animation_data else None
    if guide.animation_data and action:
        guide.animation_data.action = None
        if action.users == action.use_fake_user:
            bpy.data.actions.remove(action)


def _constrain(bone: bpy.types.PoseBone, guide: bpy.types.Object, control: Control, stretches: bool) -> None:
    kinds: list[tuple[Any, str]] = [] if control.limb else [("COPY_ROTATION", "rotation")]
    if stretches:
        kinds.append(("COPY_SCALE", "length"))
    if control.moves:
        kinds.append(("COPY_LOCATION", "place"))
    for kind, told in kinds:
        constraint: Any = bone.constraints.new(kind)
        constraint.name = f"{MARK}{told}"
        constraint.target = guide
        constraint.subtarget = bone.name
        constraint.owner_space = constraint.target_space = "POSE"


def _path(curve: bpy.types.Object, target: bpy.types.Object) -> Path:
    """A curve as points in the rig's armature space; its thickness does not count."""
    line: Any = curve.data.copy() if curve.data else None
    bare = bpy.data.objects.new(curve.name, line)
    try:
        line.bevel_depth = line.extrude = 0.0
        line.bevel_object, line.dimensions = None, "3D"
        into: Matrix = target.matrix_world.inverted_safe() @ curve.matrix_world
        mesh: Any = bare.to_mesh()
        vertices = mesh.vertices if mesh else ()
        points = np.array([(into @ vertex.co)[:] for vertex in vertices], float).reshape(-1, 3)
        bare.to_mesh_clear()
    finally:
        bpy.data.objects.remove(bare)
        bpy.data.curves.remove(line)
    if len(points) < 2:
        raise InputError(f"The curve {curve.name!r} has no length: draw it first, or let Root travel.")
    return Path(points)
