"""Evidently, NannyML and scikit-learn as a contender: a task a line, an answer a line."""

import json
import resource
import sys
import time

import numpy as np
import pandas as pd

frames = {}


def used():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return time.perf_counter(), sum(usage.ru_utime + usage.ru_stime for usage in both)


def since(start):
    now = used()
    return now[0] - start[0], now[1] - start[1]


def frame(file):
    if file not in frames:
        frames[file] = pd.read_parquet(file)
    return frames[file]


def evidently(task):
    from evidently import Report
    from evidently.presets import DataDriftPreset

    baseline = frame(task["baseline"])
    start = used()
    current = pd.read_parquet(task["current"])
    options = {"num_method": "psi"} if task.get("psi") else {}
    report = Report([DataDriftPreset(**options)]).run(current, baseline)
    found = {metric["metric_name"]: str(metric["value"]) for metric in report.dict()["metrics"]}
    return *since(start), found


def nannyml(task):
    import nannyml as nml

    baseline = frame(task["baseline"])
    names = list(baseline.columns)
    calculator = nml.UnivariateDriftCalculator(column_names=names, continuous_methods=["jensen_shannon"], chunk_number=1).fit(baseline)
    start = used()
    results = calculator.calculate(pd.read_parquet(task["current"]))
    values = results.filter(period="analysis").to_df()
    return *since(start), {"columns": int(values.shape[1])}


def auc(task):
    from sklearn.metrics import roc_auc_score

    n = task["rows"]
    state = 1
    draws = np.empty(4 * n)
    for i in range(4 * n):
        state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        draws[i] = state / 2**32
    draws = draws.reshape(n, 4)
    labels = (draws[:, 0] < 0.3).astype(int)
    shared = 0.6 * draws[:, 1]
    candidate = shared + 0.2 * draws[:, 2] + 0.15 * labels
    baseline = shared + 0.2 * draws[:, 3] + 0.1 * labels
    rng = np.random.default_rng(1)
    difference = roc_auc_score(labels, candidate) - roc_auc_score(labels, baseline)
    start = used()
    for _ in range(task["resamples"]):
        rows = rng.integers(0, n, n)
        own = labels[rows]
        roc_auc_score(own, candidate[rows]) - roc_auc_score(own, baseline[rows])
    return *since(start), {"difference": difference}


WORK = {"evidently": evidently, "nannyml": nannyml, "auc": auc}

for line in sys.stdin:
    task = json.loads(line)
    seconds, processor, answer = WORK[task["do"]](task)
    print(json.dumps({"milliseconds": seconds * 1000, "cpuMilliseconds": processor * 1000, "answer": answer}), flush=True)
