"""The driver's side of one solving process."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from .. import errors
from ..errors import JumpsError, WorkerError
from .options import BatchOptions
from .records import ShotRecord, record_of

START: Final = Path(__file__).with_name("start.py")

THREADS: Final = (
    "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)  # fmt: skip
"""Read by the libraries below numpy and torch once, when they are loaded."""

LAUNCHERS: Final = ("LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH")
"""What a launcher of Blender may have set for Blender's own libraries; another interpreter must not load those."""


class Died(JumpsError):
    """The child ended without an answer, or took too long: this shot's fault as far as can be told."""


class Child:
    """A process that solves one shot after the other."""

    def __init__(self, options: BatchOptions) -> None:
        """Start it and wait until it has loaded the prior; raises JumpsError where it cannot."""
        self._interpreter = options.interpreter or sys.executable
        self._messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._complaints: deque[str] = deque(maxlen=5)
        self._process = self._start(options)
        for stream in (self._listen, self._hear):
            threading.Thread(target=stream, daemon=True).start()
        try:
            self._answer(None)
        except Died as error:
            self.stop()
            raise WorkerError(f"The solving process cannot work. {error}") from error
        except JumpsError:
            self.stop()
            raise

    def solve(self, task: dict[str, Any], timeout: float | None) -> ShotRecord:
        """Solve one shot.

        Raises:
            Died: the process is gone, and another one is needed.
            JumpsError: what is no fault of the shot.

        """
        assert self._process.stdin
        with suppress(OSError):  # it died between two shots; the answer tells of it
            self._process.stdin.write(json.dumps(task) + "\n")
            self._process.stdin.flush()
        return record_of(self._answer(timeout)["record"])

    def stop(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        if self._process.stdin:
            with suppress(OSError):  # what it did not take in is lost
                self._process.stdin.close()

    def _start(self, options: BatchOptions) -> subprocess.Popen[str]:
        environment = {**os.environ, **dict.fromkeys(THREADS, str(options.threads))}
        if options.interpreter:
            environment = {name: value for name, value in environment.items() if name not in LAUNCHERS}
        words = [self._interpreter, "-I", "-B", str(START), options.solving.engine, options.solving.device]
        try:
            return subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                env=environment,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows: else a console flashes up
            )
        except OSError as error:
            reason = error.strerror or error
            raise WorkerError(f"The Python {self._interpreter!r} cannot be run ({reason}): name another.") from error

    def _answer(self, timeout: float | None) -> dict[str, Any]:
        try:
            message = self._messages.get(timeout=timeout)
        except queue.Empty:
            raise Died(f"It took longer than {timeout:g} s and was ended (--timeout).") from None
        if message is None:
            raise Died(self._describe_death())
        if message["kind"] == "failed":
            raise _as_error(message["error"], message["message"])
        return message

    def _describe_death(self) -> str:
        status = self._process.wait()
        how = f"was killed by signal {-status}" if status < 0 else f"ended with exit status {status}"
        words = f"its last words: {self._complaints[-1]}" if self._complaints else "without a word"
        return f"The solving process ({self._interpreter}) {how}, {words}. Is the machine short of memory?"

    def _listen(self) -> None:
        assert self._process.stdout
        with self._process.stdout as stream:
            for line in stream:
                try:
                    self._messages.put(json.loads(line))
                except ValueError:
                    self._complaints.append(line.rstrip())
                    break
        self._messages.put(None)

    def _hear(self) -> None:
        assert self._process.stderr
        with self._process.stderr as stream:
            self._complaints.extend(line.rstrip() for line in stream if line.strip())


def _as_error(name: str, text: str) -> JumpsError:
    kind = getattr(errors, name, None)
    if isinstance(kind, type) and issubclass(kind, JumpsError):
        return kind(text)
    return WorkerError(f"The solving process cannot work ({name}: {text}).")
