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


def pins(path: Path) -> dict[str, str]:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and line[0] not in "#-"]
    return dict(line.split("==") for line in lines)


@pytest.mark.parametrize("name", ["environment", "torch", "constraints", "lint", "tensorboard"])
def test_every_package_is_pinned_exactly(repository: Path, name: str) -> None:
    assert all(
        re.fullmatch(r"\d+(\.\w+)*", version) for version in pins(repository / f"requirements/{name}.txt").values()
    )


def test_the_tests_run_on_the_pinned_packages(repository: Path) -> None:
    for name, version in pins(repository / "requirements/environment.txt").items():
        assert metadata.version(name).partition("+")[0] == version, name


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


def test_a_wrong_python_is_told_which_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match=r"Found Python 3\.13.*3\.11 only.*PYTHON="):
        setup.find_python()


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
    listed = subprocess.run(
        ["make", "--no-print-directory"], cwd=repository, capture_output=True, text=True, check=True
    )
    for target in ("demo", "test", "lint", "zip", "clean"):
        assert re.search(rf"^  make {target} ", listed.stdout, re.MULTILINE)
