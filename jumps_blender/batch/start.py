"""The child process that solves: `<python> -I -B .../jumps_blender/batch/start.py ENGINE DEVICE`.

Reads tasks from standard input and answers on standard output, one JSON object a line:

    child -> driver   {"kind": "ready"}, then for each task {"kind": "record", "record": ...}
                      or {"kind": "failed", "error": ..., "message": ...}, which is no fault of the shot
    driver -> child   a task; the end of standard input, which means: end at once

The driver limits the threads by the environment before this starts. Also `start.py --main PROGRAM WORDS...`: the
command line, with the name by which it was called.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

PACKAGE = Path(__file__).resolve().parents[1]


def main(engine: str, device: str) -> int:
    """Solve what is asked for until standard input ends."""
    out = _take_stdout()
    tasks: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()
    try:
        solving = _package("batch.solving")
        upsampler = _package("core").Upsampler.load(engine=engine, device=device)
    except Exception as error:  # noqa: BLE001  whatever it is, the driver's user must read of it
        _say(out, kind="failed", error=type(error).__name__, message=str(error) or "no further description")
        return 1
    _say(out, kind="ready")
    while True:
        task = solving.Task.read(json.loads(tasks.get()))
        try:
            _say(out, kind="record", record=asdict(solving.solve_shot(upsampler, task)))
        except _package("errors").JumpsError as error:
            _say(out, kind="failed", error=type(error).__name__, message=str(error))


def _package(name: str) -> Any:
    if str(PACKAGE.parent) not in sys.path:
        sys.path.insert(0, str(PACKAGE.parent))
    return importlib.import_module(f"{PACKAGE.name}.{name}")


def _take_stdout() -> TextIO:
    """Keep standard output for answers: what libraries print there goes to standard error."""
    out = os.fdopen(os.dup(1), "w", encoding="ascii", newline="\n")
    os.dup2(2, 1)
    return out


def _say(out: TextIO, **message: Any) -> None:
    out.write(json.dumps(message, allow_nan=False) + "\n")
    out.flush()


def _listen(tasks: queue.Queue[str]) -> None:
    """Take in tasks; where nobody is left to hear the answers, end at once."""
    for line in sys.stdin.buffer:
        tasks.put(line.decode("ascii"))
    os._exit(2)


if __name__ == "__main__":
    if sys.argv[1] == "--main":
        sys.exit(_package("__main__").main(sys.argv[3:], sys.argv[2]))
    sys.exit(main(*sys.argv[1:3]))
