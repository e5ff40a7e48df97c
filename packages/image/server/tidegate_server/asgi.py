"""SageMaker's contract as ASGI: routes, whole bodies, short answers, streams, and errors as JSON."""

import asyncio
import json
import os
import traceback

MAX_PAYLOAD_MB = int(os.environ.get("SAGEMAKER_MAX_PAYLOAD_IN_MB") or 100)
# What a caller of InvokeEndpoint may say beside the body.
CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
ROUTES = ("/ping", "/invocations", "/execution-parameters")


async def run_lifespan(receive, send, start, stop):
    """`start` goes on beside requests, and is called off where it has not ended at shutdown."""
    starting = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            starting = asyncio.ensure_future(start())
            await send({"type": "lifespan.startup.complete"})
        else:
            starting.cancel()
            await stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def serve_http(server, scope, receive, send):
    """Answers one request for a server with is_ready, is_healthy(), answer(body, headers) and concurrent_transforms.

    What `answer` gives is (status, headers, content), where the content is bytes, or an async iterator of them.
    """
    route = (scope["method"], scope["path"])
    if route == ("GET", "/ping"):
        healthy = server.is_ready and await server.is_healthy()
        await reply(send, 200 if healthy else 503, b"")
    elif route == ("POST", "/invocations"):
        await _invoke(server, scope, receive, send)
    elif route == ("GET", "/execution-parameters"):
        parameters = {
            "MaxConcurrentTransforms": server.concurrent_transforms,
            "BatchStrategy": os.environ.get("SAGEMAKER_BATCH_STRATEGY") or "MULTI_RECORD",
            "MaxPayloadInMB": MAX_PAYLOAD_MB,
        }
        await reply(send, 200, json.dumps(parameters).encode())
    elif scope["path"] in ROUTES:
        await reply_error(send, 405, "MethodNotAllowed", scope["method"] + " " + scope["path"])
    else:
        await reply_error(send, 404, "NotFound", scope["path"] + " is not served: /ping and /invocations are")


async def _invoke(server, scope, receive, send):
    body = await _read_body(receive)
    if body is None:
        await reply_error(send, 413, "PayloadTooLarge", "over %d MB" % MAX_PAYLOAD_MB)
        return
    if not server.is_ready:
        await reply_error(send, 503, "NotReady", "the model is being loaded")
        return
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    try:
        status, answered, content = await server.answer(body, headers)
    except Exception as error:
        traceback.print_exc()
        status = getattr(error, "status_code", 500)
        status = status if isinstance(status, int) and 400 <= status < 600 else 500
        await reply_error(send, status, type(error).__name__, str(error))
        return
    if isinstance(content, bytes):
        await _send_whole(send, status, answered, content)
    else:
        await _stream(send, status, answered, content)


async def _read_body(receive):
    """The whole body; None where it is larger than allowed."""
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_PAYLOAD_MB * 1024 * 1024:
            return None
        more = message.get("more_body", False)
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def _stream(send, status, headers, chunks):
    """Sends what comes as it comes. A failure in the middle cuts the connection: the status is gone."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    async for chunk in chunks:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _send_whole(send, status, headers, body):
    sized = headers + [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": sized})
    await send({"type": "http.response.body", "body": body})


async def reply(send, status, body, content_type="application/json"):
    await _send_whole(send, status, content_type_header(content_type), body)


async def reply_error(send, status, name, message):
    await reply(send, status, json.dumps({"errorType": name, "errorMessage": message}).encode())


def content_type_header(content_type):
    return [(b"content-type", str(content_type).encode("latin-1"))]
