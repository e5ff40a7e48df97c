"""vLLM answers /ping and /invocations itself, so it takes our place.

Its options are SM_VLLM_* variables, read as AWS's own vLLM image reads them: SM_VLLM_MAX_MODEL_LEN=4096 is
--max-model-len 4096, true is the option alone, false is nothing, a JSON list is one argument an item.
"""

import json
import os

from .settings import CannotServe, more_arguments, port

PREFIX = "SM_VLLM_"
# The model is an argument of its own, and where to listen is SageMaker's to say.
TAKEN = ("model", "port", "host")
# A list is the value of these, not several values.
WHOLE = ("allowed-origins", "allowed-methods", "allowed-headers", "middleware")


def command(environment, model_folder, code_folder):
    """The command line, and what its environment needs beside."""
    model = find_model(environment, model_folder, code_folder)
    argv = ["vllm", "serve"] + ([model] if model else []) + ["--port", port(environment)]
    host = environment.get("TIDEGATE_BIND_TO_HOST")
    argv += ["--host", host] if host else []
    for name in sorted(environment):
        if name.startswith(PREFIX):
            argv += option(name[len(PREFIX) :].lower().replace("_", "-"), environment[name])
    return argv + more_arguments(environment), {}


def find_model(environment, model_folder, code_folder):
    """SM_VLLM_MODEL, what the model package brought, what the image brought, or HF_MODEL_ID; in that order."""
    if environment.get("SM_VLLM_MODEL"):
        return environment["SM_VLLM_MODEL"]
    if os.path.isdir(model_folder) and os.listdir(model_folder):
        return model_folder
    if os.path.isfile(os.path.join(code_folder, "config.json")):
        return code_folder
    if environment.get("HF_MODEL_ID") or environment.get("SM_VLLM_CONFIG"):
        return environment.get("HF_MODEL_ID")
    raise CannotServe(
        "there is no model: %s is empty, and none of SM_VLLM_MODEL, HF_MODEL_ID and SM_VLLM_CONFIG names one" % model_folder
    )


def option(name, value):
    if name in TAKEN or value.strip().lower() == "false":
        return []
    if value.strip().lower() in ("", "true"):
        return ["--" + name]
    items = [value]
    if value.strip().startswith("[") and name not in WHOLE:
        try:
            items = [item if isinstance(item, str) else json.dumps(item) for item in json.loads(value)]
        except ValueError:
            pass
    return ["--" + name] + items if items else []
