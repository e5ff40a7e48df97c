"""Answers requests such as {"instances": [{"origin": "DEN", "destination": "LAX", "distance": 862, "hour": 14, …}]}."""

import json
import os

import numpy as np
import onnxruntime


def model_fn(model_dir):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # requests are served side by side
    return onnxruntime.InferenceSession(os.path.join(model_dir, "model.onnx"), options)


def input_fn(body, content_type):
    if content_type != "application/json":
        raise ValueError(f"send application/json, not {content_type}")
    return json.loads(body)["instances"]


def predict_fn(instances, model):
    columns = {each.name: column(instances, each.name, each.type) for each in model.get_inputs()}
    return model.run(["probabilities"], columns)[0][:, 1]


def output_fn(predictions, accept):
    return json.dumps({"predictions": [round(float(value), 6) for value in predictions]})


def column(instances, name, kind):
    """One feature of every instance; a number that was not sent is NaN, which the model has an answer for."""
    values = [instance.get(name) for instance in instances]
    if kind == "tensor(string)":
        return np.array([["" if value is None else value] for value in values], dtype=object)
    return np.array([[np.nan if value is None else value] for value in values], dtype=np.float32)
