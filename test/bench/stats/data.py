"""Makes the benchmark's files, once. Argument: a folder.

The current data differ from the baseline in two columns of each table.
"""

import json
import os
import sys

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

FOLDER = sys.argv[1]
ROWS, BASELINE_ROWS, TEXT_ROWS, LINES = 5_000_000, 500_000, 5_000_000, 500_000
AIRPORTS = np.array([f"{chr(65 + i // 26 % 26)}{chr(65 + i % 26)}{chr(65 + i * 7 % 26)}" for i in range(300)])


def numbers(rng, rows, shift):
    return pa.table(
        {
            "normal": rng.normal(0, 1, rows),
            "moved": rng.normal(shift, 1, rows),
            "uniform": rng.random(rows),
            "exponential": rng.exponential(1 + shift, rows),
            "lognormal": rng.lognormal(0, 1, rows),
            "seconds": 1.7e9 + 86400 * rng.random(rows),
            "cents": np.round(rng.gamma(2, 30, rows), 2),
            "share": rng.beta(2, 5, rows),
            "cauchy": rng.standard_cauchy(rows),
            "mixed": np.where(rng.random(rows) < 0.3, 0.0, rng.normal(5, 2, rows)),
        }
    )


def texts(rng, rows, shift):
    hexes = rng.integers(0, 2**63 - 1, rows)
    busy = rng.zipf(1.3, rows) % 300
    return pa.table(
        {
            "weekday": np.array(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"])[rng.integers(0, 7 - int(2 * shift), rows)],
            "origin": AIRPORTS[busy],
            "destination": AIRPORTS[(busy * 7 + rng.integers(0, 20, rows)) % 300],
            "carrier": AIRPORTS[rng.integers(0, 14, rows)],
            "tail": pa.array([f"N{value % 50000}" for value in hexes.tolist()]),
            "user": pa.array([f"user-{value % 1_000_000:07d}" for value in hexes.tolist()]),
            "request": pa.array([f"{value:016x}" for value in hexes.tolist()]),
            "session": pa.array([f"s{value % 3_000_000}-{value % 7}" for value in hexes.tolist()]),
        }
    )


def capture(rng, kind, file):
    with open(file, "w") as out:
        values = np.round(rng.normal(0, 1, (LINES, 8)), 6)
        hours, predictions = rng.integers(0, 24, LINES), np.round(rng.random(LINES), 6)
        origins = AIRPORTS[rng.integers(0, 30, LINES)]
        for i in range(LINES):
            if kind == "csv":
                data = ",".join(map(repr, values[i].tolist())) + f",{hours[i]},{origins[i]}"
                answer, encoding, media = repr(float(predictions[i])), "CSV", "text/csv"
            else:
                instance = {f"f{j}": value for j, value in enumerate(values[i].tolist())} | {"hour": int(hours[i]), "origin": str(origins[i])}
                data = json.dumps({"instances": [instance]})
                answer, encoding, media = json.dumps({"predictions": [float(predictions[i])]}), "JSON", "application/json"
            side = {"observedContentType": media, "encoding": encoding}
            line = {
                "captureData": {
                    "endpointInput": {"mode": "INPUT", "data": data, **side},
                    "endpointOutput": {"mode": "OUTPUT", "data": answer, **side},
                },
                "eventMetadata": {"eventId": f"{i:08x}-11ee-9c4e-0242ac120002", "inferenceTime": "2027-01-01T13:00:00Z"},
                "eventVersion": "0",
            }
            out.write(json.dumps(line, separators=(",", ":")) + "\n")


def path(name):
    return os.path.join(FOLDER, name)


rng = np.random.default_rng(20270101)
baseline, current = numbers(rng, BASELINE_ROWS, 0), numbers(rng, ROWS, 0.5)
pq.write_table(baseline, path("numbers-baseline.parquet"), compression="snappy")
for codec in ["snappy", "zstd"]:
    pq.write_table(current, path(f"numbers-{codec}.parquet"), compression=codec)
pa.csv.write_csv(baseline, path("numbers-baseline.csv"))
pa.csv.write_csv(current.slice(0, 2_000_000), path("numbers.csv"))
pq.write_table(texts(rng, BASELINE_ROWS, 0), path("texts-baseline.parquet"), compression="snappy")
pq.write_table(texts(rng, TEXT_ROWS, 0.5), path("texts.parquet"), compression="snappy")
for kind in ["csv", "json"]:
    capture(rng, kind, path(f"capture-{kind}.jsonl"))
