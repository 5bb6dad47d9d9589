"""Shots tried in several solving processes at once; what came of each is handed to the caller's thread."""

from __future__ import annotations

import json
import os
import queue
import shutil
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..errors import JumpsError, OutputError
from .child import Child, Died
from .options import BLEND, BatchOptions, Solving, tools
from .records import DONE, FAILED, RECORD, SHOTS, Error, ShotRecord, read_record, write_record
from .shots import Shot, fingerprint

BLEND_FILE: Final = "shot.blend"
WORK: Final = ".work"
_STALE: Final = 3600
"""Seconds after which what a killed run left behind is removed."""

_GLANCE: Final = 0.5
"""Seconds between two looks, so that an interrupt is heard on every system."""


@dataclass(frozen=True)
class Attempt:
    """What came of a shot; `work` holds its results until `settle`, None where it was done before."""

    shot: Shot
    record: ShotRecord
    work: Path | None


def attempts(options: BatchOptions, shots: Sequence[Shot]) -> Iterator[Attempt]:
    """Try all shots; those that are done, with the same content, settings and versions, are not solved again.

    Raises:
        JumpsError: what is no fault of a shot; nothing more is tried then.

    """
    waiting, told = deque(shots), queue.Queue[Attempt | BaseException]()
    lanes = [_Lane(options, waiting, told) for _ in range(min(options.jobs, len(shots)))]
    for lane in lanes:
        lane.thread.start()
    try:
        for _ in shots:
            news = _next(told)
            if isinstance(news, BaseException):
                raise news
            yield news
    finally:
        waiting.clear()
        for lane in lanes:
            lane.stop()
        while not told.empty():
            left = told.get()
            clear(options.output, left.work if isinstance(left, Attempt) else None)


def _next(told: queue.Queue[Attempt | BaseException]) -> Attempt | BaseException:
    while True:
        try:
            return told.get(timeout=_GLANCE)
        except queue.Empty:
            continue


class _Lane:
    """A thread with a solving process of its own, which is started when a shot needs it, and again where it died."""

    def __init__(self, options: BatchOptions, waiting: deque[Shot], told: queue.Queue[Attempt | BaseException]) -> None:
        self._options, self._waiting, self._told = options, waiting, told
        self._child: Child | None = None
        self._ended = False
        self.thread = threading.Thread(target=self._run, daemon=True)

    def stop(self) -> None:
        """End the process and with it the thread."""
        self._ended = True
        if self._child:
            self._child.stop()
        self.thread.join(timeout=10)
        self._drop()  # another may have been started in the meantime

    def _run(self) -> None:
        while not self._ended:
            try:
                shot = self._waiting.popleft()
            except IndexError:
                return
            try:
                self._told.put(self._attempt(shot))
            except BaseException as error:  # noqa: BLE001  the caller's thread raises it
                self._told.put(error)
                return

    def _attempt(self, shot: Shot) -> Attempt:
        options, folder = self._options, folder_of(self._options, shot)
        try:
            key = key_of(options, fingerprint(shot.path))
        except JumpsError as error:
            failed = ShotRecord(shot.name, shot.path.name, FAILED, error=Error.of(error))
            return Attempt(shot, failed, new_work(options.output))
        known = None if options.again else read_record(folder)
        if known and is_done(known, key, folder, options):
            return Attempt(shot, known, None)
        work = new_work(options.output)
        return Attempt(shot, replace(self._solve(shot, key, work), key=key), work)

    def _solve(self, shot: Shot, key: dict[str, Any], work: Path) -> ShotRecord:
        options = self._options
        task = {
            "shot": shot.name, "path": str(shot.path.absolute()), "work": str(work.absolute()),
            "content": key["content"], "solving": asdict(options.solving),
        }  # fmt: skip
        begin = time.perf_counter()
        try:
            if self._child is None:
                self._child = Child(options)
            return self._child.solve(task, options.timeout)
        except Died as error:
            self._drop()
            seconds = round(time.perf_counter() - begin, 3)
            why = Error("WorkerError", str(error))
            return ShotRecord(shot.name, shot.path.name, FAILED, error=why, seconds=seconds)
        except BaseException:
            clear(options.output, work)
            raise

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child:
            child.stop()


def folder_of(options: BatchOptions, shot: Shot) -> Path:
    """Where the results of a shot lie."""
    return options.output / SHOTS / shot.name


def key_of(options: BatchOptions, content: str) -> dict[str, Any]:
    """All that decides what comes out of a shot with this content."""
    key = {"content": content, "solving": asdict(options.solving), "tools": tools()}
    if BLEND in options.outputs:
        key["scene"] = options.scene.key()
    return json.loads(json.dumps(key))


def is_done(record: ShotRecord, key: dict[str, Any], folder: Path, options: BatchOptions) -> bool:
    """Whether a shot's results are there, of the same content, settings and versions."""
    wanted = {BLEND_FILE} if BLEND in options.outputs else set()
    there = all((folder / name).is_file() for name in record.outputs)
    same = all(_told(record.key, name) == value for name, value in key.items())
    return record.status == DONE and same and wanted <= set(record.outputs) and there


def _told(key: dict[str, Any], name: str) -> Any:
    """A part of a record's key; one that was written before there was a choice says what was done then."""
    if name == "solving":
        return json.loads(json.dumps(asdict(Solving()))) | key.get(name, {})
    return key.get(name, {} if name == "scene" else None)


def new_work(output: Path) -> Path:
    """A folder for the results of a shot until they are whole, beside which old ones of killed runs go; OutputError."""
    try:
        (output / WORK).mkdir(parents=True, exist_ok=True)
        for left in (output / WORK).iterdir():
            if time.time() - left.stat().st_mtime > _STALE:
                shutil.rmtree(left, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=output / WORK))
    except FileNotFoundError:  # another run has just removed it
        return new_work(output)
    except OSError as error:
        raise OutputError(f"{output} cannot be written to: {error.strerror}. Choose another folder.") from error


def settle(options: BatchOptions, attempt: Attempt) -> None:
    """Move a shot's results to their place, then write its record, which says that they are there.

    Raises:
        OutputError: they cannot be written; the shot then has no record, and counts as not done.

    """
    folder, record, work = folder_of(options, attempt.shot), attempt.record, attempt.work
    assert work
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if record.status == DONE:
            old = read_record(folder)
            (folder / RECORD).unlink(missing_ok=True)
            for name in record.outputs:
                os.replace(work / name, folder / name)
            for name in set(old.outputs if old else ()) - set(record.outputs):
                if Path(name).name == name:
                    (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"The results of {attempt.shot.name} cannot be written: {error.strerror}.") from error
    write_record(folder, record)


def clear(output: Path, work: Path | None) -> None:
    """Remove a shot's working folder, and the folder of these where it was the last."""
    if work:
        shutil.rmtree(work, ignore_errors=True)
    with suppress(OSError):
        (output / WORK).rmdir()
