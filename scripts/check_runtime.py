"""Install the real runtime into a folder that goes away, check it, and say how long that took and how big it is.

    .venv/bin/python -m scripts.check_runtime [--wheels FOLDER] [--python PYTHON]

Without a folder of wheels pip downloads what the preferences would: gigabytes on Linux, unless pip is told to find a
build for processors. The tests do the same with wheels of a few bytes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

from jumps_blender.errors import JumpsError
from jumps_blender.runtime.environment import RuntimeFolder
from jumps_blender.runtime.install import Source, install
from jumps_blender.runtime.task import announcer


def size(folder: Path) -> int:
    """Bytes of the files in a folder."""
    return sum((Path(where) / name).lstat().st_size for where, _, names in os.walk(folder) for name in names)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheels", type=Path, help="install from this folder, without network")
    parser.add_argument("--python", default="", help="the Python that the environment is made with; default: this one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jumps-runtime-") as root:
        folder, begin = RuntimeFolder(Path(root) / "runtime"), time.monotonic()
        try:
            ready = install(folder, Source(options.wheels, python=options.python), announcer())
        except JumpsError as error:
            raise SystemExit(str(error)) from None
        print(f"{ready}, {ready.difference:.1g} head from numpy")
        print(f"{time.monotonic() - begin:.0f} s, {size(folder.root) / 1e9:.2f} GB")
        folder.remove()


if __name__ == "__main__":
    main()
