"""The ASGI application: /ping, /invocations and /execution-parameters."""

import asyncio
import json
import os
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

from .batching import Batcher
from .handlers import Context, DEFAULT_ACCEPT, load_handlers
from .formats import media_type

THREADS = int(os.environ.get("TIDEGATE_SERVER_THREADS") or 1)
WORKERS = int(os.environ.get("SAGEMAKER_MODEL_SERVER_WORKERS") or 1)
MAX_PAYLOAD_MB = int(os.environ.get("SAGEMAKER_MAX_PAYLOAD_IN_MB") or 100)
DONE = object()


class Server:
    """A model, loaded once, and the threads that its handlers run on.

    One thread is the default, because that is what handlers written for SageMaker expect; /ping is answered beside it.
    """

    def __init__(self):
        self.threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="handler")
        self.handlers = None
        self.model = None
        self.batcher = None
        self.is_ready = False

    async def load(self):
        try:
            self.handlers, self.model = await self.run(self._load)
            if self.handlers.batches:
                self.batcher = Batcher(lambda inputs: self.run(self.handlers.predict_batch, inputs, self.model))
            self.is_ready = True
        except BaseException:
            traceback.print_exc()
            print("The model could not be loaded: ending.", file=sys.stderr, flush=True)
            # Whoever started us sees it at once, instead of waiting for a ping that never succeeds.
            os._exit(1)

    @staticmethod
    def _load():
        handlers = load_handlers()
        return handlers, handlers.load_model()

    def run(self, function, *arguments):
        return asyncio.get_running_loop().run_in_executor(self.threads, function, *arguments)

    async def answer(self, body, headers):
        """(body, content type), where the body is bytes, text, or an iterator of either."""
        handlers = self.handlers
        if self.batcher is None:
            result = await self.run(handlers.answer, self.model, body, headers)
        else:
            content_type = media_type(headers.get("content-type"), "application/json")
            accept = media_type(headers.get("accept"), DEFAULT_ACCEPT)
            context = Context(headers)
            data = await self.run(handlers.read, body, content_type, context)
            prediction = await self.batcher.predict(data)
            result = await self.run(handlers.write, prediction, accept, context)
        return result


server = Server()


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http":
        await http(scope, receive, send)


async def lifespan(receive, send):
    loading = None
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            loading = asyncio.ensure_future(server.load())
            await send({"type": "lifespan.startup.complete"})
        else:
            loading.cancel()
            server.threads.shutdown(wait=True)
            await send({"type": "lifespan.shutdown.complete"})
            return


async def http(scope, receive, send):
    route = (scope["method"], scope["path"])
    if route == ("GET", "/ping"):
        await reply(send, 200 if server.is_ready else 503, b"")
    elif route == ("POST", "/invocations"):
        await invoke(scope, receive, send)
    elif route == ("GET", "/execution-parameters"):
        parameters = {
            "MaxConcurrentTransforms": WORKERS * THREADS,
            "BatchStrategy": os.environ.get("SAGEMAKER_BATCH_STRATEGY") or "MULTI_RECORD",
            "MaxPayloadInMB": MAX_PAYLOAD_MB,
        }
        await reply(send, 200, json.dumps(parameters).encode())
    elif scope["path"] in ("/ping", "/invocations", "/execution-parameters"):
        await reply_error(send, 405, "MethodNotAllowed", scope["method"] + " " + scope["path"])
    else:
        await reply_error(send, 404, "NotFound", scope["path"] + " is not served: /ping and /invocations are")


async def invoke(scope, receive, send):
    body = await read_body(receive)
    if body is None:
        await reply_error(send, 413, "PayloadTooLarge", "over %d MB" % MAX_PAYLOAD_MB)
        return
    if not server.is_ready:
        await reply_error(send, 503, "NotReady", "the model is being loaded")
        return
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    try:
        content, content_type = await server.answer(body, headers)
    except Exception as error:
        traceback.print_exc()
        status = getattr(error, "status_code", 500)
        status = status if isinstance(status, int) and 400 <= status < 600 else 500
        await reply_error(send, status, type(error).__name__, str(error))
        return
    if hasattr(content, "__next__"):
        await stream(send, content, content_type)
    else:
        await reply(send, 200, as_bytes(content), content_type)


async def read_body(receive):
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


async def stream(send, chunks, content_type):
    """Sends what a generator gives as it gives it. A failure in the middle cuts the connection: the status is gone."""
    await send(start(200, content_type, None))
    while True:
        chunk = await server.run(next, chunks, DONE)
        if chunk is DONE:
            await send({"type": "http.response.body", "body": b""})
            return
        await send({"type": "http.response.body", "body": as_bytes(chunk), "more_body": True})


async def reply(send, status, body, content_type="application/json"):
    await send(start(status, content_type, len(body)))
    await send({"type": "http.response.body", "body": body})


async def reply_error(send, status, name, message):
    await reply(send, status, json.dumps({"errorType": name, "errorMessage": message}).encode())


def start(status, content_type, length):
    headers = [(b"content-type", str(content_type).encode("latin-1"))]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    return {"type": "http.response.start", "status": status, "headers": headers}


def as_bytes(content):
    return content.encode("utf-8") if isinstance(content, str) else bytes(content)
