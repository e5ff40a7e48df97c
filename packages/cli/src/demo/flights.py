"""Cuts the flights of 2001 into the files that a data team would deliver, and into the requests that clients would send."""

import datetime
import json
import os
import sys

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

source, folder, model = sys.argv[1:]
sys.path.insert(0, model)
from features import NUMBERS, TEXT, make_features  # noqa: E402

REQUESTS = 8_000
WITHOUT_DISTANCE = 0.15  # of April's, as from a client that does not send it; by May it does

PARTS = {
    "2001-01": ((1, 1), (2, 1)),
    "2001-02": ((2, 1), (3, 1)),
    "2001-03": ((3, 1), (4, 1)),
    "2001-04": ((4, 1), (5, 1)),
    "2001-05-early": ((5, 1), (5, 25)),
    "2001-05-late": ((5, 25), (6, 1)),
}

flights = pq.read_table(source).sort_by("date")
os.makedirs(folder, exist_ok=True)


def part(first, last):
    after = pc.greater_equal(flights["date"], datetime.datetime(2001, *first))
    return flights.filter(pc.and_(after, pc.less(flights["date"], datetime.datetime(2001, *last))))


def write_requests(path, table, without_distance):
    """Requests from all over a month in any order; its first day is left out because nobody knows the day before it."""
    day = table["date"].to_numpy().astype("datetime64[D]")
    later = np.flatnonzero(day > day[0])
    random = np.random.default_rng(0)
    rows = random.choice(later, REQUESTS, replace=False)
    features, _ = make_features(table.combine_chunks(), rows)
    with open(path, "w") as file:
        for row in range(len(rows)):
            flight = {name: features[name][row] for name in TEXT}
            for name in NUMBERS:
                value = float(features[name][row])
                flight[name] = None if np.isnan(value) else round(value, 5)
            if random.random() < without_distance:
                del flight["distance"]
            file.write(json.dumps({"instances": [flight]}) + "\n")


for name, (first, last) in PARTS.items():
    pq.write_table(part(first, last), os.path.join(folder, f"{name}.parquet"))
write_requests(os.path.join(folder, "requests-april.jsonl"), part((4, 1), (5, 1)), WITHOUT_DISTANCE)
write_requests(os.path.join(folder, "requests-may.jsonl"), part((5, 1), (5, 25)), 0)
