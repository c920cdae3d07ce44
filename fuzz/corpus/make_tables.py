"""Writes the Parquet tables of fuzz/corpus/parquet with PyArrow: what it can write of what glassbox reads."""

import pathlib

import numpy
import pyarrow
import pyarrow.parquet

folder = pathlib.Path(__file__).parent / "parquet"
replicas, times, weights = 2, 6, 5
rows = numpy.arange(replicas * times * weights)
values = numpy.random.default_rng(1).normal(size=rows.size)
table = pyarrow.table(
    {
        "replica": pyarrow.array(rows // (times * weights), pyarrow.int32()),
        "step": pyarrow.array(rows // weights % times * 5, pyarrow.int64()),
        "weight": pyarrow.array(rows % weights, pyarrow.int64()),
        "gradient": pyarrow.array(0.5 * values, pyarrow.float64()),
        "value": pyarrow.array(values, pyarrow.float64()),
    }
)
small = {"store_schema": False, "row_group_size": 35}
plain = {"use_dictionary": False, "compression": "none", "column_encoding": "PLAIN"}
delta = {"step": "DELTA_BINARY_PACKED", "weight": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"}
kinds = {
    "plain": plain,
    "plain-checksums": {**plain, "write_page_checksum": True, "write_statistics": False},
    "dictionary-snappy": {"compression": "snappy", "use_dictionary": True},
    "delta": {"compression": "none", "use_dictionary": False, "column_encoding": delta},
    "second-pages-checksums": {"compression": "snappy", "data_page_version": "2.0", "write_page_checksum": True},
}
for name, options in kinds.items():
    pyarrow.parquet.write_table(table, folder / f"{name}.parquet", **small, **options)
