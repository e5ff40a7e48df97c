"""The ASGI application of our own server: a model and its handlers, in this process."""

import asyncio
import os
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

from .asgi import content_type_header, run_lifespan, serve_http
from .batching import Batcher
from .handlers import Context, DEFAULT_ACCEPT, load_handlers
from .formats import media_type

THREADS = int(os.environ.get("TIDEGATE_SERVER_THREADS") or 1)
WORKERS = int(os.environ.get("SAGEMAKER_MODEL_SERVER_WORKERS") or 1)
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
        self.concurrent_transforms = WORKERS * THREADS

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

    async def is_healthy(self):
        return True

    async def stop(self):
        self.threads.shutdown(wait=True)

    async def answer(self, body, headers):
        content, content_type = await self._predict(body, headers)
        answered = content_type_header(content_type)
        return 200, answered, self._chunks(content) if hasattr(content, "__next__") else as_bytes(content)

    async def _predict(self, body, headers):
        """(body, content type), where the body is bytes, text, or an iterator of either."""
        if self.batcher is None:
            return await self.run(self.handlers.answer, self.model, body, headers)
        content_type = media_type(headers.get("content-type"), "application/json")
        accept = media_type(headers.get("accept"), DEFAULT_ACCEPT)
        context = Context(headers)
        data = await self.run(self.handlers.read, body, content_type, context)
        prediction = await self.batcher.predict(data)
        return await self.run(self.handlers.write, prediction, accept, context)

    async def _chunks(self, given):
        while True:
            chunk = await self.run(next, given, DONE)
            if chunk is DONE:
                return
            yield as_bytes(chunk)


server = Server()


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await run_lifespan(receive, send, server.load, server.stop)
    elif scope["type"] == "http":
        await serve_http(server, scope, receive, send)


def as_bytes(content):
    return content.encode("utf-8") if isinstance(content, str) else bytes(content)
