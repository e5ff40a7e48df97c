"""Runs a Ray Serve application until it is told to stop: a process of its own, whose end ends the container.

usage: ray_driver.py <module:app or a .yaml> <port> <file to make once every application runs>
"""

import os
import signal
import sys
import tempfile
import time

# Not the folder of this file: it has modules that are called vllm and triton.
sys.path = [path for path in sys.path if os.path.abspath(path) != os.path.dirname(os.path.abspath(__file__))]
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
# Ray's sockets lie below it: of the 107 bytes that a socket's path may have, Ray needs 65 itself.
if len(tempfile.gettempdir()) > 40:
    os.environ.setdefault("RAY_TMPDIR", "/tmp")


def main(application, port, running):
    import ray
    import yaml
    from ray import serve
    from ray.serve.scripts import cli

    if application.endswith((".yaml", ".yml")):
        with open(application, encoding="utf-8") as file:
            config = yaml.safe_load(file)
    else:
        config = {"applications": [{"name": "default", "route_prefix": "/", "import_path": application}]}
    options = {**(config.get("http_options") or {}), "host": "127.0.0.1", "port": int(port)}
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", delete=False) as file:
        yaml.safe_dump({**config, "http_options": options}, file)
    ray.init(address="local", namespace="serve", include_dashboard=False)
    # Ray's own answer to SIGTERM is an abort; a service that stopped as told is no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        cli.main(["run", "--non-blocking", file.name], standalone_mode=False)
        while not all_run(serve.status().applications):
            time.sleep(0.2)
        open(running, "w").close()
        while True:
            signal.pause()
    finally:
        ray.shutdown()


def all_run(applications):
    for name, application in applications.items():
        if application.status == "DEPLOY_FAILED":
            sys.exit("tidegate: application %s cannot be served: %s" % (name, application.message))
    return len(applications) > 0 and all(each.status == "RUNNING" for each in applications.values())


if __name__ == "__main__":
    main(*sys.argv[1:])
