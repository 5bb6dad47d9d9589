"""Run a module as `python -m` does, but end when standard input ends: `<python> -I -B .../attached.py MODULE WORDS...`.

Blender holds the other end, so a Blender that crashes takes pip along, which would else go on writing. This file also
runs in Pythons that hold nothing of ours.
"""

from __future__ import annotations

import os
import runpy
import sys
import threading


def end_with_blender() -> None:
    """End at once when Blender closed standard input, or crashed."""
    while os.read(0, 4096):
        pass
    os._exit(2)


if __name__ == "__main__":
    threading.Thread(target=end_with_blender, daemon=True).start()
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
