"""Learns which flights leave more than a quarter of an hour late, and writes the model as ONNX."""

import argparse
import csv
import os

import numpy as np
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from features import NUMBERS, TEXT, make_features, read_flights

BASELINE_ROWS = 50_000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--max-iter", type=int, default=100)
    parser.add_argument("--max-rows", type=int, default=120_000)
    parser.add_argument("--seed", type=int, default=0)
    settings = parser.parse_args()

    flights = read_flights(os.environ["SM_CHANNEL_TRAIN"])
    random = np.random.default_rng(settings.seed)
    rows = np.sort(random.choice(len(flights), min(settings.max_rows, len(flights)), replace=False))
    features, delayed = make_features(flights, rows)
    print(f"flights={len(flights)} used={len(rows)} delayed-share={delayed.mean():.4f}", flush=True)

    x = np.column_stack([features[name].astype(object) for name in TEXT + NUMBERS])
    held_out = random.random(len(rows)) < 0.1
    model = make_pipeline(
        ColumnTransformer(
            [("airports", OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), [0, 1])],
            remainder="passthrough",
        ),
        HistGradientBoostingClassifier(max_iter=settings.max_iter, random_state=settings.seed),
    )
    model.fit(x[~held_out], delayed[~held_out])
    score = roc_auc_score(delayed[held_out], model.predict_proba(x[held_out])[:, 1])
    print(f"validation-roc-auc={score:.4f}", flush=True)

    write_model(model, os.path.join(os.environ["SM_MODEL_DIR"], "model.onnx"))
    write_baseline(features, os.path.join(os.environ["SM_OUTPUT_DATA_DIR"], "baseline.csv"))


def write_model(model, path):
    inputs = [(name, StringTensorType([None, 1])) for name in TEXT] + [(name, FloatTensorType([None, 1])) for name in NUMBERS]
    onnx = to_onnx(model, initial_types=inputs, options={"zipmap": False})
    with open(path, "wb") as file:
        file.write(onnx.SerializeToString())


def write_baseline(features, path):
    """The features as the endpoint will receive them: what production is compared with."""
    every = max(1, len(features["origin"]) // BASELINE_ROWS)
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(TEXT + NUMBERS)
        for row in zip(*(features[name][::every].tolist() for name in TEXT + NUMBERS)):
            writer.writerow(["" if value != value else value for value in row])


if __name__ == "__main__":
    main()
