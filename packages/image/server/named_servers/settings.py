"""What every named server is told, and how it is refused what it cannot serve."""

import os
import shlex
import socket


class CannotServe(Exception):
    """What is there cannot be served; says what would be right."""


def port(environment):
    return environment.get("SAGEMAKER_BIND_TO_PORT") or "8080"


def more_arguments(environment):
    """Options of the server itself that none of its variables says."""
    return shlex.split(environment.get("TIDEGATE_SERVER_ARGUMENTS") or "")


def is_true(environment, name):
    return (environment.get(name) or "").lower() == "true"


def subfolders(folder):
    if not os.path.isdir(folder):
        return []
    return [name for name in sorted(os.listdir(folder)) if name[0] != "." and os.path.isdir(os.path.join(folder, name))]


def free_ports(count, allowed=None):
    """Ports nobody listens on; within `allowed` (7000-7999), which containers that share an instance must keep to."""
    low, _, high = (allowed or "").partition("-")
    candidates = iter(range(int(low), int(high) + 1) if allowed else [0] * count)
    sockets = []
    try:
        while len(sockets) < count:
            candidate = next(candidates, None)
            if candidate is None:
                raise CannotServe("SAGEMAKER_SAFE_PORT_RANGE=%s has no %d free ports" % (allowed, count))
            listener = socket.socket()
            try:
                listener.bind(("0.0.0.0", candidate))
            except OSError:
                listener.close()
                continue
            sockets.append(listener)
        return [listener.getsockname()[1] for listener in sockets]
    finally:
        for listener in sockets:
            listener.close()
