"""The features of a flight, made from history as a request will carry them."""

import glob
import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

TEXT = ["origin", "destination"]
NUMBERS = ["distance", "hour", "weekday", "origin_delays_yesterday"]
DELAYED_AFTER_MINUTES = 15


def read_flights(folder):
    """Every flight in a folder's Parquet files: one Arrow table."""
    files = sorted(glob.glob(os.path.join(folder, "**", "*.parquet"), recursive=True))
    if not files:
        raise SystemExit(f"no Parquet file below {folder}")
    return pa.concat_tables([pq.read_table(file) for file in files]).combine_chunks()


def make_features(flights, rows=None):
    """Columns by name and whether each flight was delayed, for all flights or for some rows of them."""
    rows = np.arange(len(flights)) if rows is None else rows
    date = flights["date"].to_numpy()
    delayed = flights["delay"].to_numpy() > DELAYED_AFTER_MINUTES
    day = date.astype("datetime64[D]").astype(np.int64)
    origin = flights["origin"].chunk(0).dictionary_encode()
    destination = flights["destination"].chunk(0).dictionary_encode()
    yesterday = delays_yesterday(origin.indices.to_numpy(), day, delayed)
    return {
        "origin": _names(origin)[origin.indices.to_numpy()[rows]],
        "destination": _names(destination)[destination.indices.to_numpy()[rows]],
        "distance": flights["distance"].to_numpy()[rows].astype(np.float32),
        "hour": (date[rows].astype("datetime64[h]").astype(np.int64) % 24).astype(np.float32),
        "weekday": ((day[rows] + 3) % 7).astype(np.float32),  # Monday is 0
        "origin_delays_yesterday": yesterday[rows],
    }, delayed[rows].astype(np.int64)


def delays_yesterday(airport, day, delayed):
    """The share of flights that left the same airport late the day before; NaN where none left."""
    day = day - day.min()
    shape = (airport.max() + 1, day.max() + 2)
    cell = airport * shape[1] + day + 1
    flights = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)
    delays = np.bincount(cell, weights=delayed, minlength=shape[0] * shape[1]).reshape(shape)
    with np.errstate(invalid="ignore"):
        return (delays / flights)[airport, day].astype(np.float32)


def _names(encoded):
    return np.asarray(encoded.dictionary.to_pylist(), dtype=object)
