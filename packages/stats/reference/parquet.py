"""Writes Parquet files in the ways writers write them, and beside each the values as JSON.

Argument: a folder. Each file x.parquet has x.json: a list of columns, null for missing.
"""

import datetime
import decimal
import json
import math
import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = sys.argv[1]
EPOCH = datetime.datetime(1970, 1, 1)


def plain(value):
    if value is None:
        return None
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isfinite(value) else str(value)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return float(value)
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.datetime):
        return (value.replace(tzinfo=None) - EPOCH) / datetime.timedelta(milliseconds=1)
    if isinstance(value, datetime.date):
        return (datetime.datetime(value.year, value.month, value.day) - EPOCH) / datetime.timedelta(milliseconds=1)
    if isinstance(value, datetime.time):
        return (value.hour * 3600 + value.minute * 60 + value.second) * 1000 + value.microsecond / 1000
    return value


def columns_of(rng, n, nulls):
    def some(values):
        return [None if nulls and rng.random() < 0.2 else value for value in values]

    words = ["", "a", "DEN", "é", "a longer text " * 4, "日本"]
    return {
        "double": pa.array(some(rng.normal(size=n).tolist() if n else []), pa.float64()),
        "double_special": pa.array(some(rng.choice([0.0, -0.0, 1e300, 5e-324, math.inf, -math.inf, math.nan], n).tolist()), pa.float64()),
        "float": pa.array(some(rng.normal(size=n).astype(np.float32).tolist()), pa.float32()),
        "half": pa.array(some([np.float16(x) for x in rng.normal(size=n)]), pa.float16()),
        "int8": pa.array(some(rng.integers(-128, 128, n).tolist()), pa.int8()),
        "uint8": pa.array(some(rng.integers(0, 256, n).tolist()), pa.uint8()),
        "int32": pa.array(some(rng.integers(-(2**31), 2**31, n).tolist()), pa.int32()),
        "uint32": pa.array(some(rng.integers(0, 2**32, n).tolist()), pa.uint32()),
        "int64": pa.array(some(rng.integers(-(2**63), 2**63 - 1, n).tolist()), pa.int64()),
        "uint64": pa.array(some([int(x) * 2 + 1 for x in rng.integers(0, 2**63 - 1, n)]), pa.uint64()),
        "sorted": pa.array(some(np.cumsum(rng.integers(0, 9, n)).tolist()), pa.int64()),
        "constant": pa.array(some([7] * n), pa.int64()),
        "bool": pa.array(some((rng.random(n) < 0.3).tolist()), pa.bool_()),
        "text": pa.array(some(rng.choice(words, n).tolist()), pa.string()),
        "large_text": pa.array(some([f"row {i}" for i in range(n)]), pa.large_string()),
        "binary": pa.array(some([f"b{i % 5}".encode() for i in range(n)]), pa.binary()),
        "category": pa.array(some(rng.choice(words, n).tolist()), pa.string()).dictionary_encode(),
        "date": pa.array(some([datetime.date(2001, 1, 1) + datetime.timedelta(days=int(d)) for d in rng.integers(0, 900, n)]), pa.date32()),
        "timestamp_ms": pa.array(some([EPOCH + datetime.timedelta(milliseconds=int(d)) for d in rng.integers(-(10**12), 10**12, n)]), pa.timestamp("ms")),
        "timestamp_us": pa.array(some([EPOCH + datetime.timedelta(microseconds=int(d)) for d in rng.integers(0, 10**15, n)]), pa.timestamp("us", "UTC")),
        "time": pa.array(some([datetime.time(int(h), 30, 1, 5) for h in rng.integers(0, 24, n)]), pa.time64("us")),
        "decimal9": pa.array(some([decimal.Decimal(int(d)).scaleb(-2) for d in rng.integers(-(10**8), 10**8, n)]), pa.decimal128(9, 2)),
        "decimal30": pa.array(some([decimal.Decimal(int(d)).scaleb(-3) for d in rng.integers(-(2**62), 2**62, n)]), pa.decimal128(30, 3)),
        "all_null": pa.array([None] * n, pa.float64()),
    }


def write(name, table, **options):
    pq.write_table(table, os.path.join(FOLDER, f"{name}.parquet"), **options)
    columns = [
        {"name": field.name, "values": [plain(value.item() if isinstance(value, np.float16) else value) for value in table.column(i).to_pylist()]}
        for i, field in enumerate(table.schema)
    ]
    with open(os.path.join(FOLDER, f"{name}.json"), "w") as file:
        json.dump(columns, file, allow_nan=False)


rng = np.random.default_rng(20270101)
everything = pa.table(columns_of(rng, 500, nulls=True))
full = pa.table(columns_of(rng, 500, nulls=False))
required = pa.table(full.columns, schema=pa.schema([field.with_nullable(field.name == "all_null") for field in full.schema]))
number_names = ["double", "float", "int32", "int64", "sorted"]

for codec in ["none", "snappy", "gzip", "zstd", "lz4", "brotli"]:
    for version in ["1.0", "2.0"]:
        write(f"{codec}-{version[0]}", everything, compression=codec, data_page_version=version, data_page_size=700, row_group_size=170, write_page_checksum=codec == "zstd")
write("full", full, compression="snappy")
write("required", required, compression="snappy")
write("required-2", required, compression="zstd", data_page_version="2.0")
write("plain", everything, use_dictionary=False, compression="snappy")
write("dictionary-overflows", pa.table({"double": rng.normal(size=4000), "text": [f"row {i}" for i in range(4000)]}), dictionary_pagesize_limit=2000, data_page_size=3000)
write("int96", pa.table({"timestamp": pa.array([EPOCH + datetime.timedelta(seconds=i * 977) for i in range(300)], pa.timestamp("us"))}), use_deprecated_int96_timestamps=True)
write("empty", everything.slice(0, 0))
write("one-row", everything.slice(0, 1))
write(
    "delta",
    everything.select(["int32", "int64", "sorted", "text", "large_text", "bool"]),
    use_dictionary=False,
    column_encoding={"int32": "DELTA_BINARY_PACKED", "int64": "DELTA_BINARY_PACKED", "sorted": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY", "large_text": "DELTA_BYTE_ARRAY", "bool": "RLE"},
    data_page_version="2.0",
)
write("delta-length", everything.select(["text", "large_text"]), use_dictionary=False, column_encoding={"text": "DELTA_LENGTH_BYTE_ARRAY", "large_text": "DELTA_LENGTH_BYTE_ARRAY"})
write("streams", everything.select(number_names), use_dictionary=False, column_encoding={name: "BYTE_STREAM_SPLIT" for name in number_names})
pq.write_table(pa.table({"list": [[1, 2], [3]], "struct": [{"a": 1}, {"a": 2}]}), os.path.join(FOLDER, "nested.parquet"))
pq.write_table(pa.table({"text": pa.array([b"ok", b"\xff\xfe"], pa.binary())}), os.path.join(FOLDER, "not-utf8.parquet"))
pq.write_table(pa.table({"x": pa.array([1.5, None, -2.0]), "t": pa.array(["a", "b", None])}), os.path.join(FOLDER, "small.parquet"), compression="snappy", write_statistics=False)
wide = 10_000
pq.write_table(pa.table([pa.array([i, i + 1, None], pa.int64()) for i in range(wide)], names=[f"c{i}" for i in range(wide)]), os.path.join(FOLDER, "wide.parquet"))
