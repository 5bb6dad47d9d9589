"""The runtime comes, is interrupted in every way, goes on, and goes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jumps_blender.errors import Cancelled, EngineError, InputError, OutputError
from jumps_blender.runtime import install as installation
from jumps_blender.runtime.environment import Ready, RuntimeFolder, State
from jumps_blender.runtime.install import Source, explain, install
from jumps_blender.runtime.interpreter import look_at
from jumps_blender.runtime.pins import TORCH, Amount
from tests.runtime.wheels import Index, write_wheel, write_wheels


def accept(python: str, _cancel: object) -> Ready:
    """A check that only starts the runtime."""
    found = look_at(python)
    return Ready(found.python, found.numpy, found.torch or "hollow", found.devices, 0.0)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wheels of these tests need no gigabytes."""
    monkeypatch.setattr(installation, "expected_amount", lambda: Amount(0.0001, 0.001))


def told(folder: RuntimeFolder) -> list[str]:
    return sorted(path.name for path in folder.root.iterdir())


def test_from_nothing_out_of_a_folder_of_wheels(folder: RuntimeFolder, wheels: Path, home: Path) -> None:
    assert folder.state() is State.ABSENT
    heard: list[tuple[float, str]] = []
    ready = install(folder, Source(wheels), lambda fraction, text: heard.append((fraction, text)), check=accept)
    assert folder.state() is State.READY
    assert folder.ready() == ready
    assert ready.numpy in next(wheels.glob("numpy*")).name
    assert Path(look_at(str(folder.python)).executable).parent == folder.python.parent
    fractions = [fraction for fraction, _ in heard]
    assert fractions == sorted(fractions)
    assert heard[-1] == (1.0, "Done")
    assert {"Making the environment", "Checking that it solves what numpy solves"} <= {text for _, text in heard}
    assert told(folder) == ["install.log", "lock", f"torch-{TORCH}"]
    assert list(home.rglob("*")) == [], "nothing is written outside the folder"


def test_what_is_there_already_is_not_made_again(begun: RuntimeFolder, wheels: Path) -> None:
    before = (begun.environment / "pyvenv.cfg").stat().st_mtime_ns
    assert begun.state() is State.HALF_MADE
    install(begun, Source(wheels), check=accept)
    assert begun.state() is State.READY
    assert (begun.environment / "pyvenv.cfg").stat().st_mtime_ns == before


def test_a_runtime_that_is_no_torch_is_refused(begun: RuntimeFolder, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"no PyTorch that works .*AttributeError"):
        install(begun, Source(write_wheels(tmp_path / "hollow")))
    assert begun.state() is State.HALF_MADE


CLAIMS = """
class cuda:
    device_count = staticmethod(lambda: 0)
class backends:
    class mps:
        is_available = staticmethod(lambda: False)
__version__ = "{version}"
"""


def test_a_runtime_that_claims_to_be_torch_has_to_solve(begun: RuntimeFolder, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="could not solve the sample with torch"):
        install(begun, Source(write_wheels(tmp_path / "claims", CLAIMS)))
    assert begun.state() is State.HALF_MADE


def test_a_folder_without_the_wheels_is_refused_before_anything_is_made(folder: RuntimeFolder, tmp_path: Path) -> None:
    write_wheel(tmp_path / "old", "torch", "1.0.0")
    with pytest.raises(InputError, match=r"found: torch-1.0.0.*pip download"):
        install(folder, Source(tmp_path / "old"), check=accept)
    with pytest.raises(InputError, match="none of torch at all"):
        install(folder, Source(tmp_path / "nowhere"), check=accept)
    assert not folder.root.exists()


def test_a_folder_that_lacks_a_package_says_so(begun: RuntimeFolder, tmp_path: Path) -> None:
    write_wheel(tmp_path / "few", "torch", TORCH)
    with pytest.raises(EngineError, match=r"no fitting build in .*few for Python 3.*numpy.*pip download"):
        install(begun, Source(tmp_path / "few"), check=accept)


def test_a_folder_of_wheels_needs_no_network(
    begun: RuntimeFolder, wheels: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", index.url)
    monkeypatch.setenv("PIP_FIND_LINKS", index.url)
    monkeypatch.setenv("PIP_NO_INDEX", "0")
    install(begun, Source(wheels), check=accept)
    assert not index.asked


def test_a_cancelled_download_goes_on_with_what_is_whole(begun: RuntimeFolder, index: Index, home: Path) -> None:
    heard: list[str] = []
    with pytest.raises(Cancelled, match="goes on with it"):
        install(begun, Source(), lambda _fraction, text: heard.append(text), index.stuck.is_set, accept)
    assert begun.state() is State.HALF_MADE
    index.flows.set()
    install(begun, Source(), check=accept)
    assert begun.state() is State.READY
    assert index.asked["torch"] == 1, "it was whole"
    assert index.asked["numpy"] == 2
    assert not begun.cache.exists()
    assert list(home.rglob("*")) == []


def test_progress_follows_the_file_that_grows(begun: RuntimeFolder, index: Index) -> None:
    heard: list[str] = []

    def seen_growing() -> bool:
        return any(text == "Downloading numpy: 2 MB so far" for text in heard)

    with pytest.raises(Cancelled):
        install(begun, Source(), lambda _fraction, text: heard.append(text), seen_growing, accept)


INSTALL = """
import sys
from pathlib import Path
from jumps_blender.runtime.environment import RuntimeFolder
from jumps_blender.runtime.install import Source, install
from jumps_blender.runtime import install as installation
from jumps_blender.runtime.pins import Amount
installation.expected_amount = lambda: Amount(0.0001, 0.001)
install(RuntimeFolder(Path(sys.argv[1])), Source())
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for processes in /proc")
def test_a_blender_that_is_killed_takes_pip_along_and_loses_nothing(
    begun: RuntimeFolder, index: Index, repository: Path
) -> None:
    program = [sys.executable, "-c", INSTALL, str(begun.root)]
    with subprocess.Popen(program, cwd=repository) as process:
        assert index.stuck.wait(60)
        assert processes_in(begun)
        process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while processes_in(begun) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not processes_in(begun)
    assert begun.state() is State.HALF_MADE
    index.flows.set()
    install(begun, Source(), check=accept)
    assert begun.state() is State.READY
    assert told(begun) == ["install.log", "lock", f"torch-{TORCH}"], "nor anything superfluous left"


def processes_in(folder: RuntimeFolder) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0] == str(folder.python).encode():
            found.append(int(path.parent.name))
    return found


def test_two_at_once_do_not_disturb_each_other(begun: RuntimeFolder, wheels: Path) -> None:
    with begun.locked(), pytest.raises(InputError, match="Another Blender"):
        install(begun, Source(wheels), check=accept)
    with begun.locked(), pytest.raises(InputError, match="Another Blender"):
        begun.remove()


def test_half_a_runtime_can_be_removed(begun: RuntimeFolder) -> None:
    begun.remove()
    assert begun.state() is State.ABSENT
    assert told(begun) == ["lock"]


def test_it_can_be_removed_with_all_that_belongs_to_it(begun: RuntimeFolder, wheels: Path) -> None:
    install(begun, Source(wheels), check=accept)
    (begun.root / "torch-1.0.0").mkdir()
    begun.cache.mkdir()
    begun.remove()
    assert begun.state() is State.ABSENT
    assert told(begun) == ["lock"]
    begun.remove()


def test_what_a_killed_removal_left_is_no_runtime_and_goes(begun: RuntimeFolder, wheels: Path) -> None:
    install(begun, Source(wheels), check=accept)
    begun.discard()  # and killed before anything was deleted
    assert begun.state() is State.ABSENT
    begun.remove()
    assert told(begun) == ["lock"]


def test_a_full_disk_is_told_before_anything_is_downloaded(
    folder: RuntimeFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "expected_amount", lambda: Amount(1e6, 1e6))
    with pytest.raises(OutputError, match=r"GB to spare, 3000000.0 GB are needed"):
        install(folder, Source(), check=accept)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_told(folder: RuntimeFolder, wheels: Path) -> None:
    folder.root.parent.mkdir(mode=0o555)
    with pytest.raises(OutputError, match="cannot be written"):
        install(folder, Source(wheels), check=accept)


def test_a_python_that_is_none_is_told(begun: RuntimeFolder, wheels: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"nowhere.*cannot be run"):
        install(begun, Source(wheels, python=str(tmp_path / "nowhere")), check=accept)
    assert begun.state() is State.ABSENT, "what another Python had begun cannot be gone on with"
    (tmp_path / "python").write_text("#!/bin/sh\necho No module named venv\nexit 1\n")
    (tmp_path / "python").chmod(0o755)
    with pytest.raises(EngineError, match=r"No module named venv.*python3-venv"):
        install(begun, Source(wheels, python=str(tmp_path / "python")), check=accept)


@pytest.mark.parametrize(
    ("line", "kind", "words"),
    [
        (
            "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
            OutputError,
            "full",
        ),
        ("WARNING: Retrying ... NewConnectionError('Name or service not known')", EngineError, "not reached"),
        ("ERROR: No matching distribution found for torch==2.13.0", EngineError, "Name another Python"),
        ("ERROR: something new", EngineError, r"something new.*install\.log"),
    ],
)
def test_pips_reasons_become_something_to_do(
    line: str, kind: type[Exception], words: str, folder: RuntimeFolder
) -> None:
    error = explain([line, "more"], Source(), folder)
    assert type(error) is kind
    assert re.search(words, str(error))


def test_an_extra_index_is_an_address_and_no_secret_gets_out(folder: RuntimeFolder) -> None:
    for address in ("ftp.example.org", "http://example.org/simple"):
        with pytest.raises(InputError, match="https://"):
            Source(extra_index=address).checked()
    source = Source(extra_index="https://user:secret@example.org/simple")
    assert "secret" not in " ".join(source.words())
    assert "secret" in source.environment(folder)["PIP_EXTRA_INDEX_URL"]
