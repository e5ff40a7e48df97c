"""The runtime of python3.x: loads a function's handler and serves it by the Runtime API, one event after another."""

import http.client
import importlib
import json
import os
import sys
import time
import traceback

env = os.environ
sys.path.insert(0, env["LAMBDA_TASK_ROOT"])


def ask(method, place, body=None):
    """Without a time limit: the next event may be hours away."""
    connection = http.client.HTTPConnection(env["AWS_LAMBDA_RUNTIME_API"])
    connection.request(method, f"/2018-06-01/runtime/{place}", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.headers, content


def described(kind, message, request_id="", stack=()):
    return json.dumps({"errorMessage": message, "errorType": kind, "requestId": request_id, "stackTrace": list(stack)})


def fail_at_start(kind, message):
    print(f"[ERROR] {kind}: {message}")
    ask("POST", "init/error", described(kind, message))
    sys.exit(1)


def load_handler():
    given = env["_HANDLER"]
    module_name, _, name = given.rpartition(".")
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except SyntaxError as error:
        fail_at_start("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}")
    except ImportError as error:
        fail_at_start("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}")
    except Exception as error:
        fail_at_start(type(error).__name__, str(error))
    handler = getattr(module, name, None)
    if handler is None:
        fail_at_start("Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module_name}'")
    return handler


class Context:
    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.function_name = env["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = env["AWS_LAMBDA_FUNCTION_VERSION"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.memory_limit_in_mb = env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = env["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = env["AWS_LAMBDA_LOG_STREAM_NAME"]
        client = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = json.loads(client) if client else None
        self.identity = None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(0, int(self._deadline - time.time() * 1000))


def answered(handler, headers, event):
    """Where to post, and what."""
    request_id = headers["Lambda-Runtime-Aws-Request-Id"]
    try:
        value = handler(json.loads(event), Context(headers))
    except Exception as error:
        # The first frame is ours.
        frames = traceback.format_list(traceback.extract_tb(error.__traceback__)[1:])
        print(f"[ERROR] {type(error).__name__}: {error}\r" + "".join(frames).replace("\n", "\r"))
        return "error", described(type(error).__name__, str(error), request_id, frames)
    try:
        return "response", json.dumps(value)
    except (TypeError, ValueError) as error:
        return "error", described("Runtime.MarshalError", f"Unable to marshal response: {error}", request_id)


def main():
    handler = load_handler()
    while True:
        headers, event = ask("GET", "invocation/next")
        kind, body = answered(handler, headers, event)
        ask("POST", f"invocation/{headers['Lambda-Runtime-Aws-Request-Id']}/{kind}", body)


main()
