"""Make a virtual environment hold exactly what the requirement files pin; called by the Makefile.

    python3 -m scripts.setup [--libraries] [--python 3.13] FOLDER REQUIREMENTS...

Works on a fresh machine, on a half-made environment and on one whose pins have changed. The requirement files are
installed one after the other, so that an early one can fix a version for the later ones. With `--libraries` the
system libraries of bpy are seen to first; where they cannot be installed, nothing else happens.
Standard library only, and old syntax: it has to run far enough on any Python 3 to say which one is needed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from scripts import system_libraries

NEEDED = (3, 11)
"""The Python that bpy is built for, 4.2 to 5.0; 5.1 and later want 3.13."""


def find_python(needed: tuple[int, int] = NEEDED) -> str:
    """The interpreter that the environment is made with: this one, one on the PATH, or pyenv's. Raises SystemExit."""
    if sys.version_info[:2] == needed:
        return sys.executable
    name = "python{}.{}".format(*needed)
    on_path = shutil.which(name)
    of_pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for other in (on_path, *sorted(of_pyenv.glob("{}.{}*/bin/python".format(*needed)))):
        # pyenv puts a script of every name on the PATH, also for versions that it is not told to use.
        if other and runs(Path(other), needed):
            return str(other)
    raise SystemExit(
        f"Found Python {sys.version_info[0]}.{sys.version_info[1]}, but this bpy is built for Python "
        f"{needed[0]}.{needed[1]} only. Install it (Debian 12 has 3.11, Debian 13 has 3.13: apt-get install python3 "
        f"python3-venv), or name it: make PYTHON=/path/to/{name} ..."
    )


def runs(python: Path, needed: tuple[int, int] = NEEDED) -> bool:
    """Whether an interpreter starts, is of the needed version, and has pip."""
    if not python.exists():
        return False
    check = f"import sys, pip; sys.exit(sys.version_info[:2] != {needed})"
    return subprocess.run([str(python), "-c", check], stderr=subprocess.DEVNULL, check=False).returncode == 0


def make_environment(folder: Path, needed: tuple[int, int] = NEEDED) -> Path:
    """The interpreter in `folder`, an environment that is made or mended where needed."""
    python = folder / "bin" / "python"
    if runs(python, needed):
        return python
    print(f"Making {folder}", flush=True)
    made = subprocess.run([find_python(needed), "-m", "venv", str(folder)], check=False)
    if made.returncode != 0 or not runs(python, needed):
        raise SystemExit(
            f"Could not make {folder}. Install the venv module (Debian: apt-get install python3-venv); "
            f"if {folder} belongs to another Python, remove it. Then run the same command again."
        )
    return python


def install(python: Path, requirements: list[Path]) -> None:
    """Install each file of pins in turn. Raises SystemExit where pip fails."""
    for path in requirements:
        begin = time.monotonic()
        print(f"Installing {path} (minutes, the first time)", flush=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
        if subprocess.run([*pip, "--requirement", str(path)], check=False).returncode != 0:
            raise SystemExit(
                f"pip could not install {path}: its reason is above. Mend it and run the same command again."
            )
        print(f"Installed {path} in {time.monotonic() - begin:.0f} s", flush=True)


def version(text: str) -> tuple[int, int]:
    """A Python's version of what was typed, such as 3.13."""
    major, minor = text.split(".")
    return int(major), int(minor)


def main(arguments: list[str] | None = None) -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--libraries", action="store_true", help="see to the system libraries of bpy first")
    parser.add_argument("--python", type=version, default=NEEDED, metavar="X.Y", help="its Python (default: 3.11)")
    parser.add_argument("folder", type=Path, help="the environment, such as .venv")
    parser.add_argument("requirements", type=Path, nargs="+", help="files of pins, in the order of installation")
    options = parser.parse_args(arguments)
    if options.libraries:
        system_libraries.provide()
    install(make_environment(options.folder, options.python), options.requirements)


if __name__ == "__main__":
    main()
