"""The pictures of the documentation: those of docs/tutorial.md, taken while it is done, then those of other pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import addon_utils
import bpy

from tests.versions.journey import select
from tests.window.clips import write_clip
from tests.window.hand import REST, SIDEBAR, VIEW, Box, Place, Waits, event, middle, press, unfold
from tests.window.photographs import film, join
from tests.window.tale import Tale, install, look_from_the_front, sample, show_tab, until, working

LAST: Final = 226
"""Frames of the sample's first person."""

SIDE: Final = 1.2
"""Metres by which a rig stands beside the performance."""

KNEES, SOMERSAULT, WRIST_FRAME, FEET_FRAME = 103, 187, 139, 122
"""What the tutorial looks at."""

WAVE, MENDED = 57, 204
"""What other pages look at: raised arms, and a landing with points of all kinds."""

WRIST, WRIST_MOVED = "right_wrist", (0.05, 0.0, 0.12)
"""The joint that is put right, and by how much, in metres."""

ACROSS, ROOM = 1.44, 1.3
"""Widths of a view in its distances, with Blender's lens; what it is wider than what it shows."""

FILM: Final = range(20, 225, 7)
"""Frames of the film."""

LONG: Final = 10_000


def run(operator: Any, **options: Any) -> Waits:
    """Run an operator as its button does, and wait until it is done."""
    with VIEW.override():
        operator("INVOKE_DEFAULT", True, **options)
    yield 0.5
    yield from until(lambda: not working(), 90, f"the end of {operator}")
    yield 0.5


def take_view(tale: Tale, name: str) -> Waits:
    """Photograph the 3D view with its sidebar, and the head of the timeline."""
    view = VIEW.box()
    for _ in range(2):  # a panel that is new appears with the second
        SIDEBAR.find()[2].tag_redraw()
        yield 0.5
    below = min(view.bottom, 50)
    yield from tale.shoot(name, Box(0, view.bottom - below, view.width, view.height + below))


def look_at_pose(near: float = 1.2) -> None:
    """Bring all joints of this frame into view; none is selected then."""
    with VIEW.override():
        bpy.ops.pose.select_all(action="SELECT")
        bpy.ops.view3d.view_selected()
        bpy.ops.pose.select_all(action="DESELECT")
        VIEW.find()[1].spaces.active.region_3d.view_distance *= near


def look_at(figures: Iterable[Any], frames: Iterable[int] = (), beside: float = 0.0) -> None:
    """Bring all joints in these frames, or now, and metres to their right, into what the sidebar leaves of the view."""
    _, area, region = VIEW.find()
    space, scene, heads = area.spaces.active, bpy.context.scene, []
    for frame in frames or (scene.frame_current,):
        scene.frame_set(frame)
        heads += [figure.matrix_world @ bone.head for figure in figures for bone in figure.pose.bones]
    (left, right), (low, high) = ((min(of), max(of)) for of in ([head[axis] for head in heads] for axis in (0, 2)))
    right += beside
    covered = SIDEBAR.find()[2].width if space.show_region_ui else 0
    free = region.width - covered
    wide = max(right - left, (high - low) * free / region.height) * ROOM * region.width / free
    space.region_3d.view_location = ((left + right + wide * covered / region.width) / 2, 0.0, (low + high) / 2)
    space.region_3d.view_distance = wide / ACROSS


def show_panel(tale: Tale) -> Waits:
    """The tab where nothing is selected."""
    bpy.context.preferences.view.smooth_view = 0
    bpy.context.scene.frame_end = LAST
    view = VIEW.box()
    corner = Box(view.left + view.width - 640, view.bottom + view.height - 380, 640, 380)
    yield from tale.shoot("tutorial_panel", corner)


def show_preferences(tale: Tale) -> Waits:
    """What the add-on's preferences offer."""
    preferences: Any = bpy.context.preferences
    preferences.system.use_online_access = True
    preferences.active_section = "ADDONS"
    bpy.context.window_manager.addon_search = "JUMPS"
    bpy.ops.preferences.addon_expand(module="bl_ext.user_default.jumps")
    _, area, _ = VIEW.find()
    area.type = "PREFERENCES"
    try:
        yield 1.0
        page = Place("PREFERENCES", "WINDOW").box()
        yield from tale.shoot("runtime", Box(page.left, page.bottom + page.height - 470, page.width, 240))
    finally:
        area.type = "VIEW_3D"
        preferences.system.use_online_access = False
    yield from show_tab()


def show_dialog(tale: Tale) -> Waits:
    """As for a file that was dropped, with two people ticked."""
    view = VIEW.box()
    event("MOUSEMOVE", "NOTHING", (view.left + view.width // 3, view.bottom + 40))
    yield REST
    with VIEW.override():
        bpy.ops.jumps.import_tracks("INVOKE_DEFAULT", filepath=str(sample()), people="all", chosen_already=True)
    yield 1.5
    yield from tale.shoot("import", Box(0, 0, 490, view.bottom + view.height - 40))
    yield from press("ESC", middle(VIEW))
    yield 0.5


def show_import(tale: Tale) -> Waits:
    """The sample, as its button imports it."""
    before = set(bpy.data.objects.keys())
    with VIEW.override():
        bpy.ops.jumps.import_tracks("EXEC_DEFAULT", True, filepath=str(sample()))
    yield from tale.made("keypoints", before, 20)
    look_from_the_front()
    yield from take_view(tale, "tutorial_import")


def show_problem(tale: Tale) -> Waits:
    """Where the knees change names, and one is rejected."""
    yield from run(bpy.ops.jumps.check_tracks)
    bpy.ops.object.mode_set(mode="POSE")
    bpy.context.scene.frame_set(KNEES)
    look_at_pose(near=2.0)
    yield from take_view(tale, "tutorial_check")
    bpy.ops.object.mode_set(mode="OBJECT")


def show_result(tale: Tale) -> Waits:
    """The somersault of 28 joints."""
    before = set(bpy.data.objects.keys())
    yield from run(bpy.ops.jumps.upsample)
    yield from tale.made("result", before, 90)
    tale["keypoints"].hide_set(True)
    tale.activate("result")
    bpy.ops.object.mode_set(mode="POSE")
    bpy.context.scene.frame_set(SOMERSAULT)
    look_at_pose(near=2.0)
    yield from take_view(tale, "tutorial_result")


def show_hand(tale: Tale) -> Waits:
    """Before, with the wrist moved, and after."""
    bpy.context.scene.frame_set(WRIST_FRAME)
    look_at_pose()
    space: Any = VIEW.find()[1].spaces.active
    space.show_gizmo = False
    view, parts = VIEW.box(), ("hand-1", "hand-2", "hand-3")
    part = Box(view.left + (view.width - 330) // 2, view.bottom + 40, 330, 560)
    yield from tale.shoot(parts[0], part)
    joint = tale["result"].pose.bones[WRIST]
    joint.location = [old + by for old, by in zip(joint.location, WRIST_MOVED, strict=True)]
    joint.keyframe_insert("location", frame=WRIST_FRAME)
    with VIEW.override():
        bpy.ops.ed.undo_push(message="moved")
    yield from tale.shoot(parts[1], part)
    yield from run(bpy.ops.jumps.resolve)
    yield from tale.shoot(parts[2], part)
    yield from join("tutorial_hand", tale.pictures, parts)
    space.show_gizmo = True
    yield from take_view(tale, "editing")


def show_feet(tale: Tale) -> Waits:
    """A foot that is held."""
    yield from run(bpy.ops.jumps.lock_feet)
    bpy.context.scene.frame_set(FEET_FRAME)
    look_at_pose()
    yield from take_view(tale, "tutorial_feet")
    bpy.ops.object.mode_set(mode="OBJECT")


def show_mending(tale: Tale) -> Waits:
    """Points of all kinds: one that was ignored, one that was moved."""
    tale["result"].hide_set(True)
    tale["keypoints"].hide_set(False)
    keypoints = tale.activate("keypoints")
    bpy.ops.object.mode_set(mode="POSE")
    bpy.context.scene.frame_set(MENDED)
    ignored, moved = (keypoints.pose.bones[name] for name in ("left_elbow", "right_wrist"))
    select(keypoints, ignored.name)
    yield from run(bpy.ops.jumps.ignore_joints)
    moved.location[2] -= 0.1
    moved.keyframe_insert("location", frame=MENDED)
    look_at_pose(near=1.7)
    yield from take_view(tale, "mending")
    bpy.ops.object.mode_set(mode="OBJECT")


def show_solving(tale: Tale) -> Waits:
    """A long clip while it is solved."""
    tale["keypoints"].hide_set(True)
    before = set(bpy.data.objects.keys())
    bpy.ops.jumps.import_tracks(filepath=str(write_clip(sample(), LONG, tale.folder)))
    (tale.names["long"],) = set(bpy.data.objects.keys()) - before
    bpy.context.scene.frame_set(WAVE)
    look_from_the_front()
    with VIEW.override():
        bpy.ops.jumps.upsample("INVOKE_DEFAULT", True)
    yield from until(bpy.ops.jumps.keep.poll, 60, "the first finished frames")
    yield 1.0
    yield from take_view(tale, "solving")
    bpy.ops.jumps.cancel()
    yield 1.0
    bpy.data.objects.remove(tale["long"])
    tale["result"].hide_set(False)


def show_rig(tale: Tale) -> Waits:
    """Rigify's own human follows."""
    addon_utils.enable("rigify", default_set=True)
    before = set(bpy.data.objects.keys())
    bpy.ops.object.armature_basic_human_metarig_add()
    (tale.names["metarig"],) = set(bpy.data.objects.keys()) - before
    tale["metarig"].location.x = SIDE
    yield from _lead(tale, "metarig")
    bpy.context.scene.frame_set(WRIST_FRAME)
    look_at([tale["result"], tale["metarig"]])
    yield from take_view(tale, "tutorial_rig")


def _lead(tale: Tale, role: str) -> Waits:
    """Let a rig follow the result, with the panel that tells of it open."""
    settings: Any = bpy.context.scene.jumps_rig
    settings.source, settings.target = tale["result"], tale[role]
    tale.activate(role)
    yield from run(bpy.ops.jumps.lead_rig)
    yield from unfold("jumps.bake_rig")


def show_film(tale: Tale) -> Waits:
    """The result and the rig, from the roof to the ground."""
    space: Any = VIEW.find()[1].spaces.active
    overlay = space.overlay
    space.show_region_ui = space.show_gizmo = False
    overlay.show_ortho_grid = overlay.show_text = overlay.show_cursor = False
    space.shading.background_type = "VIEWPORT"
    tale.activate("result")
    bpy.ops.object.mode_set(mode="POSE")
    yield 1.0
    look_at([tale["result"], tale["metarig"]], FILM)
    view, names = VIEW.box(), []
    for frame in FILM:
        bpy.context.scene.frame_set(frame)
        names.append(f"film-{frame}")
        yield from tale.shoot(names[-1], Box(view.left + 100, view.bottom, view.width - 200, view.height - 60))
    yield from film("tutorial", tale.pictures, names)
    bpy.ops.object.mode_set(mode="OBJECT")
    overlay.show_ortho_grid = overlay.show_text = overlay.show_cursor = space.show_gizmo = True
    space.shading.background_type = "THEME"
    yield from show_tab()


def show_generated_rig(tale: Tale) -> Waits:
    """A rig that Rigify generated follows."""
    bpy.context.scene.frame_set(1)
    yield from run(bpy.ops.jumps.free_rig)
    tale.activate("metarig")
    before = set(bpy.data.objects.keys())
    with VIEW.override():
        bpy.ops.pose.rigify_generate()
    (tale.names["rig"],) = (name for name in set(bpy.data.objects.keys()) - before if not name.startswith("WGT"))
    tale["metarig"].hide_set(True)
    tale["rig"].location.x = 2 * SIDE
    bpy.context.scene.jumps_rig.limbs = "legs"
    yield from _lead(tale, "rig")
    bpy.context.scene.frame_set(WAVE)
    look_at([tale["result"]], beside=2 * SIDE)  # its controls on the floor are far below
    yield from take_view(tale, "onto_rig")


STEPS: tuple[Callable[[Tale], Any], ...] = (
    install, show_panel, show_preferences, show_dialog, show_import, show_problem, show_result, show_hand, show_feet,
    show_mending, show_solving, show_rig, show_film, show_generated_rig,
)  # fmt: skip
