"""The zip: what is in it, and that a factory Blender takes it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from scripts import build_extension

SAMPLE = "jumps_blender/samples/rooftop_coco17.json"
SHIPPED_AT_THE_TOP = {"__init__.py", "blender_manifest.toml", "LICENSE"}
TAGS = """{"add-on": ["Animation", "Import-Export", "Rigging", "Tracking", "Pipeline"], "theme": []}"""

INSTALL = """
import json, os, sys
import bpy
import addon_utils  # on the path once bpy is there

def ours():
    return sorted(name for name in dir(bpy.types) if name.startswith(("JUMPS_OT_", "JUMPS_PT_")))

before = ours()
bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
name = "bl_ext.user_default.jumps"
enabled, registered = name in bpy.context.preferences.addons, ours()
addon_utils.disable(name)
print(json.dumps({"before": before, "enabled": enabled, "registered": registered, "after": ours()}))
sys.stdout.flush()
os._exit(0)
"""


FROM_A_SHARED_REPOSITORY = """
import json, os, sys
import bpy, addon_utils
shared, tracks = sys.argv[1:]
bpy.context.preferences.extensions.repos.new(name="studio", module="studio", custom_directory=shared)
addon_utils.enable("bl_ext.studio.jumps", default_set=True)
bpy.ops.jumps.import_tracks(filepath=tracks)
bpy.ops.jumps.upsample(settings="draft")
solved = [ob.name for ob in bpy.data.objects]
bpy.ops.jumps.copy_diagnostics()
addon_utils.disable("bl_ext.studio.jumps")
print(json.dumps(solved))
sys.stdout.flush()
os._exit(0)
"""


def tracked(repository: Path) -> list[str]:
    if not (repository / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs git and a checkout, to know which files belong to the project")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.split("\0") if name and (repository / name).is_file()]


@pytest.fixture(scope="module")
def checkout(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tracked files alone, and the litter that work leaves beside them."""
    folder = tmp_path_factory.mktemp("checkout")
    litter = ["out/demo.blend", ".venv/bin/python", ".mypy_cache/x.json", "jumps_blender/__pycache__/errors.pyc"]
    for name in tracked(repository):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(repository / name, folder / name)
    for name in litter:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("litter", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def archive(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_extension.build(tmp_path_factory.mktemp("built"), checkout)


def test_the_zip_holds_the_package_and_nothing_else(repository: Path, archive: Path) -> None:
    expected = {name for name in tracked(repository) if name.startswith("jumps_blender/")} | SHIPPED_AT_THE_TOP
    with zipfile.ZipFile(archive) as opened:
        assert {name for name in opened.namelist() if not name.endswith("/")} == expected


def test_the_zip_is_small_enough_for_the_platform(archive: Path) -> None:
    assert archive.stat().st_size < 16 * 2**20


def test_blender_accepts_the_manifest_and_its_tags(archive: Path, tmp_path: Path) -> None:
    tags = tmp_path / "tags.json"
    tags.write_text(TAGS, encoding="utf-8")
    assert "Success" in build_extension.run_builder("validate", "--valid-tags", str(tags), str(archive))


def test_a_refused_build_tells_the_builders_reason(tmp_path: Path) -> None:
    (tmp_path / "blender_manifest.toml").write_text('id = "jumps"\nversion = "0.1.0"\n', encoding="utf-8")
    with pytest.raises(SystemExit, match="schema_version"):
        build_extension.build(tmp_path / "built", tmp_path)


def test_a_factory_blender_installs_enables_and_disables_it(archive: Path, tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", INSTALL, str(archive)],
        cwd=tmp_path,
        env={**os.environ, "BLENDER_USER_RESOURCES": str(profile)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["enabled"], done.stdout + done.stderr
    assert told["before"] == told["after"] == []
    assert "JUMPS_OT_upsample" in told["registered"]
    assert any(name.startswith("JUMPS_PT_") for name in told["registered"])


def test_a_shared_repository_that_nobody_may_write_to_serves(archive: Path, tmp_path: Path) -> None:
    place, profile = tmp_path / "studio" / "jumps", tmp_path / "profile"
    profile.mkdir()
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(place)
    there = sorted([place.parent, place, *place.rglob("*")])
    for path in there:
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = subprocess.run(
        [sys.executable, "-c", FROM_A_SHARED_REPOSITORY, str(place.parent), str(place / SAMPLE)],
        cwd=tmp_path,
        env={**os.environ, "BLENDER_USER_RESOURCES": str(profile)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    for path in there:
        path.chmod(0o755)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert any(name.endswith("28 joints") for name in json.loads(done.stdout.splitlines()[-1]))
    assert "bl_ext.studio.jumps" in done.stdout, "the diagnostics name it"
    # As root the modes forbid nothing, so what was written is looked for; Python's own cache is no matter.
    assert [path for path in sorted([place.parent, place, *place.rglob("*")]) if not is_cache(path)] == there


def is_cache(path: Path) -> bool:
    return "__pycache__" in path.parts


@pytest.mark.parametrize("permission", ["files", "network", "clipboard"])
def test_what_the_extension_may_do_is_told_with_a_reason(permission: str, repository: Path) -> None:
    told = tomllib.loads((repository / "blender_manifest.toml").read_text(encoding="utf-8"))["permissions"]
    assert 10 < len(told[permission]) <= 64
    assert set(told) == {"files", "network", "clipboard"}
