// SPDX-License-Identifier: GPL-3.0-or-later
//
// Flamenco 3 job type: a folder of keypoint files; every task solves its share of the shots, a last one makes the report.
//
// Put this file into the folder `scripts` beside the Flamenco Manager. The workers' Blender, the Manager's variable
// {blender}, needs the extension JUMPS. A shot that cannot be read is told in the report and does not fail its task.
"use strict";

const JOB_TYPE = {
    label: "JUMPS: keypoints to 28 joints",
    description: "Upsample all people of all keypoint files of a folder, and make the supervisor's page",
    settings: [
        { key: "keypoints", type: "string", subtype: "dir_path", required: true, description: "Folder of the keypoint files" },
        { key: "results", type: "string", subtype: "dir_path", required: true, description: "Folder of the results" },
        { key: "tasks", type: "int32", default: 8, description: "Tasks that share the shots" },
        { key: "settings", type: "string", default: "default", choices: ["draft", "default", "best", "paper"] },
        { key: "threads", type: "int32", default: 1, description: "Threads of each task" },
        { key: "blend", type: "bool", default: true, description: "A .blend for each shot, beside its JSON" },
        { key: "lock_feet", type: "bool", default: false, description: "In each .blend, hold feet where they stand" },
        { key: "simplify", type: "float", default: 0, description: "In each .blend, as few keys as stay within so many pixels; 0 = a key at every frame" },
        { key: "template", type: "string", subtype: "file_path", default: "", description: "A .blend that people are put into; its panel says which rig they lead" },
        { key: "rig", type: "string", default: "", description: "Armature of the template that the person seen best leads; empty = as its panel says" },
        { key: "bake", type: "bool", default: false, description: "Write the rig's motion as keys" },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    const tasks = Math.max(1, settings.tasks);
    const report = author.Task("report", "blender");
    for (let number = 1; number <= tasks; number++) {
        const share = author.Task(`shots-${number}`, "blender");
        share.addCommand(batch(settings, [
            `--part=${number}/${tasks}`,
            `--settings=${settings.settings}`,
            `--threads=${settings.threads}`,
            ...(settings.blend ? scene(settings) : ["--no-blend"]),
            "--report=none",
        ]));
        report.addDependency(share);
        job.addTask(share);
    }
    report.addCommand(batch(settings, ["--report=only"]));
    job.addTask(report);
}

function scene(settings) {
    return [
        "--blend",
        settings.lock_feet ? "--lock-feet" : "--no-lock-feet",
        `--simplify=${settings.simplify}`,
        `--template=${settings.template}`,
        `--rig=${settings.rig}`,
        settings.bake ? "--bake" : "--no-bake",
    ];
}

function batch(settings, options) {
    const begin = ["-c", "jumps", "batch", settings.keypoints, `--output=${settings.results}`];
    return author.Command("exec", { exe: "{blender}", args: begin.concat(options, ["--exit-zero"]) });
}
