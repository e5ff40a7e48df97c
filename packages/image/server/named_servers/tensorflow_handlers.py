"""A program before and after TensorFlow Serving, as AWS's own image knows it: input_handler and output_handler, or handler."""

import asyncio
import io
import json
from collections import namedtuple

from tidegate_server.asgi import content_type_header
from tidegate_server.handlers import load_program
from .settings import CannotServe

Context = namedtuple(
    "Context",
    "model_name model_version method rest_uri grpc_port custom_attributes request_content_type accept_header content_length",
)


class Answer:
    """What an output_handler gets: the part of requests.Response that handlers use."""

    def __init__(self, status_code, content):
        self.status_code = status_code
        self.content = content

    @property
    def text(self):
        return self.content.decode("utf-8")

    def json(self):
        return json.loads(self.content)


class Handlers:
    context = Context

    def __init__(self, program):
        module = load_program(program) if program else None
        names = ("handler", "input_handler", "output_handler")
        self.handler, self.input, self.output = (getattr(module, name, None) for name in names)
        if program and not (self.handler or self.input or self.output):
            raise CannotServe("%s defines none of %s" % (program, ", ".join(names)))
        if self.handler and (self.input or self.output):
            raise CannotServe("%s defines handler beside input_handler or output_handler: it takes their place" % program)
        self.answers_alone, self.reads, self.writes = bool(self.handler), bool(self.input), bool(self.output)

    async def read(self, body, context):
        given = await run(self.input, io.BytesIO(body), context)
        return given.encode("utf-8") if isinstance(given, str) else bytes(given)

    async def write(self, status, body, context):
        return answered(await run(self.output, Answer(status, body), context), context)

    async def answer(self, body, context):
        return answered(await run(self.handler, io.BytesIO(body), context), context)


def run(function, *arguments):
    # A handler may wait for the server behind it: others are answered meanwhile.
    return asyncio.get_running_loop().run_in_executor(None, function, *arguments)


def answered(result, context):
    """The body alone, or with its content type."""
    content, content_type = result if isinstance(result, tuple) else (result, context.accept_header)
    return 200, content_type_header(content_type), content.encode("utf-8") if isinstance(content, str) else bytes(content)
