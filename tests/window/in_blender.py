"""A story in Blender, a bit at each tick of a timer: `blender --python in_blender.py -- STORY ZIP PICTURES FOLDER`."""

from __future__ import annotations

import importlib
import json
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import bpy

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

from tests.window.tale import Tale  # noqa: E402  found beside this script only

STORY = importlib.import_module(f"tests.window.{sys.argv[-4]}")

sys.path.remove(str(REPOSITORY))  # the zip has to do without the checkout

ARCHIVE, PICTURES, FOLDER = (Path(word) for word in sys.argv[-3:])


def run() -> Any:
    """All steps, as one generator of waits."""
    tale = Tale(ARCHIVE, PICTURES, FOLDER)
    for step in STORY.STEPS:
        begin = time.monotonic()
        yield from step(tale)
        print("step", json.dumps({"step": step.__name__, "seconds": round(time.monotonic() - begin, 1)}), flush=True)
    tale.watch.tell("short clip")
    print("window: done", flush=True)


RUNNING = run()


def tick() -> float | None:
    """Go on to the next wait."""
    try:
        return next(RUNNING)
    except StopIteration:
        bpy.ops.wm.quit_blender()
    except Exception:  # noqa: BLE001  whatever it is, Blender must not stay open
        traceback.print_exc()
        print("picture window-failed", flush=True)
        time.sleep(2)  # it is taken meanwhile
        bpy.ops.wm.quit_blender()
    return None


bpy.context.preferences.view.show_splash = False
bpy.context.preferences.view.filebrowser_display_type = "SCREEN"  # in the same window
bpy.app.timers.register(tick, first_interval=3.0, persistent=True)
