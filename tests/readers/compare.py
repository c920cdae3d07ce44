"""Compares what DuckDB, pandas, polars and PyTorch read of a merged sweep with each other, value by value, and with a
computation of its own from the weights.

`python compare.py TORCH.json` in the folder that holds `sweep`; exits with 1 at the first difference.
"""

import json
import math
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
from safetensors.numpy import load_file

from snippets import run

MERGED = Path("sweep/merged")

# A mean of n numbers in any order is off by less than n roundings, of this many at most.
LARGEST_MEAN = 2_000
ROUNDINGS = LARGEST_MEAN * np.finfo(float).eps

checked = 0


def same(one, other, what):
    """Ends the program unless two values are the same bit by bit (or both absent)."""
    global checked
    checked += 1
    if one != other:
        sys.exit(f"{what}: {one!r} is not {other!r}")


def near(one, other, what):
    """The same but for the order of a sum."""
    global checked
    checked += 1
    if (one is None) != (other is None) or (one is not None and abs(one - other) > ROUNDINGS * abs(other)):
        sys.exit(f"{what}: {one!r} is not {other!r}")


def known(value):
    """None for what pandas calls not a number: the tables have no such numbers, only nulls."""
    return None if isinstance(value, float) and math.isnan(value) else value


def columns_agree(name):
    """Every value of a table, by all readers of tables."""
    path = str(MERGED / name)
    by_polars = pl.read_parquet(path).to_dict(as_series=False)
    by_arrow = pq.read_table(path).to_pydict()
    names = [column for column, *_ in duckdb.sql(f"DESCRIBE SELECT * FROM '{path}'").fetchall()]
    rows = duckdb.sql(f"SELECT * FROM '{path}'").fetchall()
    by_duckdb = {column: [row[index] for row in rows] for index, column in enumerate(names)}
    by_pandas = pd.read_parquet(path, dtype_backend="pyarrow")
    about = json.loads(pq.read_schema(path).metadata[b"glassbox"])
    for reader, columns in [("polars", by_polars), ("DuckDB", by_duckdb), ("pandas", by_pandas), ("metadata", about["columns"])]:
        same(sorted(columns), sorted(by_arrow), f"{name}: columns by {reader}")
    for column, values in by_arrow.items():
        same(by_polars[column], values, f"{name}: {column} by polars")
        same(by_duckdb[column], values, f"{name}: {column} by DuckDB")
        nulls = by_pandas[column].isna()
        told = [None if null else value for value, null in zip(by_pandas[column], nulls)]
        told = [list(value) if isinstance(value, (list, np.ndarray)) else value for value in told]
        same(told, values, f"{name}: {column} by pandas")
    return by_arrow, about["records"]


def curves_agree():
    """What the snippets make of the tables."""
    by_duckdb = [list(row) for row in run("DuckDB")["curves"]]
    by_pandas = [[known(value) for value in row] for row in run("pandas")["curves"].to_numpy().tolist()]
    by_polars = [list(row) for row in run("polars")["curves"].rows()]
    # Runs without a temperature are a group of their own for SQL and polars; pandas leaves them out.
    same(by_duckdb[-1][3], None, "DuckDB: last temperature")
    with_temperature = {
        reader: [row for row in rows if row[3] is not None]
        for reader, rows in [("DuckDB", by_duckdb), ("pandas", by_pandas), ("polars", by_polars)]
    }
    for reader, rows in with_temperature.items():
        same(len(rows), len(with_temperature["DuckDB"]), f"rows by {reader}")
        for row, expected in zip(rows, with_temperature["DuckDB"]):
            same([*map(float, row[:6])], [*map(float, expected[:6])], f"place by {reader}")
            near(row[6], expected[6], f"mean squared displacement by {reader} at {row[:6]}")
            near(row[7], expected[7], f"overlap by {reader} at {row[:6]}")
    sizes = {tuple(row[:2]) for row in by_duckdb}
    same(len(sizes), 2, "sizes of networks, which no mean may mix")
    return len(by_duckdb)


def total(values):
    """A sum from left to right, as glassbox takes it."""
    return np.add.accumulate(values)[-1]


def deviation(values):
    """Standard deviation about the mean."""
    count = len(values)
    return np.sqrt(total((values - total(values) / count) ** 2) / count)


def frames_agree(tasks, frames, torch):
    """Every row of the frames, computed anew from the weights, exactly."""
    rows = [dict(zip(frames, row)) for row in zip(*frames.values())]
    place = 0
    for index, task in enumerate(tasks["task"]):
        record = load_file(Path("sweep") / tasks["record"][index])
        times, losses, weights = (record[name] for name in ["times", "losses", "weights"])
        same(len(times), tasks["frames"][index], f"{task}: frames")
        same(record["diverged"][0] if "diverged" in record else None, tasks["diverged"][index], f"{task}: diverged")
        waiting_times = tasks["waiting_times"][index] or list(times[:1])
        for waiting_time in waiting_times:
            for origin in np.flatnonzero(times == waiting_time):
                curve = []
                for frame in range(origin, len(times)):
                    row, moved, count = rows[place], weights[frame] - weights[origin], weights.shape[1]
                    what = f"{task}, frame {frame} from {waiting_time}"
                    place += 1
                    second = total(moved * moved) / count
                    curve.append(second)
                    fourth = total((moved * moved / second) ** 2) / count if second > 0 else None
                    half_width = tasks["half_width"][index]
                    # The output layer comes last, a weight for each neuron of the layer before.
                    inner = count - tasks["width"][index]
                    same(row["task"], task, f"{what}: task")
                    same((row["waiting_time"], row["lag"]), (waiting_time, times[frame] - waiting_time), f"{what}: time")
                    same(row["loss"], losses[frame], f"{what}: loss")
                    same(row["mean_squared_displacement"], second, f"{what}: mean squared displacement")
                    same(row["non_gaussian_parameter"], fourth and fourth / 3 - 1, f"{what}: non-Gaussian parameter")
                    overlap = half_width and np.count_nonzero(np.abs(moved) <= half_width) / count
                    same(row["overlap"], overlap, f"{what}: overlap")
                    overlap = half_width and np.count_nonzero(np.abs(moved[:inner]) <= half_width) / inner
                    same(row["overlap_without_output"], overlap, f"{what}: overlap without output layer")
                    same(row["spread"], deviation(weights[frame]), f"{what}: spread")
                    inner_spread = deviation(weights[frame][:inner])
                    same(row["spread_without_output"], inner_spread, f"{what}: spread without output layer")
                    square = total(weights[frame] * weights[frame]) / count
                    same(row["mean_squared_weight"], square, f"{what}: mean squared weight")
                    same(row["regularisation"], regularisation(tasks, index, times[frame]), f"{what}: regularisation")
                if task.startswith("trajectory-") and origin == 0:
                    by_torch = torch.pop(task)
                    same(len(by_torch), len(curve), f"{task}: frames by PyTorch")
                    for one, other in zip(by_torch, curve):
                        near(float.fromhex(one), other, f"{task}: mean squared displacement by PyTorch")
    same(place, len(rows), "rows of frames.parquet")
    same(torch, {}, "trajectories by PyTorch that the table has not")


def regularisation(tasks, index, time):
    """That of the stage which a frame ends, or of the task."""
    path = tasks["sweep_regularisations"][index]
    return path[time // tasks["sweep_steps"][index] - 1] if path else tasks["regularisation"][index]


def digests_agree(tasks):
    """By the snippet of the documentation; and one altered byte is seen."""
    is_sound = run("Records and checkpoints")["is_sound"]
    for digest, record in zip(tasks["digest"], tasks["record"]):
        path = Path("sweep") / record
        same(is_sound(path), True, f"{path}: sound")
        same(digest.encode() in path.read_bytes(), True, f"{path}: digest in the table")
    altered = Path("altered.safetensors")
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    altered.write_bytes(data)
    same(is_sound(altered), False, "an altered record: sound")


tasks, records = columns_agree("tasks.parquet")
frames, records_of_frames = columns_agree("frames.parquet")
same(records, records_of_frames, "records of the two tables")
curves = curves_agree()
frames_agree(tasks, frames, json.loads(Path(sys.argv[1]).read_text()))
digests_agree(tasks)
kinds = {kind: tasks["kind"].count(kind) for kind in sorted(set(tasks["kind"]))}
same(sorted(kinds), ["quench", "sweep", "trajectory"], "kinds of tasks")
print(f"{checked} comparisons: {kinds}, {len(frames['task'])} frames, {curves} points of curves; all readers agree")
