"""The ASGI application before a server that does not speak SageMaker's contract: it runs as our child, we translate."""

import asyncio
import importlib
import os
import shlex
import sys
import time

import h11

from tidegate_server.asgi import run_lifespan, serve_http
from tidegate_server.places import MODEL_FOLDER, code_folder

from .settings import CannotServe
from .upstream import Upstream

# SageMaker gives up on a ping after 2 s, and kills 30 s after SIGTERM, of which requests under way may take 25.
PING_SECONDS = 1.5
STOP_SECONDS = 4
CHECK_SECONDS = 0.1


class Front:
    def __init__(self, name):
        """@raises CannotServe where there is nothing that the server could serve"""
        self.name = name
        module = importlib.import_module("named_servers." + name.replace("-", "_"))
        self.backend = module.Backend(os.environ, MODEL_FOLDER, code_folder())
        self.argv, environment = self.backend.command()
        self.environment = {**os.environ, **environment}
        self.upstream = Upstream(self.backend.port)
        self.concurrent_transforms = os.cpu_count()
        self.is_ready = False
        self.is_stopping = False
        self.child = None
        self.watching = None

    async def start(self):
        print("starting: " + shlex.join(self.argv), flush=True)
        try:
            self.child = await asyncio.create_subprocess_exec(*self.argv, env=self.environment)
        except FileNotFoundError:
            end("%s is not in this image: build on a base that has it" % self.argv[0])
        self.watching = asyncio.ensure_future(self.end_with_child())
        allowed = float(os.environ.get("SAGEMAKER_STARTUP_TIMEOUT") or "inf")
        started = time.monotonic()
        while not await self.is_healthy():
            if time.monotonic() - started > allowed:
                self.child.kill()
                end("not healthy within SAGEMAKER_STARTUP_TIMEOUT=%g s" % allowed)
            await asyncio.sleep(CHECK_SECONDS)
        self.is_ready = True
        print("healthy after %.1f s" % (time.monotonic() - started), flush=True)

    async def end_with_child(self):
        code = await self.child.wait()
        if not self.is_stopping:
            end("%s ended by itself, with %d" % (self.name, code))

    async def is_healthy(self):
        try:
            return await asyncio.wait_for(self.backend.is_healthy(self.upstream), PING_SECONDS)
        except CannotServe as reason:
            self.child.kill()
            end(reason)
        except (OSError, asyncio.TimeoutError, h11.RemoteProtocolError):
            return False

    async def answer(self, body, headers):
        return await self.backend.answer(self.upstream, body, headers)

    async def stop(self):
        self.is_stopping = True
        if self.child is None or self.child.returncode is not None:
            return
        self.child.terminate()
        try:
            await asyncio.wait_for(self.child.wait(), STOP_SECONDS)
        except asyncio.TimeoutError:
            self.child.kill()
            await self.child.wait()

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            await run_lifespan(receive, send, self.start, self.stop)
        elif scope["type"] == "http":
            await serve_http(self, scope, receive, send)


def end(reason):
    """Whoever started us sees it at once, instead of waiting for a ping that never succeeds."""
    print("tidegate: %s" % reason, file=sys.stderr, flush=True)
    os._exit(1)
