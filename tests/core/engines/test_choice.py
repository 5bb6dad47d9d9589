"""Which engine computes, where nobody names one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from jumps_blender.core.engines import choice
from jumps_blender.core.engines.choice import DIRECT, INVERSION
from jumps_blender.core.weights import load_weights
from jumps_blender.errors import EngineError

WEIGHTS = load_weights()


@dataclass
class Place:
    """An interpreter and what it has: torch that sees a GPU or none, and how long each engine takes for a work."""

    torch: bool = True
    gpu: str = ""
    broken: bool = False
    seconds: dict[tuple[str, str], float] = field(default_factory=dict)
    measured: list[tuple[str, str]] = field(default_factory=list)
    opened: list[tuple[str, str]] = field(default_factory=list)

    def open(self, name: str, device: str) -> SimpleNamespace:
        if name == "torch" and (self.broken or (device.startswith("cuda") and not self.gpu)):
            raise EngineError("cannot be used here")
        device = self.gpu or "cpu" if device == "auto" and name == "torch" else device
        self.opened.append((name, device))
        return SimpleNamespace(name=name, device="cpu" if device == "auto" else device)

    def measure(self, engine: SimpleNamespace, _weights: object, task: Callable[..., None]) -> float:
        work = next(name for name, known in choice._TASKS.items() if known is task)
        self.measured.append((engine.name, work))
        return self.seconds.get((engine.name, work), 1.0)

    def choose(self, device: str = "auto", work: str = DIRECT, memory: Path | None = None) -> tuple[str, str]:
        found = choice.choose(device, work, WEIGHTS, self.open, memory)
        return found.name, found.device


@pytest.fixture
def place(monkeypatch) -> Iterator[Place]:
    there = Place()
    monkeypatch.setattr(choice, "has_torch", lambda: there.torch)
    monkeypatch.setattr(choice, "seconds", there.measure)
    choice.forget()
    yield there
    choice.forget()


def test_without_torch_nothing_is_measured(place):
    place.torch = False
    assert place.choose() == ("numpy", "cpu")
    assert not place.measured
    assert place.opened == [("numpy", "cpu")]


def test_a_gpu_is_taken_unmeasured(place):
    place.gpu = "cuda"
    assert place.choose() == ("torch", "cuda")
    assert not place.measured


def test_the_processor_is_measured_although_there_is_a_gpu_where_it_is_asked_for(place):
    place.gpu = "cuda"
    place.seconds = {("torch", DIRECT): 0.1}
    assert place.choose("cpu") == ("torch", "cpu")
    assert place.choose("auto") == ("torch", "cuda")


@pytest.mark.parametrize(("torch", "name"), [(0.5, "torch"), (0.95, "numpy"), (2.0, "numpy")])
def test_torch_must_be_worth_loading(place, torch, name):
    place.seconds = {("torch", DIRECT): torch}
    assert place.choose() == (name, "cpu")


def test_each_kind_of_work_is_measured_once(place):
    place.seconds = {("torch", INVERSION): 0.2, ("torch", DIRECT): 3.0}
    for _ in range(3):
        assert place.choose(work=DIRECT) == ("numpy", "cpu")
        assert place.choose(work=INVERSION) == ("torch", "cpu")
    assert sorted(place.measured) == sorted((name, work) for name in ("numpy", "torch") for work in (DIRECT, INVERSION))


def test_a_damaged_torch_is_done_without(place):
    place.broken = True
    assert place.choose() == ("numpy", "cpu")


def test_a_named_device_is_torchs(place):
    place.gpu = "cuda:1"
    assert place.choose("cuda:1") == ("torch", "cuda:1")
    place.gpu = ""
    with pytest.raises(EngineError, match="cannot be used"):
        place.choose("cuda:1")


def test_another_process_remembers(place, tmp_path):
    memory = tmp_path / "engine.json"
    place.seconds = {("torch", INVERSION): 0.2}
    before = [place.choose(work=work, memory=memory) for work in (DIRECT, INVERSION)]
    choice.forget()
    place.measured.clear()
    place.opened.clear()
    assert [place.choose(work=work, memory=memory) for work in (DIRECT, INVERSION)] == before
    assert not place.measured
    assert place.opened == [("numpy", "cpu"), ("torch", "cpu")]  # torch is not loaded for what numpy does
    assert [each.name for each in tmp_path.iterdir()] == ["engine.json"]


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", "null", '{"machine": {}}', '{"machine": {"torch": "0.1"}, "choices": {}}', "\x00\xff",
        '{"choices": {"direct on auto": {"engine": "numpy", "device": "cpu"}}}',
    ],
)  # fmt: skip
def test_a_damaged_or_foreign_memory_is_measured_again(place, tmp_path, content):
    memory = tmp_path / "engine.json"
    memory.write_text(content, encoding="latin-1")
    place.seconds = {("torch", DIRECT): 0.1}
    assert place.choose(memory=memory) == ("torch", "cpu")
    assert place.measured
    assert json.loads(memory.read_text())["choices"] == {"direct on auto": {"engine": "torch", "device": "cpu"}}


@pytest.mark.parametrize("told", ['{"engine": "abacus"}', '{"engine": "numpy", "device": "cpu", "more": 1}', "7"])
def test_a_choice_that_makes_no_sense_is_measured_again(place, tmp_path, told):
    memory = tmp_path / "engine.json"
    machine = json.dumps(choice.machine())
    memory.write_text(f'{{"machine": {machine}, "choices": {{"direct on auto": {told}}}}}')
    assert place.choose(memory=memory) == ("numpy", "cpu")
    assert place.measured


def test_another_version_of_torch_is_measured_again(place, tmp_path, monkeypatch):
    memory = tmp_path / "engine.json"
    place.choose(memory=memory)
    choice.forget()
    place.measured.clear()
    monkeypatch.setattr(choice, "version", lambda _package: "99.0")
    place.choose(memory=memory)
    assert place.measured


def test_a_gpu_that_is_gone_is_done_without(place, tmp_path):
    memory = tmp_path / "engine.json"
    place.gpu = "cuda"
    assert place.choose(memory=memory) == ("torch", "cuda")
    choice.forget()
    place.gpu = ""
    assert place.choose(memory=memory) == ("numpy", "cpu")


def test_a_memory_that_cannot_be_written_is_done_without(place, tmp_path):
    assert place.choose(memory=tmp_path / "no folder" / "engine.json") == ("numpy", "cpu")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("work", [DIRECT, INVERSION])
def test_what_is_measured_is_work_that_numpy_can_do(upsampler, work):
    choice.forget()
    engine = upsampler.engine_for(None)
    assert choice.seconds(engine, upsampler.weights, choice._TASKS[work]) > 0
