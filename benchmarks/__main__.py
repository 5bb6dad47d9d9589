"""Measure speed, memory and accuracy on this machine: `python -m benchmarks --out DIR`."""

from __future__ import annotations

import sys

from jumps_blender.core.weights import load_weights
from jumps_blender.errors import EngineError, JumpsError

from .bars import judge
from .measure import Session, places
from .options import read_options
from .report import write_report


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit status, 2 for options that cannot be used."""
    try:
        options = read_options(arguments)
        weights = load_weights()
        where, absent = places(options.engines, weights)
        if not where:
            raise EngineError(f"None of the engines runs here. {' '.join(absent)}")
        found = Session(options, where, lambda text: print(text, flush=True)).run()
        bars = judge(found)
        table, results = write_report(options, found, bars, weights, absent)
    except (JumpsError, OSError) as error:
        print(f"python -m benchmarks: {error}", file=sys.stderr)
        return 2
    for bar in bars:
        print({True: "met    ", False: "MISSED ", None: "unknown"}[bar.met], f"{bar.name}: {bar.measured}")
    print(f"Written: {table}, {results}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
