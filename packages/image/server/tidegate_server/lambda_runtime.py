"""Lambda's contract from the same image: the Runtime API, asked for one event after the other.

An event is the request's body itself, or what a function URL or API Gateway makes of an HTTP request.
"""

import base64
import http.client
import json
import os
import traceback

from .handlers import load_handlers

API = "/2018-06-01/runtime/"


def run():
    host = os.environ["AWS_LAMBDA_RUNTIME_API"]
    try:
        handlers = load_handlers()
        model = handlers.load_model()
    except Exception as error:
        traceback.print_exc()
        _post(http.client.HTTPConnection(host), "init/error", _error(error))
        raise SystemExit(1)
    # The API holds its answer until there is an event: no timeout.
    connection = http.client.HTTPConnection(host)
    while True:
        connection.request("GET", API + "invocation/next")
        response = connection.getresponse()
        event = json.loads(response.read())
        request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
        try:
            _post(connection, "invocation/%s/response" % request_id, answer(handlers, model, event))
        except Exception as error:
            traceback.print_exc()
            _post(connection, "invocation/%s/error" % request_id, _error(error))


def answer(handlers, model, event):
    is_http = isinstance(event, dict) and "body" in event and ("requestContext" in event or "headers" in event)
    if not is_http:
        body, _ = handlers.answer(model, json.dumps(event).encode(), {"content-type": "application/json"})
        return body if isinstance(body, (bytes, bytearray)) else str(body).encode()
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    body = event.get("body") or ""
    given = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    content, content_type = handlers.answer(model, given, headers)
    is_text = isinstance(content, str)
    reply = {
        "statusCode": 200,
        "headers": {"content-type": content_type},
        "isBase64Encoded": not is_text,
        "body": content if is_text else base64.b64encode(bytes(content)).decode(),
    }
    return json.dumps(reply).encode()


def _error(error):
    return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}).encode()


def _post(connection, path, body):
    connection.request("POST", API + path, body, {"content-type": "application/json"})
    connection.getresponse().read()
