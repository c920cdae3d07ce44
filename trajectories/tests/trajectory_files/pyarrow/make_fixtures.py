"""Writes the .parquet files beside this script with pyarrow; `python make_fixtures.py` replaces them."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
# Two replicas, steps 0, 10 and 20, four weights: the numbers of ../numpy/make_fixtures.py.
replica, frame, weight = (index.ravel() for index in np.indices((2, 3, 4)))
table = pa.table(
    {"replica": replica, "step": 10 * frame, "weight": weight, "value": 0.25 * np.arange(24) - 1.5}
)
pq.write_table(
    table, HERE / "checksums.parquet", write_page_checksum=True, compression="snappy", row_group_size=10,
    use_dictionary=["replica", "step"], store_schema=False,
)
