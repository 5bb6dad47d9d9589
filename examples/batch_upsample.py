"""Upsample keypoint files without a window: import, upsample and save, for every person asked for.

With Blender:

    blender -b --python-exit-code 1 --python examples/batch_upsample.py -- tracks.json -o out.blend

With Blender as a Python module (pip install bpy):

    python examples/batch_upsample.py tracks.json -o out.blend

`--python-exit-code 1` comes before `--python`, else Blender ends with status 0 whatever happened.
The add-on is used as it is installed; where it is not, this checkout's is.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import bpy

CHECKOUT = Path(__file__).resolve().parents[1]
ADD_ON = "jumps_blender"


def options() -> argparse.Namespace:
    """What the user asked for: in Blender, what follows "--"."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:] * (not in_blender())
    parser = argparse.ArgumentParser(prog="batch_upsample.py", description="Keypoints in, 28 keyed joints out.")
    parser.add_argument("tracks", type=Path, help="a keypoint file, a folder of frames, or a zip")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the .blend file to write")
    parser.add_argument("--person", action="append", help="id of a person; may be repeated; default: the one seen best")
    parser.add_argument("--settings", default="default", choices=("draft", "default", "best", "paper"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--fps", type=float, default=0.0, help="frames per second of the clip; default: as the file says"
    )
    parser.add_argument(
        "--image-size", type=image_size, default=(0, 0), metavar="WxH", help="in pixels, for coordinates 0 to 1"
    )
    parser.add_argument("--scene-fps", type=int, help="frames per second of the scene; default: as it is")
    parser.add_argument("--interpreter", help="the Python that solves; default: as in the preferences")
    wanted = parser.parse_args(words)
    if not wanted.output.absolute().parent.is_dir():
        parser.error(f"{wanted.output.parent} is no folder: make it, or choose another one")
    return wanted


def image_size(text: str) -> tuple[int, int]:
    """1920x1080 as width and height."""
    width, height = text.lower().split("x")
    return int(width), int(height)


def in_blender() -> bool:
    """Whether Blender runs this script, not Python."""
    return bool(bpy.app.binary_path)


def enable_add_on() -> str | None:
    """Make the operators known; the module to disable at the end, None where the user had it enabled."""
    if "import_tracks" in dir(bpy.ops.jumps):
        return None
    import addon_utils  # a module of Blender's, known once bpy was imported

    sys.path.insert(0, str(CHECKOUT))
    addon_utils.enable(ADD_ON, default_set=True)
    return ADD_ON


def upsample(wanted: argparse.Namespace, person: str | None) -> str:
    """Import one person and upsample it; the name of the result."""
    bpy.ops.jumps.import_tracks(
        filepath=str(wanted.tracks), people=person or "", fps=wanted.fps, image_size=wanted.image_size
    )
    before = set(bpy.data.objects.keys())
    bpy.ops.jumps.upsample(settings=wanted.settings, seed=wanted.seed)
    (name,) = set(bpy.data.objects.keys()) - before
    return name


def run(wanted: argparse.Namespace) -> None:
    """Do all that was asked for, then write the file at once: a failure leaves none."""
    if wanted.scene_fps:
        bpy.context.scene.render.fps, bpy.context.scene.render.fps_base = wanted.scene_fps, 1.0
    if wanted.interpreter:
        addon = next(addon for key, addon in bpy.context.preferences.addons.items() if key.endswith(("jumps", ADD_ON)))
        addon.preferences.interpreter = wanted.interpreter
    for person in wanted.person or [None]:
        print(f"Made {upsample(wanted, person)!r}")
    whole = wanted.output.with_name(f".{wanted.output.name}.{os.getpid()}")
    bpy.ops.wm.save_as_mainfile(filepath=str(whole.resolve()), compress=True, copy=True)
    whole.replace(wanted.output)
    print(f"Wrote {wanted.output}")


def main() -> None:
    """Run; a class that stays registered keeps some versions of the module from ending, so take the add-on back."""
    wanted = options()
    if not in_blender():
        bpy.ops.wm.read_factory_settings(use_empty=True)
    module = enable_add_on()
    try:
        run(wanted)
    except RuntimeError as error:
        sys.exit(str(error).strip())
    finally:
        if module:
            import addon_utils

            addon_utils.disable(module, default_set=True)


if __name__ == "__main__":
    main()
