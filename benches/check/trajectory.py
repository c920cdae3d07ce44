"""Makes a trajectory, or streams one and sums its squares: the least that any judge of it must do.

    python trajectory.py make FILE.npz float64|float32 stored|deflated REPLICAS FRAMES WEIGHTS
    python trajectory.py sum FILE.npz
"""
import sys
import zipfile

import numpy as np

BLOCK = 1 << 23  # bytes


def make(path, kind, packing, replicas, frames, weights):
    """A right Euler-Maruyama run in a well: mobility 0.1, temperature 0.5, data set size 50, stiffness 2, step 1."""
    generator = np.random.default_rng(1)
    method = zipfile.ZIP_STORED if packing == "stored" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "w", method, compresslevel=1) as archive:
        with archive.open("times.npy", "w") as entry:
            np.lib.format.write_array(entry, np.arange(frames), allow_pickle=False)
        with archive.open("weights.npy", "w", force_zip64=True) as entry:
            header = {"descr": np.dtype(kind).str, "fortran_order": False, "shape": (replicas, frames, weights)}
            np.lib.format.write_array_header_1_0(entry, header)
            for _ in range(replicas):
                state = generator.standard_normal(weights) * (0.002 / (1 - 0.8**2)) ** 0.5
                for _ in range(frames):
                    entry.write(state.astype(kind).tobytes())
                    state = 0.8 * state + 0.002**0.5 * generator.standard_normal(weights)


def sum_of_squares(path):
    total = 0.0
    with zipfile.ZipFile(path) as archive, archive.open("weights.npy") as entry:
        np.lib.format.read_magic(entry)
        _, _, kind = np.lib.format.read_array_header_1_0(entry)
        while block := entry.read(BLOCK):
            numbers = np.frombuffer(block, kind).astype(np.float64, copy=False)
            total += float(np.dot(numbers, numbers))
    return total


if sys.argv[1] == "make":
    make(*sys.argv[2:5], *map(int, sys.argv[5:8]))
else:
    print(sum_of_squares(sys.argv[2]))
