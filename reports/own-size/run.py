#!/usr/bin/env python3
"""Runs the paper's own networks one task after the other, the most telling first, at the lowest priority.

    python3 reports/own-size/run.py FOLDER   # which has the program `glassbox` and the plan `sweep`
                                             # (glassbox sweep plan --scale paper --figure 3 --out sweep)

It can be stopped and killed at any time; the same command goes on. Two initial conditions of each before any third.
"""
import contextlib, json, os, pathlib, subprocess, sys

HERE = pathlib.Path(sys.argv[1]).resolve()
ORDER = [  # width, lambda, temperatures: by value
    (30, 0.01, [1e-4, 1e-6, 0.0, 1e-2]),
    (30, 0.0, [1e-4, 0.0, 1e-2]),
    (30, 0.01, [1.0, 1e-8]),
    (72, 0.0, [1e-4, 1e-8, 0.0]),
]
os.nice(19)
with contextlib.suppress(OSError, AttributeError):  # where the system has them
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    # Linux counts a session of its own as much as any other, whatever the priority within it.
    pathlib.Path("/proc/self/autogroup").write_text("19")
tasks = [json.loads(line) for file in sorted((HERE / "sweep/tasks").glob("*.jsonl")) for line in file.open()]
place = {task["identifier"]: index for index, task in enumerate(tasks)}


def run(index):
    identifier = tasks[index]["identifier"]
    record = HERE / "sweep/records" / identifier.split("-")[1][:2] / f"{identifier}.safetensors"
    if not record.exists():
        command = [HERE / "glassbox", "sweep", "run", HERE / "sweep", "--tasks", f"{index}..{index + 1}", "--threads", "1"]
        if subprocess.run(command).returncode:
            sys.exit(f"stopped at task {index}, {identifier}")


for networks in ([0, 1], [2]):
    for width, regularisation, temperatures in ORDER:
        for temperature in temperatures:
            for index, task in enumerate(tasks):
                what = task["task"]
                if what["kind"] != "trajectory" or "langevin" not in what["dynamics"]:
                    continue
                quench = what["quench"]
                if (quench["problem"]["width"], quench["problem"]["regularisation"]) != (width, regularisation):
                    continue
                if what["dynamics"]["langevin"]["temperature"] != temperature or quench["initial_condition"] not in networks:
                    continue
                run(place[task["start"]])
                run(index)
