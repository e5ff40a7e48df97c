"""Lets a model predict the flights it is judged on, and writes predictions.csv; who judges is the gate, not this script."""

import csv
import os

import numpy as np
import onnxruntime

from features import make_features, read_flights

ENOUGH = 60_000  # so many flights tell models apart by half a hundredth of AUC; more only take longer


def main():
    flights = read_flights(os.environ["TIDEGATE_DATA_DIR"])
    features, delayed = make_features(flights, np.arange(0, len(flights), max(1, len(flights) // ENOUGH)))
    model = onnxruntime.InferenceSession(os.path.join(os.environ["TIDEGATE_MODEL_DIR"], "model.onnx"))
    wanted = [each.name for each in model.get_inputs()]  # each model is asked with the features it was trained on
    _, probabilities = model.run(None, {name: features[name].reshape(-1, 1) for name in wanted})

    path = os.path.join(os.environ["TIDEGATE_OUTPUT_DIR"], "predictions.csv")
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["delayed", "prediction", "origin"])
        writer.writerows(zip(delayed.tolist(), probabilities[:, 1].tolist(), features["origin"].tolist()))
    print(f"flights={len(delayed)}", flush=True)


if __name__ == "__main__":
    main()
