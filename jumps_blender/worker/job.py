"""One job of the worker process: read the request, run the upsampler, tell of what is finished as it goes on."""

from __future__ import annotations

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TextIO

from ..core import Upsampler
from ..core.request import Asked
from ..core.settings import find_settings
from ..errors import WorkerError
from . import protocol


def run(folder: Path, out: TextIO) -> None:
    """Do the job in `folder`, writing messages to `out`.

    Raises:
        JumpsError: whatever the core says of the request, or a disk without room.

    """

    def say(message: protocol.Message) -> None:
        out.write(protocol.encode(message) + "\n")
        out.flush()

    say(protocol.Started(protocol.PROTOCOL_VERSION, sys.executable))
    request = protocol.Request.read(folder)
    memory = Path(request.memory) if request.memory else None
    upsampler = Upsampler.load(request.device, request.engine, request.weights, memory)
    asked: Asked = {
        "joint_set": request.joint_set,
        "confidence": request.confidence,
        "pinned": request.pinned,
        "fps": request.fps,
        "settings": replace(find_settings(request.settings), threshold=request.threshold),
        "smoothness": request.smoothness,
        "seed": request.seed,
        "first_frame": request.first_frame,
    }
    if request.whole is not None:
        say(protocol.Progress(0.0, "Judging the whole clip"))
        as_whole: Asked = {**asked, "confidence": request.whole_confidence, "pinned": None, "first_frame": 0}
        asked["estimates"] = upsampler.estimate(request.whole, **as_whole)
    stretches = upsampler.stream(
        request.positions, lambda fraction, text: say(protocol.Progress(float(fraction), text)), **asked
    )
    for number, result in enumerate(stretches):
        file = protocol.STRETCH_FILE.format(number)
        arrays = {name: getattr(result, name) for name in protocol.ANSWER_ARRAYS if getattr(result, name) is not None}
        try:
            protocol.write_arrays(folder / file, arrays)
        except OSError as error:
            raise WorkerError(
                f"The result cannot be written to {folder.parent} ({error.strerror}). Make room there."
            ) from error
        say(protocol.Stretch(result.first, file, asdict(result.report), asdict(result.estimates)))
    say(protocol.Finished())
