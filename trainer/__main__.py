"""The trainer's command line: from captured motion to weights that ship, and how good they are."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Final

from jumps_blender.errors import JumpsError

COMMANDS: Final[dict[str, str]] = {
    "prepare": "read a folder of motion capture and write the harmonised data set",
    "train": "train the published networks on a prepared data set: encoder, generator and critic",
    "refine": "fit the prior's Gaussian, and train the network that adds to it: motion, depth, spreads",
    "follow": "train how joints that nobody saw take part in fast motion",
    "screen": "train what judges observations: how noisy a clip is, what in it cannot be right",
    "calibrate": "make what the prior says of its errors true of people it was not trained on",
    "baselines": "fit what the evaluation compares with, ahead of it",
    "evaluate": "measure weights on held-out subjects, next to the paper's ablations and baselines",
    "generalise": "train without a source and test on it; show what each kind of variation is worth",
    "contacts": "measure which contacts of feet are found, and how much less locked feet slide",
    "reproduce": "train the ablations of the paper and hold its claims against them",
    "export": "write what was trained as safetensors with a model card",
}
"""Each is a module of this package with `add_arguments(parser)` and `run(args)`."""

PLACES: Final = {"evaluate": "evaluation.evaluate"}
"""Commands whose modules lie deeper in the package."""


def main(arguments: list[str] | None = None) -> int:
    """Run one subcommand; returns the exit status, 2 for input that cannot be used."""
    words = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python -m trainer", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=text, description=text)
        # Only the command that runs is imported: prepare needs no torch.
        if name in words[:1]:
            module = importlib.import_module(f".{PLACES.get(name, name)}", __package__)
            module.add_arguments(subparser)
            subparser.set_defaults(execute=module.run)
    args = parser.parse_args(words)
    try:
        return int(args.execute(args))
    except JumpsError as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
