"""Who is started how."""

import importlib
import os
import shlex
import sys

from tidegate_server.places import MODEL_FOLDER, code_folder

from .settings import CannotServe

# These answer SageMaker's contract themselves; these are translated.
NATIVE = ("triton", "vllm")
TRANSLATED = ("tensorflow-serving", "ray-serve")


def application_for(server):
    """The ASGI application before a server that will run beside us. One that needs none takes our place: no return."""
    try:
        if server in NATIVE:
            become(server)
        if server not in TRANSLATED:
            raise CannotServe("TIDEGATE_SERVER=%s is not one of tidegate, %s" % (server, ", ".join(NATIVE + TRANSLATED)))
        from .front import Front

        return Front(server)
    except CannotServe as reason:
        sys.exit("tidegate: %s" % reason)


def become(server):
    """Puts a server in our place: signals reach it, and its end is the container's."""
    module = importlib.import_module("named_servers." + server)
    argv, environment = module.command(os.environ, MODEL_FOLDER, code_folder())
    print("starting: " + shlex.join(argv), flush=True)
    try:
        os.execvpe(argv[0], argv, {**os.environ, **environment})
    except FileNotFoundError:
        raise CannotServe("%s is not in this image: build on a base that has it" % argv[0])
