"""Commands that take minutes: heard line by line, cancelled at once, and gone when Blender is."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from ..errors import Cancelled, EngineError
from ..worker.client import UNWANTED_ENVIRONMENT

Hear = Callable[[str], None]
Cancel = Callable[[], bool]

_ATTACHED: Final = Path(__file__).with_name("attached.py")
_PATIENCE: Final = 0.2
"""Seconds between two looks at whether to cancel."""


def clean_environment(**more: str) -> dict[str, str]:
    """This process's environment, less what a launcher set for Blender's own libraries, and with `more`."""
    return {**{name: value for name, value in os.environ.items() if name not in UNWANTED_ENVIRONMENT}, **more}


def run_module(python: str, words: Sequence[str], environment: Mapping[str, str], hear: Hear, cancel: Cancel) -> int:
    """Run `python -m WORDS` to its end; its exit status.

    `hear` is given each line that it prints, and an empty one now and then while it prints nothing.

    Raises:
        Cancelled: `cancel` said so; the process is dead.
        EngineError: that Python cannot be run.

    """
    try:
        process = subprocess.Popen(
            [python, "-I", "-B", str(_ATTACHED), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env=dict(environment),
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows: else a console flashes up
        )
    except OSError as error:
        raise EngineError(
            f"The Python {python!r} cannot be run ({error.strerror or error}). Name another one, 3.10 or newer."
        ) from error
    try:
        return _listen(process, hear, cancel)
    finally:
        process.kill()
        process.wait()
        if process.stdin:
            process.stdin.close()


def _listen(process: subprocess.Popen[str], hear: Hear, cancel: Cancel) -> int:
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    line: str | None = ""
    while line is not None:
        if cancel():
            raise Cancelled("Cancelled. What was downloaded is kept: the next installation goes on with it.")
        hear(line)
        try:
            line = lines.get(timeout=_PATIENCE)
        except queue.Empty:
            line = ""
    return process.wait()


def _read(stream: IO[str], lines: queue.Queue[str | None]) -> None:
    with stream:
        for line in stream:
            lines.put(line.rstrip())
    lines.put(None)
