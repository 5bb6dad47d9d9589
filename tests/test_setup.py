"""Set-up: pins, system libraries, and what a person reads when something is missing."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from scripts import setup, system_libraries
from tests.versions.__main__ import PYTHONS

EVERYTHING = ("demo", "torch", "trainer", "tests")
"""The requirement files of `.venv`."""

BLENDERS = [f"bpy-{version}" for version in PYTHONS]
FILES = (*EVERYTHING, "constraints", "lint", "numpy-oldest", "numpy-newest", "tensorboard", *BLENDERS)


def pins(repository: Path, name: str) -> dict[str, str]:
    lines = (repository / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and line[0] not in "#-")


@pytest.mark.parametrize("name", FILES)
def test_every_package_is_pinned_exactly(repository: Path, name: str) -> None:
    found = pins(repository, name)
    assert found
    assert all(re.fullmatch(r"\d+(\.\w+)*", version) for version in found.values())


@pytest.mark.parametrize("name", EVERYTHING)
def test_the_tests_run_on_the_pinned_packages(repository: Path, name: str) -> None:
    for package, version in pins(repository, name).items():
        assert metadata.version(package).partition("+")[0] == version, package


def test_the_files_of_one_environment_agree(repository: Path) -> None:
    together: dict[str, str] = {}
    for name in (*EVERYTHING, "constraints"):
        for package, version in pins(repository, name).items():
            assert together.setdefault(package, version) == version, f"{package} in {name}.txt"


def told_by_make(repository: Path, *arguments: str) -> str:
    """What `make` would run, or prints, were the environment still to be made."""
    command = ["make", "--no-print-directory", *arguments]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True).stdout


def test_the_demo_asks_for_neither_torch_nor_the_trainers_packages(repository: Path) -> None:
    steps = told_by_make(repository, "--dry-run", "--always-make", "demo")
    assert "requirements/demo.txt" in steps
    assert not re.search(r"requirements/(torch|trainer|tests)\.txt", steps)
    assert "torch" not in pins(repository, "demo")


def test_the_tests_need_what_the_demo_needs_first(repository: Path) -> None:
    asked = re.findall(r"requirements/(\w+)\.txt", told_by_make(repository, "--dry-run", "--always-make", "test"))
    assert asked == ["demo", "torch", "trainer", "tests"]


@pytest.fixture
def without_libxi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "loads", lambda name: name != "libXi.so.6")


def fake_apt_get(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An apt-get that only notes its arguments."""
    log, program = folder / "log", folder / "apt-get"
    program.write_text(f'#!/bin/sh\necho "$@" >> {log}\n', encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return log


@pytest.mark.usefixtures("without_libxi")
def test_without_root_the_command_is_printed_and_nothing_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = fake_apt_get(tmp_path, monkeypatch)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="apt-get install -y --no-install-recommends libxi6"):
        setup.main(["--libraries", str(tmp_path / "environment"), "requirements.txt"])
    assert not log.exists()
    assert not (tmp_path / "environment").exists()


@pytest.mark.usefixtures("without_libxi")
def test_as_root_apt_get_is_asked_and_a_failure_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = fake_apt_get(tmp_path, monkeypatch)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(SystemExit, match="could not install"):  # the fake installs nothing
        system_libraries.provide()
    assert log.read_text().splitlines() == ["update", "install -y --no-install-recommends libxi6"]


def test_nothing_is_asked_for_where_all_libraries_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = fake_apt_get(tmp_path, monkeypatch)
    monkeypatch.setattr(system_libraries, "loads", lambda _name: True)
    system_libraries.provide()
    assert not log.exists()


def test_a_wrong_python_is_told_which_one_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    with pytest.raises(SystemExit, match=r"Found Python 3\.13.*3\.11 only.*PYTHON="):
        setup.find_python()


def test_pyenvs_python_is_found_behind_a_name_on_the_path_that_leads_nowhere(tmp_path: Path, monkeypatch) -> None:
    shim, real = tmp_path / "shims" / "python3.11", tmp_path / "versions" / "3.11.7" / "bin" / "python"
    for program, does in ((shim, "exit 127"), (real, f'exec {sys.executable} "$@"')):
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    monkeypatch.setenv("PATH", str(shim.parent))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    assert setup.find_python((3, 11)) == str(real)


def test_a_half_made_environment_is_mended(tmp_path: Path) -> None:
    folder = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    assert not setup.runs(folder / "bin" / "python")
    assert setup.runs(setup.make_environment(folder))


def test_a_failing_pip_ends_the_set_up(tmp_path: Path) -> None:
    pins_of_nothing = tmp_path / "pins.txt"
    pins_of_nothing.write_text("not a requirement !\n", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"pip could not install .*pins\.txt"):
        setup.install(Path(sys.executable), [pins_of_nothing])


def test_make_alone_lists_what_can_be_made(repository: Path) -> None:
    listed = told_by_make(repository)
    for target in ("demo", "environment", "test", "test-numpy", "lint", "zip", "clean"):
        assert re.search(rf"^  make {target} ", listed, re.MULTILINE)
