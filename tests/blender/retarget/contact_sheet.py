"""The shipped sample on a generated Rigify human, on Mixamo's names and on a cut-out, drawn: look at it.

    python -m tests.blender.retarget.contact_sheet FILE.png

Left is left, elbows and knees bend the right way, and of a cut-out's limbs the nearer one is drawn over the other. Each
figure is moved into its cell: he jumps off a roof on the way.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import bpy
import numpy as np
from PIL import Image, ImageDraw

from demo.drawing import COLOURS, OUTLINE, write_text
from jumps_blender.blender.retarget.channels import LAYER
from jumps_blender.core.body.skeleton import JOINTS, PARENTS
from tests.blender.retarget.rigs_at_hand import KINDS, make_cutout, make_rig

SAMPLE: Final = Path(__file__).parents[3] / "jumps_blender" / "samples" / "rooftop_coco17.json"
FRAMES: Final = (12, 41, 95, 113, 140, 152, 204, 221)
CELL: Final = (190, 230)
BACKGROUND, GROUND = (24, 25, 28), (84, 86, 92)

Segment = tuple[str, float, np.ndarray]
"""A bone's name, how near it is to the viewer, and its head and tail (2, 3) in armature space."""


@dataclass(frozen=True)
class Row:
    """An armature as it is shown: `poses` by frame; `title`; `width` of its limbs in pixels."""

    title: str
    poses: dict[int, list[Segment]]
    width: int


def colour_of(bone: str) -> tuple[int, int, int]:
    """By the side that a bone's name tells."""
    name = bone.lower()
    if name.endswith((".l", "_l")) or ".l." in name or "left" in name:
        return COLOURS["left"]
    return COLOURS["right"] if name.endswith((".r", "_r")) or ".r." in name or "right" in name else COLOURS["middle"]


def capture(title: str, ob: Any, chosen: Callable[[Any], bool], width: int) -> Row:
    """Heads and tails of the chosen bones of an armature."""
    poses = {}
    for frame in FRAMES:
        bpy.context.scene.frame_set(frame)
        bones = ob.evaluated_get(bpy.context.evaluated_depsgraph_get()).pose.bones
        poses[frame] = [
            (bone.name, bone.get(LAYER, -bone.center.y), np.array([bone.head, bone.tail])) for bone in bones
            if chosen(bone)
        ]  # fmt: skip
    return Row(title, poses, width)


def person(result: Any) -> Row:
    """The 28 joints themselves, from parent to child."""
    row = capture("28 joints", result, lambda _: True, 4)
    poses = {}
    for frame, segments in row.poses.items():
        heads = {name: ends[0] for name, _, ends in segments}
        poses[frame] = [
            (joint, 0.0, np.array([heads[JOINTS[parent]], heads[joint]]))
            for joint, parent in zip(JOINTS, PARENTS, strict=True)
            if parent >= 0
        ]
    return Row(row.title, poses, row.width)


def draw(rows: list[Row]) -> Image.Image:
    """All rows, a column for each frame; every figure is as large as its row allows, and moves within its cell."""
    sheet = Image.new("RGB", (CELL[0] * len(FRAMES), CELL[1] * len(rows)), BACKGROUND)
    for number, row in enumerate(rows):
        tall = max(np.ptp([ends[:, 2] for *_, ends in pose]) for pose in row.poses.values())
        for column, frame in enumerate(FRAMES):
            corner = np.array([column * CELL[0], number * CELL[1]])
            draw_pose(ImageDraw.Draw(sheet), row.poses[frame], corner, 0.72 * CELL[1] / tall, row.width)
            write_text(sheet, (corner[0] + 8, corner[1] + CELL[1] - 24), f"{row.title}, {frame}", 13)
    return sheet


def draw_pose(sheet: ImageDraw.ImageDraw, pose: list[Segment], corner: np.ndarray, scale: float, width: int) -> None:
    """Limbs from back to front, the figure in the middle of its cell, its lowest point on a line."""
    points = np.array([ends for *_, ends in pose])[..., [0, 2]]
    middle, low = points[..., 0].mean(), points[..., 1].min()
    floor = corner[1] + 0.86 * CELL[1]
    sheet.line([(corner[0] + 12, floor), (corner[0] + CELL[0] - 12, floor)], fill=GROUND)
    for name, _, ends in sorted(pose, key=lambda segment: segment[1]):
        places = [(corner[0] + CELL[0] / 2 + scale * (x - middle), floor - scale * (z - low)) for x, _, z in ends]
        for extra in (2, 0):
            colour = OUTLINE if extra else colour_of(name)
            sheet.line(places, fill=colour, width=width + extra)
            for place in places:
                sheet.circle(place, (width + extra) / 2, fill=colour)


def main(path: Path) -> None:
    """Solve the sample, lead and bake each rig, and draw them."""
    import addon_utils  # which Python knows after bpy

    bpy.ops.wm.read_factory_settings(use_empty=True)
    addon_utils.enable("jumps_blender", default_set=True)
    bpy.context.scene.render.fps = 30
    bpy.ops.jumps.import_tracks(filepath=str(SAMPLE))
    bpy.ops.jumps.upsample()
    result = next(ob for ob in bpy.data.objects if ob.get("jumps_result") is not None)
    rows = [person(result)]
    if addon_utils.enable("rigify", default_set=True) is not None:
        bpy.ops.object.armature_human_metarig_add()
        bpy.ops.pose.rigify_generate()
        rows.append(baked("Rigify", result, bpy.data.objects["rig"], lambda bone: bone.name.startswith("DEF-"), 3))
    rows.append(baked("Mixamo", result, make_rig(KINDS["mixamo"], "T", "mixamorig:"), lambda bone: bone.children, 5))
    rows.append(baked("cut-out", result, make_cutout(), lambda _: True, 12, stretch=True, layers=True))
    draw(rows).save(path)


def baked(title: str, result: Any, rig: Any, chosen: Callable[[Any], bool], width: int, **options: bool) -> Row:
    """A rig that the performance led."""
    for name, value in options.items():
        setattr(bpy.context.scene.jumps_rig, name, value)
    bpy.ops.jumps.lead_rig(source=result.name, target=rig.name)
    bpy.ops.jumps.bake_rig()
    return capture(title, rig, chosen, width)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    finally:
        os._exit(0)  # Rigify lets no Blender 4.5 end
