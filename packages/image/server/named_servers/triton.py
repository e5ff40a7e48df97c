"""Triton answers /ping and /invocations itself, so it takes our place.

SAGEMAKER_TRITON_* variables say what they say to the `serve` script of NVIDIA's images. Beside that, a repository in
the image's source is served together with the one of the model package: an ensemble may join the two.
"""

import glob
import os
import re

from .settings import CannotServe, is_true, more_arguments, port, subfolders

# A loader finds its models elsewhere then, but Triton wants a repository all the same.
MULTI_MODEL_REPOSITORY = "/tmp/tidegate-triton"
OPTIONS = {
    "SAGEMAKER_SAFE_PORT_RANGE": "--sagemaker-safe-port-range=%s",
    "SAGEMAKER_TRITON_BUFFER_MANAGER_THREAD_COUNT": "--buffer-manager-thread-count=%s",
    "SAGEMAKER_TRITON_THREAD_COUNT": "--sagemaker-thread-count=%s",
    "SAGEMAKER_TRITON_LOG_VERBOSE": "--log-verbose=%s",
    "SAGEMAKER_TRITON_LOG_INFO": "--log-info=%s",
    "SAGEMAKER_TRITON_LOG_WARNING": "--log-warning=%s",
    "SAGEMAKER_TRITON_LOG_ERROR": "--log-error=%s",
    "SAGEMAKER_TRITON_TENSORFLOW_VERSION": "--backend-config=tensorflow,version=%s",
    "SAGEMAKER_TRITON_DISABLE_MODEL_NAMESPACING": "--model-namespacing=%s",
}
# Shared memory is small in a container, and each model's Python process takes this much of it at once.
PYTHON_MEMORY = {
    "SAGEMAKER_TRITON_SHM_DEFAULT_BYTE_SIZE": ("shm-default-byte-size", 16 * 1024 * 1024),
    "SAGEMAKER_TRITON_SHM_GROWTH_BYTE_SIZE": ("shm-growth-byte-size", 1024 * 1024),
}


def command(environment, model_folder, code_folder):
    """The command line, and what its environment needs beside."""
    many = is_true(environment, "SAGEMAKER_MULTI_MODEL")
    argv = ["tritonserver", "--allow-sagemaker=true", "--sagemaker-port=" + port(environment)]
    argv += ["--allow-%s=false" % protocol for protocol in ("http", "grpc", "metrics")]
    argv += ["--model-control-mode=explicit"]
    for name, text in OPTIONS.items():
        argv += [text % environment[name]] if environment.get(name) else []
    for name, (key, otherwise) in PYTHON_MEMORY.items():
        argv += ["--backend-config=python,%s=%s" % (key, environment.get(name) or otherwise)]
    limit = environment.get("SAGEMAKER_TRITON_MODEL_LOAD_GPU_LIMIT")
    for gpu in range(len(glob.glob("/dev/nvidia[0-9]*")) if limit else 0):
        argv += ["--model-load-gpu-limit=%d:%s" % (gpu, limit)]
    argv += more_arguments(environment)
    if many:
        os.makedirs(MULTI_MODEL_REPOSITORY, exist_ok=True)
        # Packages that were made apart may use the same names.
        if not environment.get("SAGEMAKER_TRITON_DISABLE_MODEL_NAMESPACING"):
            argv += ["--model-namespacing=true"]
        return argv + ["--model-repository=" + MULTI_MODEL_REPOSITORY], {}
    found = find_models([model_folder, code_folder])
    default = choose_model(found, environment.get("SAGEMAKER_TRITON_DEFAULT_MODEL_NAME"))
    loaded = (environment.get("TIDEGATE_TRITON_LOAD_MODELS") or "").replace(",", " ").split()
    loaded = loaded if "*" in loaded else dict.fromkeys([default] + loaded)
    argv += ["--model-repository=" + folder for folder in dict.fromkeys(os.path.dirname(at) for at in found.values())]
    return argv + ["--load-model=" + name for name in loaded], {"SAGEMAKER_TRITON_DEFAULT_MODEL_NAME": default}


def find_models(repositories):
    """Folders by the name of their model: those with a config.pbtxt or with a version in them."""
    found = {}
    for folder in repositories:
        if os.path.isfile(os.path.join(folder, "config.pbtxt")):
            raise CannotServe("config.pbtxt lies at the top of %s: a model lies in a folder of its own name" % folder)
        for name in subfolders(folder):
            at = os.path.join(folder, name)
            if not os.path.isfile(os.path.join(at, "config.pbtxt")) and not any(map(str.isdigit, subfolders(at))):
                continue
            if name in found:
                raise CannotServe("model %s is in both %s and %s" % (name, found[name], at))
            found[name] = at
    if not found:
        raise CannotServe(
            "there is no model in %s: a repository has <model>/config.pbtxt and <model>/<version>/" % " or ".join(repositories)
        )
    return found


def choose_model(found, named):
    """The model that /invocations asks: the one that is named, the only one, or the only ensemble."""
    if named:
        if named not in found:
            raise CannotServe("SAGEMAKER_TRITON_DEFAULT_MODEL_NAME=%s: there are %s" % (named, ", ".join(found)))
        return named
    ensembles = [name for name, at in found.items() if is_ensemble(os.path.join(at, "config.pbtxt"))]
    candidates = list(found) if len(found) == 1 else ensembles
    if len(candidates) != 1:
        raise CannotServe(
            "there are %d models (%s): say with SAGEMAKER_TRITON_DEFAULT_MODEL_NAME which of them answers /invocations"
            % (len(found), ", ".join(found))
        )
    return candidates[0]


def is_ensemble(config):
    if not os.path.isfile(config):
        return False
    with open(config, encoding="utf-8") as file:
        return re.search(r'^\s*(platform\s*:\s*"ensemble"|ensemble_scheduling\b)', file.read(), re.M) is not None
