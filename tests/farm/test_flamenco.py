"""The Flamenco job type, compiled by node as the Manager does: which tasks, and commands that our parser takes."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
from typing import Any

import pytest

from jumps_blender.batch.command import add_options, options_of
from jumps_blender.batch.scene import SceneOptions

MANAGER = """
const fs = require("fs"), vm = require("vm");
const author = {
    Task: (name, type) => ({ name, type, commands: [], after: [],
        addCommand(one) { this.commands.push(one); }, addDependency(one) { this.after.push(one.name); } }),
    Command: (name, parameters) => ({ name, parameters }),
};
const context = vm.createContext({ author });
const code = fs.readFileSync(process.argv[2], "utf-8");
const type = vm.runInContext(code + "; JOB_TYPE", context);
const settings = Object.fromEntries(type.settings.map(one => [one.key, one.default]));
const job = { settings: Object.assign(settings, JSON.parse(process.argv[3])), tasks: [] };
job.addTask = one => job.tasks.push(one);
context.compileJob(job);
console.log(JSON.stringify({ type, tasks: job.tasks }));
"""


@pytest.fixture
def compile_job(repository, tmp_path):
    node = shutil.which("node")
    if node is None:
        pytest.skip("needs node")
    assert node
    manager = tmp_path / "manager.js"
    manager.write_text(MANAGER)

    def compiled(**settings: Any) -> dict[str, Any]:
        script = repository / "farm" / "jumps.flamenco.js"
        words = [node, str(manager), str(script), json.dumps(settings)]
        done = subprocess.run(words, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return compiled


def _parsed(task: dict[str, Any]) -> Any:
    (command,) = task["commands"]
    assert command["name"] == "exec"
    assert command["parameters"]["exe"] == "{blender}"
    begin, words = command["parameters"]["args"][:3], command["parameters"]["args"][3:]
    assert begin == ["-c", "jumps", "batch"]
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_options(parser)
    return options_of(parser.parse_args(words))


def test_shots_are_shared_out_and_the_report_comes_last(compile_job) -> None:
    tasks = compile_job(keypoints="/shots/in", results="/shots/out", tasks=3)["tasks"]
    assert [task["name"] for task in tasks] == ["shots-1", "shots-2", "shots-3", "report"]
    assert tasks[-1]["after"] == ["shots-1", "shots-2", "shots-3"]
    options = [_parsed(task) for task in tasks]
    assert [one.part for one in options] == [(1, 3), (2, 3), (3, 3), (1, 1)]
    assert [one.reporting for one in options] == ["none", "none", "none", "only"]
    assert all(one.lenient and str(one.folder) == "/shots/in" and str(one.output) == "/shots/out" for one in options)
    assert options[0].outputs == ("json", "blend")


def test_settings_reach_the_command(compile_job) -> None:
    made = compile_job(keypoints="a", results="b", tasks=1, settings="best", threads=4, blend=False)
    options = _parsed(made["tasks"][0])
    assert (options.solving.settings, options.threads, options.outputs) == ("best", 4, ("json",))
    assert options.scene == SceneOptions()
    steps = {"lock_feet": True, "simplify": 1.5, "template": "/rigs/stage.blend", "rig": "hero", "bake": True}
    scene = _parsed(compile_job(keypoints="a", results="b", tasks=1, **steps)["tasks"][0]).scene
    assert scene == SceneOptions(lock_feet=True, simplify=1.5, template="/rigs/stage.blend", rigs=("hero",), bake=True)
    kinds = {"string", "int32", "bool", "float"}
    assert all(setting["type"] in kinds and setting["key"] for setting in made["type"]["settings"])
