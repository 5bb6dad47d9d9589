"""Every measurement in a process of its own: nothing is warm or large because of the one before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from jumps_blender.errors import JumpsError

from .machine import THREAD_VARIABLES

REPOSITORY: Final = Path(__file__).parents[1]


class MeasurementError(JumpsError):
    """A measurement could not be made."""


@dataclass(frozen=True)
class Job:
    """What a process is to measure.

    kind: of `job.KINDS`; footage: folders that `Footage.save` wrote; steps: of the published inference.
    """

    kind: str
    footage: tuple[str, ...] = ()
    settings: str = "default"
    engine: str = "numpy"
    device: str = "cpu"
    steps: int = 200


def run_job(job: Job, threads: int, limit: float) -> dict[str, Any]:
    """What the process found.

    Raises:
        MeasurementError: it failed, or took longer than `limit` seconds.

    """
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
    command = [sys.executable, "-m", "benchmarks.job"]
    what = f"{job.kind} ({job.settings}, {job.engine}, {job.device})"
    try:
        done = subprocess.run(
            command, input=json.dumps(asdict(job)), capture_output=True, text=True, check=False, cwd=REPOSITORY,
            env=environment, timeout=limit,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise MeasurementError(
            f"{what} took longer than {limit:.0f} s. Measure less, or when the machine is free."
        ) from error
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        last = (done.stderr.strip().splitlines() or ["without a word"])[-1]
        raise MeasurementError(f"{what} ended with exit status {done.returncode}: {last}")
    found = json.loads(lines[-1])
    if "error" in found:
        raise MeasurementError(f"{what}: {found['error']}")
    return dict(found)
