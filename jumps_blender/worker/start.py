"""The worker process: `<python> -I -B .../jumps_blender/worker/start.py JOB_FOLDER`.

This file also has to run where nothing else can, in an old Python or one without numpy, and say what is missing: so it
imports the package, and with it the work itself (`job.py`), late.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import NoReturn, TextIO

PACKAGE = Path(__file__).resolve().parents[1]
OLDEST_PYTHON = (3, 10)
REMEDY = "Choose another Python in the JUMPS preferences, or install {} into this one."


def main(folder: Path) -> int:
    """Do the job in `folder`; 0 when it was done, 1 when the last line printed is an error."""
    out = take_stdout()
    threading.Thread(target=end_with_blender, args=(folder,), daemon=True).start()
    missing = missing_here()
    if missing:
        say_failed(out, "EngineError", missing)
        return 1
    try:
        sys.path.insert(0, str(PACKAGE.parent))
        importlib.import_module(PACKAGE.name + ".worker.job").run(folder, out)
    except BaseException as error:  # whatever it is, Blender's user must read of it
        try:
            say_failed(out, type(error).__name__, str(error) or "no further description")
        except OSError:  # nobody listens: Blender crashed between two messages
            leave(folder)
        if not is_for_people(error):
            raise
        return 1
    return 0


def take_stdout() -> TextIO:
    """Keep standard output for messages: what libraries print there goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    os.dup2(2, 1)
    return out


def end_with_blender(folder: Path) -> None:
    """End at once when standard input ends: Blender closed it, or crashed, and nobody would read the result."""
    while os.read(0, 4096):
        pass
    leave(folder)


def leave(folder: Path) -> NoReturn:
    """End without a result, and without leaving anything behind.

    What another thread is still writing finds no folder of that name, and cannot come into one that is being emptied.
    """
    gone = folder.with_name(f"{folder.name}.gone")
    with contextlib.suppress(OSError):
        folder.rename(gone)
    for each in (gone, folder):
        shutil.rmtree(each, ignore_errors=True)
    os._exit(2)


def missing_here() -> str:
    """What this interpreter lacks to run the core at all; empty when nothing."""
    if sys.version_info < OLDEST_PYTHON:
        found, needed = sys.version.split()[0], ".".join(map(str, OLDEST_PYTHON))
        return f"{sys.executable} is Python {found}, but {needed} or newer is needed. " + REMEDY.format("a newer one")
    try:
        import numpy as np  # noqa: F401
    except ImportError as error:
        return f"{sys.executable} has no numpy ({error}). " + REMEDY.format("numpy")
    return ""


def is_for_people(error: BaseException) -> bool:
    """Whether the message says all there is to say, so that no traceback needs to follow it."""
    errors = sys.modules.get(PACKAGE.name + ".errors")
    return errors is not None and isinstance(error, errors.JumpsError)


def say_failed(out: TextIO, error: str, message: str) -> None:
    """Say `protocol.Failed`, also where the protocol's module cannot be imported."""
    out.write(json.dumps({"kind": "failed", "error": error, "message": message}) + "\n")
    out.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
