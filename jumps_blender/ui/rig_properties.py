"""What the scene remembers of bringing a performance onto a rig."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Final

import bpy
from bpy.props import (
    BoolProperty,
    CollectionProperty,
    EnumProperty,
    FloatProperty,
    IntProperty,
    PointerProperty,
    StringProperty,
)

from ..blender.retarget.guide import guide_of, led_by
from ..blender.retarget.mapping import RigMap
from ..blender.retarget.options import Options
from ..blender.retarget.parts import CHAINS
from ..blender.retarget.target import guess_map, is_drawing

RIG_PROPERTY: Final = "jumps_rig"


def _is_armature(_settings: Any, ob: bpy.types.Object) -> bool:
    return ob.type == "ARMATURE"


def _is_curve(_settings: Any, ob: bpy.types.Object) -> bool:
    return ob.type == "CURVE"


def _guess(settings: Any, _context: bpy.types.Context) -> None:
    """Another rig has other bones."""
    if settings.target is not None:
        rig = guess_map(settings.target)
        fill(settings, rig)
        settings.drawn = is_drawing(settings.target, rig)


def _is_automatic(settings: Any) -> bool:
    return bool(settings.scale == 0)


def _set_automatic(settings: Any, automatic: bool) -> None:
    """Whoever wants another size begins with what it is now."""
    guide = guide_of(settings.target) if settings.target else None
    settings.scale = 0.0 if automatic else led_by(guide).size if guide else 1.0


class JUMPS_rig_bone(bpy.types.PropertyGroup):
    """One line of the list: a joint, and the bone that shows it."""

    joint: StringProperty(name="Joint", description="One of the 28 joints")
    bone: StringProperty(name="Bone", description="The rig's bone whose head is this joint; empty = none")
    place: StringProperty(name="Place", description="Another bone that tells where the joint is at rest")
    stretch: BoolProperty(
        name="Stretch",
        description="This bone of a cut-out may become as long as its limb is seen; else it only turns",
        default=True,
    )


class JUMPS_rig_settings(bpy.types.PropertyGroup):
    """Settings of the panel Onto a Rig."""

    source: PointerProperty(
        name="Performance",
        description="Armature of the 28 joints whose motion the rig gets",
        type=bpy.types.Object,
        poll=_is_armature,
    )
    target: PointerProperty(
        name="Rig",
        description="The armature that is to move; it gets constraints and keys, and nothing else of it is changed",
        type=bpy.types.Object,
        poll=_is_armature,
        update=_guess,
    )
    bones: CollectionProperty(name="Bones", description="Which bone shows which joint", type=JUMPS_rig_bone)
    active: IntProperty(name="Active Line", description="The line of the list that is chosen")
    kind: StringProperty(name="Kind", description="Kind of rig that was recognised")
    root: StringProperty(name="Root", description="Control that carries the whole body; empty = the bone of the pelvis")
    carried: StringProperty(name="Carried", description="Joint that the root control carries to its place")
    drawn: BoolProperty(name="Drawn", description="Whether the rig's bones lie in a plane")
    space: EnumProperty(
        name="Rig Is",
        description="Whether the rig is a figure in space or a drawing",
        items=(
            ("auto", "Automatic", "A cut-out where all bones lie in one plane"),
            ("3d", "3D", "A figure in space"),
            ("cutout", "Cut-Out", "A drawing: bones turn in their plane only"),
        ),
    )
    facing: EnumProperty(
        name="Facing",
        description="Where a 3D rig looks as long as no depth is known",
        items=(
            ("auto", "Automatic", "As far as the joints tell"),
            ("front", "Viewer", "To the viewer"),
            ("right", "Right", "To the right of the picture"),
            ("left", "Left", "To the left of the picture"),
            ("back", "Away", "Away from the viewer"),
        ),
    )
    travel: EnumProperty(
        name="Root",
        description="Where the body goes",
        items=(
            ("travel", "Travels", "As the person goes"),
            ("stay", "Stays", "In its place; it still goes up and down"),
            ("curve", "Follows Curve", "Along a curve, as far as the person goes across the picture"),
        ),
    )
    curve: PointerProperty(
        name="Curve", description="The curve that the body follows", type=bpy.types.Object, poll=_is_curve
    )
    ground: BoolProperty(
        name="Feet Stand on It",
        description="Let the lowest foot of the clip stand where the rig's feet stand at rest",
        default=True,
    )
    ground_level: FloatProperty(
        name="Level", description="How much higher the ground lies, in the rig's own units", subtype="DISTANCE"
    )
    scale: FloatProperty(
        name="Size",
        description="The rig's size over the person's; 0 = automatic: from the length of their legs",
        min=0.0,
    )
    fit: BoolProperty(
        name="From the Legs",
        description="Show the person as large as the rig is, by the length of their legs; else Size says how large",
        default=True,
        get=_is_automatic,
        set=_set_automatic,
    )
    mirror: BoolProperty(name="Mirror", description="The performance as in a mirror: left becomes right")
    depth: BoolProperty(
        name="Use Depth",
        description="Use the depth that was estimated; without it the motion lies in a plane",
        default=True,
    )
    roll: BoolProperty(
        name="Roll Limbs",
        description="Roll arms and legs by the plane in which they bend; else they keep their roll at rest",
        default=True,
    )
    stretch: BoolProperty(
        name="Stretch",
        description="Bones of a cut-out become as long as their limb is seen; else they only turn. "
        "The list of bones tells for each whether it may",
    )
    layers: BoolProperty(
        name="Layer Order",
        description="Key on each bone of a cut-out, as property jumps_layer, how far in front of the others it is",
    )
    limbs: EnumProperty(
        name="Limbs",
        description="Which controls of arms and legs get the keys, on a rig that has both",
        items=(
            ("fk", "FK", "Forward kinematics: every bone turns"),
            ("ik", "IK", "Inverse kinematics: hands, feet and poles are moved"),
            ("legs", "IK Legs", "Inverse kinematics for legs, forward kinematics for arms"),
        ),
    )
    preset: StringProperty(name="Preset", description="Name under which the list of bones is saved")


def fill(settings: JUMPS_rig_settings, rig: RigMap) -> None:
    """Show a mapping in the list."""
    settings.bones.clear()
    for joint in (joint for chain in CHAINS for joint in chain):
        line = settings.bones.add()
        line.joint, line.bone, line.place = joint, rig.bones.get(joint, ""), rig.places.get(joint, "")
        line.stretch = joint not in rig.rigid
    settings.kind, settings.root, settings.carried = rig.kind, rig.root, rig.carried


def rig_map(settings: JUMPS_rig_settings) -> RigMap:
    """The mapping that the list shows."""
    return RigMap(
        {line.joint: line.bone for line in settings.bones if line.bone},
        settings.kind or "names",
        {line.joint: line.place for line in settings.bones if line.bone and line.place},
        settings.root,
        settings.carried,
        tuple(line.joint for line in settings.bones if not line.stretch),
    )


def options(settings: JUMPS_rig_settings) -> Options:
    """What the panel asks for."""
    return Options(**{field.name: getattr(settings, field.name) for field in fields(Options)})


def add_rig_properties() -> None:
    """Give scenes their settings."""
    setattr(bpy.types.Scene, RIG_PROPERTY, PointerProperty(type=JUMPS_rig_settings))


def remove_rig_properties() -> None:
    """Undo `add_rig_properties`."""
    delattr(bpy.types.Scene, RIG_PROPERTY)
