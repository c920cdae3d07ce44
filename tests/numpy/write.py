"""Wrote the .npz files beside it with real NumPy; tests/trajectory_files reads them. Run it again only to change them.

python tests/numpy/write.py
"""

from pathlib import Path

import numpy as np

folder = Path(__file__).parent
times = np.array([0, 10, 20])
weights = np.arange(24, dtype=np.float64).reshape(2, 3, 4) / 8 - 1

np.savez(folder / "double.npz", times=times, weights=weights, gradients=2 * weights, layers=[1, 3])
np.savez_compressed(folder / "single_packed.npz", times=times.astype(np.uint16), weights=weights.astype(np.float32))
np.savez(folder / "big_endian.npz", times=times.astype(">i4"), weights=weights.astype(">f8"))
np.savez(folder / "one_replica.npz", times=times.astype(np.float64), weights=weights[0])
np.savez(folder / "fortran_order.npz", times=times, weights=np.asfortranarray(weights))
ragged = np.empty(2, dtype=object)
ragged[:] = [weights[0], weights[1, :2]]
np.savez(folder / "object_array.npz", times=times, weights=ragged)
