"""Blender's side of the worker process; knows nothing of Blender, so it also serves scripts and tests.

worker = Worker(interpreter, request)
worker.start()
while not worker.ended:
    for message in worker.poll():      # never blocks
        ...                            # an Answer is a stretch of frames that are finished
answer = worker.answer()               # or worker.wait(), which blocks until the end
part = worker.partial()                # what is finished, also after cancel() or a failure
"""

from __future__ import annotations

import atexit
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, Self

from .. import errors
from ..errors import Cancelled, JumpsError, WorkerError
from . import protocol
from .protocol import Answer, Failed, Finished, Message, Progress, Request, Stretch, name_joint_set

__all__ = ["Answer", "Heard", "Progress", "Request", "Worker", "as_error", "name_joint_set"]

Heard = Message | Answer
"""What a worker said; in the place of a stretch's message what it tells of."""

START: Final = Path(__file__).with_name("start.py")

UNWANTED_ENVIRONMENT: Final = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH")
"""What a launcher of Blender may have set for Blender's own libraries; another interpreter must not load those."""

RECENT: Final[deque[str]] = deque(maxlen=30)
"""What the last workers complained of, and what they failed of: for diagnostics."""

CHOOSE: Final = "Choose another Python in the JUMPS preferences (Edit > Preferences > Add-ons > JUMPS)."


class Worker:
    """One worker process doing one request. Use as a context manager, or call `close` at the end."""

    def __init__(self, interpreter: str, request: Request) -> None:
        """Prepare to run `request` in the Python at the path `interpreter`; empty means this very Python."""
        self.interpreter = interpreter or sys.executable
        self.end: Finished | Failed | None = None
        """The last message, once it was polled."""
        self._request = request
        self._folder: Path | None = None
        self._process: subprocess.Popen[str] | None = None
        self._parts: list[Answer] = []
        self._messages: queue.Queue[Heard] = queue.Queue()
        self._complaints: deque[str] = deque(maxlen=20)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def start(self) -> None:
        """Write the job's folder and start the process.

        Raises:
            WorkerError: the job cannot be written, or the interpreter does not exist or cannot be run.

        """
        atexit.register(self.close)
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="jumps-"))
            self._request.write(self._folder)
        except OSError as error:
            self.close()
            raise WorkerError(
                f"The job cannot be written to {tempfile.gettempdir()} ({error.strerror or error}). Make room there."
            ) from error
        try:
            self._process = self._popen(self._folder)
        except OSError as error:
            self.close()
            reason = error.strerror or str(error)
            raise WorkerError(f"The worker's Python {self.interpreter!r} cannot be run ({reason}). {CHOOSE}") from error
        threading.Thread(target=self._listen, args=(self._process,), daemon=True).start()

    @property
    def ended(self) -> bool:
        """Whether the last message was polled."""
        return self.end is not None

    def poll(self) -> list[Heard]:
        """The messages that came since the last poll; never blocks. The last one is Finished or Failed."""
        messages: list[Heard] = []
        while self.end is None:
            try:
                messages.append(self._note(self._messages.get_nowait()))
            except queue.Empty:
                break
        return messages

    def wait(self, on_message: Callable[[Heard], None] | None = None) -> Answer:
        """Block until the end; hand each message to `on_message` on the way.

        Raises:
            JumpsError: what the worker failed of.

        """
        while self.end is None:
            message = self._note(self._messages.get())
            if on_message:
                on_message(message)
        return self.answer()

    def answer(self) -> Answer:
        """The result, after the last message was polled.

        Raises:
            JumpsError: what the worker failed of.

        """
        if isinstance(self.end, Failed):
            raise as_error(self.end)
        whole = self.partial()
        if self.end is None or whole is None:
            raise WorkerError("The worker process has not ended yet: wait for its last message.")
        return whole

    def partial(self) -> Answer | None:
        """What is finished of what was polled; None as long as nothing is."""
        return Answer.joined(self._parts) if self._parts else None

    def cancel(self) -> None:
        """Stop the process at once; the last message is then `Cancelled`. Does nothing after the end."""
        if self.end is None:
            self.end = Failed(Cancelled.__name__, "Cancelled: nothing was changed.")
            self._kill()

    def close(self) -> None:
        """Stop the process if it still runs and remove the job's folder; may be called twice."""
        atexit.unregister(self.close)
        self._kill()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _note(self, message: Heard) -> Heard:
        if isinstance(message, Answer):
            self._parts.append(message)
        elif isinstance(message, Finished | Failed):
            self.end = message
        if isinstance(message, Failed):
            RECENT.append(f"{message.error}: {message.message}")
        return message

    def _popen(self, folder: Path) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.interpreter, "-I", "-B", str(START), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
            env={name: value for name, value in os.environ.items() if name not in UNWANTED_ENVIRONMENT},
            cwd=folder,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows: else a console flashes up
        )

    def _kill(self) -> None:
        process = self._process
        if process is None:
            return
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdin and not process.stdin.closed:
            process.stdin.close()

    def _listen(self, process: subprocess.Popen[str]) -> None:
        """In a thread: move messages into the queue until the process ends; its last one is Finished or Failed."""
        complaining = threading.Thread(target=self._hear_complaints, args=(process.stderr,), daemon=True)
        complaining.start()
        last = self._read_messages(process)
        status = process.wait()
        complaining.join(timeout=5)
        if not isinstance(last, Finished | Failed):
            self._messages.put(Failed(WorkerError.__name__, self._describe_death(status)))

    def _read_messages(self, process: subprocess.Popen[str]) -> Heard | None:
        assert process.stdout
        message: Heard | None = None
        with process.stdout:
            for line in process.stdout:
                message = self._understand(line, process)
                self._messages.put(message)
                if isinstance(message, Finished | Failed):
                    break
        return message

    def _understand(self, line: str, process: subprocess.Popen[str]) -> Heard:
        try:
            message = protocol.decode(line)
        except WorkerError as error:
            process.kill()
            return Failed(WorkerError.__name__, f"{error} Or is {self.interpreter} no Python? {CHOOSE}")
        if not isinstance(message, Stretch) or self._folder is None:
            return message
        try:
            return Answer.read(self._folder, message)
        except WorkerError as error:
            process.kill()
            return Failed(WorkerError.__name__, str(error))

    def _hear_complaints(self, stream: IO[str]) -> None:
        with stream:
            for line in filter(str.strip, stream):
                self._complaints.append(line.rstrip())
                RECENT.append(line.rstrip())

    def _describe_death(self, status: int) -> str:
        how = f"was killed by signal {-status}" if status < 0 else f"ended with exit status {status}"
        last_words = f"its last words: {self._complaints[-1]}" if self._complaints else "without a word"
        return (
            f"The worker process ({self.interpreter}) {how}, {last_words}. Nothing was changed. Run it again; if it "
            f"dies again, the computer may lack memory, or that Python is damaged. {CHOOSE}"
        )


def as_error(failed: Failed) -> JumpsError:
    """The error that a worker met, as one of ours."""
    kind = getattr(errors, failed.error, None)
    if isinstance(kind, type) and issubclass(kind, JumpsError):
        return kind(failed.message)
    return WorkerError(f"The worker process failed ({failed.error}: {failed.message}). Please report this as a bug.")
