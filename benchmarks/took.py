"""What work took, by the clock and of a processor."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Took:
    """What work took: seconds by the clock, and of a processor, which other programs do not lengthen."""

    clock: float
    processor: float

    @classmethod
    def of(cls, work: Callable[[], object], processor: Callable[[], float] = time.thread_time) -> Took:
        """Do it and see; `processor` counts this thread's seconds, or with `time.process_time` those of all."""
        begin = time.perf_counter(), processor()
        work()
        return cls(time.perf_counter() - begin[0], processor() - begin[1])

    @classmethod
    def all_of(cls, parts: Iterable[Took]) -> Took:
        """The sum."""
        known = list(parts)
        return cls(sum(each.clock for each in known), sum(each.processor for each in known))
