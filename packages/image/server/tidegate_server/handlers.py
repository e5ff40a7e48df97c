"""The user's handler functions, by the names that SageMaker users know."""

import importlib.util
import inspect
import os
import sys

from . import formats
from .places import MODEL_FOLDER, code_folder

NAMES = ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn", "predict_batch_fn")
DEFAULT_ACCEPT = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or "application/json"


class BadHandlers(Exception):
    """The user's code cannot serve; says what is missing."""


class Context:
    """What handlers may ask about a request, where they take one argument more."""

    def __init__(self, headers=None):
        self.headers = headers or {}
        self.model_folder = MODEL_FOLDER


class Handlers:
    """The functions of one program; those that it does not define have SageMaker's defaults."""

    def __init__(self, module):
        self.functions = {name: getattr(module, name) for name in NAMES if hasattr(module, name)}
        program = getattr(module, "__file__", "the program")
        if "model_fn" not in self.functions:
            raise BadHandlers("%s defines no model_fn(model_dir)" % program)
        others = [name for name in ("input_fn", "predict_fn", "output_fn") if name in self.functions]
        if "transform_fn" in self.functions and others:
            raise BadHandlers("%s defines transform_fn beside %s: it takes their place" % (program, ", ".join(others)))
        self._takes_context = {name: _takes(function, name) for name, function in self.functions.items()}

    def load_model(self):
        return self._call("model_fn", Context(), MODEL_FOLDER)

    @property
    def batches(self):
        return "predict_batch_fn" in self.functions

    def answer(self, model, body, headers):
        """A request's body to (body, content type)."""
        content_type = formats.media_type(headers.get("content-type"), "application/json")
        accept = formats.media_type(headers.get("accept"), DEFAULT_ACCEPT)
        context = Context(headers)
        if "transform_fn" in self.functions:
            given = formats.as_given(body, content_type)
            return _body(self._call("transform_fn", context, model, given, content_type, accept), accept)
        return self.write(self.predict(self.read(body, content_type, context), model, context), accept, context)

    def read(self, body, content_type, context):
        if "input_fn" in self.functions:
            return self._call("input_fn", context, formats.as_given(body, content_type), content_type)
        return formats.decode(body, content_type)

    def predict(self, data, model, context):
        if "predict_fn" in self.functions:
            return self._call("predict_fn", context, data, model)
        if hasattr(model, "predict"):
            return model.predict(data)
        if callable(model):
            return model(data)
        raise BadHandlers("a %s cannot be called and has no predict: define predict_fn" % type(model).__name__)

    def predict_batch(self, inputs, model):
        outputs = list(self.functions["predict_batch_fn"](inputs, model))
        if len(outputs) != len(inputs):
            raise BadHandlers("predict_batch_fn gave %d results for %d inputs" % (len(outputs), len(inputs)))
        return outputs

    def write(self, prediction, accept, context):
        if "output_fn" in self.functions:
            return _body(self._call("output_fn", context, prediction, accept), accept)
        return formats.encode(prediction, accept)

    def _call(self, name, context, *arguments):
        extra = (context,) if self._takes_context[name] else ()
        return self.functions[name](*arguments, *extra)


def load_handlers():
    """The handlers of the program that SAGEMAKER_PROGRAM names."""
    return Handlers(load_program(os.environ.get("SAGEMAKER_PROGRAM") or "inference.py"))


def load_program(name):
    """The user's script in the code folder, as a module."""
    folder = code_folder()
    file = os.path.join(folder, name)
    if not os.path.isfile(file):
        raise BadHandlers("%s (SAGEMAKER_PROGRAM) is not in %s" % (name, folder))
    module_name = os.path.splitext(os.path.basename(name))[0]
    spec = importlib.util.spec_from_file_location(module_name, file)
    module = importlib.util.module_from_spec(spec)
    # As an import would: classes that were pickled from this module are found again.
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    return module


def _takes(function, name):
    """Whether a handler takes the context as one argument more than its name promises."""
    usual = {"model_fn": 1, "input_fn": 2, "predict_fn": 2, "output_fn": 2, "transform_fn": 4, "predict_batch_fn": 2}
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return False
    positional = [each for each in parameters if each.kind in kinds]
    return len(positional) > usual[name] and positional[usual[name]].name in ("context", "_context")


def _body(result, accept):
    """An output_fn may give the body alone, or with its content type."""
    if isinstance(result, tuple) and len(result) == 2:
        return result
    if isinstance(result, (bytes, bytearray, str)) or hasattr(result, "__next__"):
        return result, accept
    return formats.encode(result, accept)
