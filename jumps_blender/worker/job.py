"""One job of the worker process: read the request, run the upsampler, tell of its progress, leave the result."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TextIO

from ..core import Upsampler
from ..core.settings import find_settings
from . import protocol


def run(folder: Path, out: TextIO) -> None:
    """Do the job in `folder`, writing messages to `out`.

    Raises:
        JumpsError: whatever the core says of the request; nothing is left in the folder then.

    """

    def say(message: protocol.Message) -> None:
        out.write(protocol.encode(message) + "\n")
        out.flush()

    say(protocol.Started(protocol.PROTOCOL_VERSION, sys.executable))
    request = protocol.Request.read(folder)
    memory = Path(request.memory) if request.memory else None
    upsampler = Upsampler.load(request.device, request.engine, request.weights, memory)
    result = upsampler.upsample(
        request.positions,
        joint_set=request.joint_set,
        confidence=request.confidence,
        pinned=request.pinned,
        fps=request.fps,
        settings=replace(find_settings(request.settings), threshold=request.threshold),
        smoothness=request.smoothness,
        seed=request.seed,
        progress=lambda fraction, text: say(protocol.Progress(float(fraction), text)),
    )
    arrays = {name: getattr(result, name) for name in protocol.ANSWER_ARRAYS if getattr(result, name) is not None}
    protocol.write_arrays(folder / protocol.RESULT_FILE, arrays)
    say(protocol.Finished(asdict(result.report), asdict(result.estimates)))
