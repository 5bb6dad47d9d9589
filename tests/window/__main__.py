"""`make test-window`: the built zip in a real Blender with a real window, driven by mouse and keys.

    python3 -m tests.window ZIP [--blender PROGRAM] [--story NAME] [--pictures FOLDER] [--on-screen]

Runs under a screen of its own (Xvfb), so that nobody's desktop is disturbed and pictures look alike everywhere, or with
`--on-screen` on the display there is. What is done stands in `story.py`; pictures of it go to `out/window`, or to the
folder that `--pictures` names. `--story gallery` takes those of the documentation instead: `--pictures docs/images`.
Standard library only: runs wherever Blender runs.

Ends with 0 when all went well, 1 when something failed (the log says what), 2 when there is no Blender, no display or
no program for pictures here, which is said.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.versions.__main__ import complaints
from tests.window.errands import Errands

HERE: Final = Path(__file__).resolve().parent
LOG: Final = Path("out/window/log.txt")
STORIES: Final = {"story": (1600, 1000), "gallery": (1280, 800)}
"""Modules with steps, and the size of Blender's window in pixels."""

TIMEOUT: Final = 900
DONE: Final = "window: done"


def missing(blender: str, on_screen: bool) -> str:
    """What this machine lacks; empty when nothing."""
    if shutil.which(blender) is None:
        return (
            f"Found no Blender {blender!r}: install Blender, or name its program, make test-window BLENDER=/path/to/it"
        )
    if on_screen and not os.environ.get("DISPLAY"):
        return "Found no display (DISPLAY is not set): leave --on-screen away to use Xvfb"
    if not on_screen and shutil.which("Xvfb") is None:
        return "Found no Xvfb, the screen that is none: install it (Debian: apt-get install xvfb), or pass --on-screen"
    if shutil.which("import") is None:
        return "Found no program `import`, which takes the pictures: install ImageMagick (apt-get install imagemagick)"
    return ""


@contextmanager
def display(on_screen: bool, size: tuple[int, int]) -> Iterator[str]:
    """The name of an X display; a new one that ends with the block, or the one there is."""
    if on_screen:
        yield os.environ["DISPLAY"]
        return
    reading, writing = os.pipe()
    screen = f"{size[0]}x{size[1]}x24"
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "+extension", "GLX", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        with os.fdopen(reading) as told:
            number = told.readline().strip()
        try:
            if not number:
                raise SystemExit("Xvfb did not start.")
            yield f":{number}"
        finally:
            server.terminate()


def drive(blender: str, archive: Path, folder: Path, shown: str, story: str) -> tuple[int, str]:
    """Run a story; Blender's exit status, and all that it printed."""
    lines: list[str] = []
    errands = Errands(shown, folder)
    with tempfile.TemporaryDirectory(prefix="jumps-window-") as profile:
        surroundings = {**os.environ, "DISPLAY": shown, "BLENDER_USER_RESOURCES": profile, "PYTHONUNBUFFERED": "1"}
        surroundings.setdefault("LIBGL_ALWAYS_SOFTWARE", "1")
        surroundings.pop("WAYLAND_DISPLAY", None)  # pictures are taken of X11, and files dropped onto it
        command = [
            blender, "--factory-startup", "--enable-event-simulate",
            "-p", "0", "0", *map(str, STORIES[story]), "--python-exit-code", "1",
            "--python", str(HERE / "in_blender.py"), "--", story, str(archive), str(folder), profile,
        ]  # fmt: skip
        with subprocess.Popen(
            command, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        ) as process:
            watchdog = threading.Timer(TIMEOUT, process.kill)
            watchdog.start()
            assert process.stdout
            for line in process.stdout:
                lines.append(line)
                if line.startswith(("step ", "panel ", "view ", "window: ")):
                    print(line, end="", flush=True)
                errands.run(line)
            watchdog.cancel()
    return process.returncode, "".join(lines)


def verdict(status: int, text: str) -> str:
    """Why the run is none that went well; empty where it did."""
    found = complaints(text)
    if found:
        return found[-1]
    if DONE not in text.splitlines():
        return f"Blender ended with status {status} before the story did"
    return "" if status == 0 else f"Blender ended with status {status}"


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("zip", type=Path, help="the built extension")
    parser.add_argument("--blender", default="", help="the program (default: `blender` of the PATH)")
    parser.add_argument("--pictures", type=Path, default=Path("out/window"), help="folder for the pictures")
    parser.add_argument("--story", choices=STORIES, default="story", help="what is done (default: %(default)s)")
    parser.add_argument("--on-screen", action="store_true", help="on the display there is, not on one of its own")
    options = parser.parse_args()
    blender = options.blender or "blender"
    lacking = missing(blender, options.on_screen)
    if lacking:
        print(lacking, file=sys.stderr)
        return 2
    folder = options.pictures.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with display(options.on_screen, STORIES[options.story]) as shown:
        status, text = drive(blender, options.zip.resolve(), folder, shown, options.story)
    log = LOG.resolve()
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_text(text, encoding="utf-8")
    reason = verdict(status, text)
    print(f"failed: {reason} (see {LOG})" if reason else f"All went well; pictures: {options.pictures}")
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())
