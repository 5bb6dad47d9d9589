"""Build the extension's zip with Blender's own builder, out of the bpy wheel.

    python -m scripts.build_extension [FOLDER]

Run by the interpreter of `.venv`. Prints the zip's path; the builder's own words where it refuses.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


def builder() -> Path:
    """Blender's command for extensions, a plain script. Raises SystemExit where bpy is not installed."""
    spec = importlib.util.find_spec("bpy")
    folders = spec.submodule_search_locations if spec else None
    found = [
        path
        for folder in folders or ()
        for path in Path(folder).glob("*/scripts/addons_core/bl_pkg/cli/blender_ext.py")
    ]
    if not found:
        raise SystemExit(f"{sys.executable} has no bpy, which brings the builder. Run it through `make zip`.")
    return found[0]


def run_builder(*arguments: str) -> str:
    """Run Blender's command; what it printed. Raises SystemExit with that where it fails."""
    done = subprocess.run([sys.executable, str(builder()), *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"Blender's builder refused ({' '.join(arguments)}):\n{done.stdout}{done.stderr}")
    return done.stdout


def build(folder: Path, source: Path = REPOSITORY) -> Path:
    """Build `source` into `folder` and validate the result; the zip's path. Raises SystemExit."""
    manifest = tomllib.loads((source / "blender_manifest.toml").read_text(encoding="utf-8"))
    made = folder / f"{manifest['id']}-{manifest['version']}.zip"
    folder.mkdir(parents=True, exist_ok=True)
    run_builder("build", "--source-dir", str(source), "--output-filepath", str(made))
    run_builder("validate", str(made))
    return made


def main() -> None:
    """Build into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("out"), help="where the zip goes")
    made = build(parser.parse_args().folder)
    print(f"{made}: {made.stat().st_size / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
