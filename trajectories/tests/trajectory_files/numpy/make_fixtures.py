"""Writes the .npz files beside this script with NumPy itself; `python make_fixtures.py` replaces them."""

from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
TIMES = np.array([0, 10, 20])
# Quarters are whole in single precision too, so that every file holds the same numbers.
WEIGHTS = 0.25 * np.arange(24).reshape(2, 3, 4) - 1.5


def write(name, save=np.savez, **arrays):
    save(HERE / f"{name}.npz", **arrays)


write("double", times=TIMES, weights=WEIGHTS)
write("single", times=TIMES.astype(np.int32), weights=WEIGHTS.astype(np.float32))
write("big_endian", times=TIMES.astype(">i8"), weights=WEIGHTS.astype(">f8"))
write("big_endian_single", times=TIMES.astype(">u2"), weights=WEIGHTS.astype(">f4"))
write("float_times", times=TIMES.astype(float), weights=WEIGHTS)
write("one_replica", times=TIMES, weights=WEIGHTS[0])
write("compressed", np.savez_compressed, times=TIMES, weights=WEIGHTS, gradients=2 * WEIGHTS, layers=[1, 3])
write("fortran_order", times=TIMES, weights=np.asfortranarray(WEIGHTS))
write("object_array", times=TIMES, weights=WEIGHTS.astype(object))
write("half_precision", times=TIMES, weights=WEIGHTS.astype(np.float16))
write("structured", times=TIMES, weights=np.zeros(3, dtype=[("x", "<f8")]))
