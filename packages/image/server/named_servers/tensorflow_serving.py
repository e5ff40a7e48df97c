"""TensorFlow Serving behind us: requests become those of its REST API, as in AWS's own TensorFlow Serving image.

X-Amzn-SageMaker-Custom-Attributes says which model is asked: tfs-model-name, tfs-model-version, tfs-method.
"""

import json
import os
import re
import tempfile
from urllib.parse import quote

from tidegate_server import formats
from tidegate_server.asgi import CUSTOM_ATTRIBUTES
from .settings import CannotServe, free_ports, is_true, more_arguments
from .tensorflow_handlers import Handlers

METHODS = ("predict", "classify", "regress")
JSON_HEADERS = [("content-type", "application/json")]
BATCHING = {
    "SAGEMAKER_TFS_MAX_BATCH_SIZE": ("max_batch_size", 8),
    "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS": ("batch_timeout_micros", 1000),
    "SAGEMAKER_TFS_NUM_BATCH_THREADS": ("num_batch_threads", os.cpu_count()),
    "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES": ("max_enqueued_batches", os.cpu_count()),
}
PARALLELISM = {
    "SAGEMAKER_TFS_INTRA_OP_PARALLELISM": "--tensorflow_intra_op_parallelism=%s",
    "SAGEMAKER_TFS_INTER_OP_PARALLELISM": "--tensorflow_inter_op_parallelism=%s",
}
ELSEWHERE = "AWS's own image does that: build with server: none on it"


class Refused(Exception):
    """A request that cannot be translated."""

    def __init__(self, message, status_code=400):
        super().__init__(message)
        self.status_code = status_code


class Backend:
    def __init__(self, environment, model_folder, code_folder):
        if is_true(environment, "SAGEMAKER_MULTI_MODEL"):
            raise CannotServe("SAGEMAKER_MULTI_MODEL is not for this server. " + ELSEWHERE)
        if int(environment.get("SAGEMAKER_TFS_INSTANCE_COUNT") or 1) != 1:
            raise CannotServe("SAGEMAKER_TFS_INSTANCE_COUNT is not for this server: one serves. " + ELSEWHERE)
        if os.path.exists(os.path.join(model_folder, "code", "inference.py")):
            print("tidegate: the model package's code/inference.py is not run: the image's entry is", flush=True)
        self.environment = environment
        self.models = find_models(model_folder, code_folder)
        self.default = choose_default(self.models, environment.get("SAGEMAKER_TFS_DEFAULT_MODEL_NAME"))
        self.handlers = Handlers(environment.get("SAGEMAKER_PROGRAM"))
        self.port, self.grpc_port = free_ports(2, environment.get("SAGEMAKER_SAFE_PORT_RANGE"))

    def command(self):
        folder = tempfile.mkdtemp(prefix="tidegate-tensorflow-")
        files = {"models.config": model_config(self.models)}
        if is_true(self.environment, "SAGEMAKER_TFS_ENABLE_BATCHING"):
            files["batching.config"] = batching_config(self.environment)
        for name, text in files.items():
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        return arguments(self.environment, self.port, self.grpc_port, folder), {}

    async def is_healthy(self, upstream):
        states = [is_available(name, *await upstream.get("/v1/models/" + quote(name, safe=""))) for name in self.models]
        return all(states)

    async def answer(self, upstream, body, headers):
        content_type = formats.media_type(headers.get("content-type"), "application/json")
        accept = formats.media_type(headers.get("accept"), "application/json")
        model, version, method = self.choose(headers.get(CUSTOM_ATTRIBUTES, ""))
        path = "/v1/models/%s%s:%s" % (quote(model, safe=""), "/versions/" + version if version else "", method)
        context = self.handlers.context(
            model_name=model,
            model_version=version,
            method=method,
            rest_uri="http://127.0.0.1:%d%s" % (self.port, path),
            grpc_port=str(self.grpc_port),
            custom_attributes=headers.get(CUSTOM_ATTRIBUTES),
            request_content_type=content_type,
            accept_header=accept,
            content_length=len(body),
        )
        if self.handlers.answers_alone:
            return await self.handlers.answer(body, context)
        given = await self.handlers.read(body, context) if self.handlers.reads else to_request(body, content_type)
        status, _, parts = await upstream.ask("POST", path, JSON_HEADERS, given)
        answered = b"".join([part async for part in parts])
        if self.handlers.writes:
            return await self.handlers.write(status, answered, context)
        if accept in formats.JSON_LINES:
            return status, [(b"content-type", accept.encode())], answered.replace(b"\n", b"") + b"\n"
        return status, [(b"content-type", b"application/json")], answered

    def choose(self, attributes):
        """The model, version and method that a request names."""
        named = dict(each.split("=", 1) for each in re.findall(r"tfs-[a-z-]+=[^,]+", attributes))
        model = named.get("tfs-model-name", self.default)
        version, method = named.get("tfs-model-version", ""), named.get("tfs-method", "predict")
        if model not in self.models:
            found = "there is no model %s" % model if model else "no model is the default of several"
            raise Refused("%s: name one with tfs-model-name (%s)" % (found, ", ".join(self.models)))
        if not re.fullmatch(r"\d*", version) or method not in METHODS:
            raise Refused("tfs-model-version is a number, tfs-method one of " + ", ".join(METHODS))
        return model, version, method


def find_models(*folders):
    """Folder and versions by the name of a model: <model>/<version>/saved_model.pb, however deep it lies."""
    found = {}
    for folder in folders:
        for at, _, files in sorted(os.walk(folder)):
            if "saved_model.pb" not in files:
                continue
            base, version = os.path.split(at)
            if not version.isdigit() or at == folder:
                raise CannotServe("%s/saved_model.pb lies in no version: export the model to %s/1" % (at, at))
            name = os.path.basename(base)
            if found.setdefault(name, (base, []))[0] != base:
                raise CannotServe("model %s is in both %s and %s" % (name, found[name][0], base))
            found[name][1].append(int(version))
    if not found:
        raise CannotServe("there is no <model>/<version>/saved_model.pb in %s" % " or ".join(folders))
    return found


def choose_default(models, named):
    if named and named not in models:
        raise CannotServe("SAGEMAKER_TFS_DEFAULT_MODEL_NAME=%s: there are %s" % (named, ", ".join(models)))
    return named or (next(iter(models)) if len(models) == 1 else None)


def model_config(models):
    """All versions of all models, for requests that name one; the server's own way is the newest alone."""
    return "model_config_list {\n%s}\n" % "".join(
        "  config { name: %s base_path: %s model_platform: 'tensorflow' model_version_policy { specific { %s } } }\n"
        % (quoted(name), quoted(base), " ".join("versions: %d" % version for version in sorted(versions)))
        for name, (base, versions) in models.items()
    )


def quoted(text):
    return json.dumps(text, ensure_ascii=False)


def batching_config(environment):
    # Batch transform says itself how many requests it has under way, and none of them may be turned away.
    queue = {"max_enqueued_batches": 100000000} if environment.get("SAGEMAKER_BATCH") else {}
    return "".join(
        "%s { value: %s }\n" % (key, environment.get(name) or queue.get(key, otherwise))
        for name, (key, otherwise) in BATCHING.items()
    )


def arguments(environment, port, grpc_port, folder):
    argv = ["tensorflow_model_server", "--rest_api_port=%d" % port, "--port=%d" % grpc_port]
    argv += ["--model_config_file=%s/models.config" % folder, "--max_num_load_retries=0"]
    if is_true(environment, "SAGEMAKER_TFS_ENABLE_BATCHING"):
        argv += ["--enable_batching=true", "--batching_parameters_file=%s/batching.config" % folder]
    argv += [text % environment[name] for name, text in PARALLELISM.items() if environment.get(name)]
    return argv + more_arguments(environment)


def is_available(name, status, body):
    """Whether every version of a model is loaded. @raises CannotServe where one cannot be"""
    versions = json.loads(body).get("model_version_status", []) if status == 200 else []
    for version in versions:
        problem = version.get("status", {})
        if version["state"] == "END" and problem.get("error_code", "OK") != "OK":
            raise CannotServe(
                "version %s of model %s cannot be loaded: %s" % (version["version"], name, problem.get("error_message"))
            )
    return len(versions) > 0 and all(version["state"] == "AVAILABLE" for version in versions)


def to_request(body, content_type):
    """A request of the REST API: what is one already, or the instances that a body holds."""
    if content_type == "application/json":
        if re.search(rb'"(instances|inputs|examples)"\s*:', body):
            return body
        try:
            value = json.loads(body)
        except ValueError as error:
            raise Refused("not JSON: %s" % error)
        rows = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
    elif content_type in formats.JSON_LINES:
        rows = formats.decode(body, content_type)
    elif content_type == "text/csv":
        rows = [row if len(row) > 1 else row[0] for row in formats.decode(body, content_type)]
    else:
        raise Refused("content type %s is neither JSON, JSON lines nor CSV: define input_handler" % content_type, 415)
    return json.dumps({"instances": rows}).encode()
