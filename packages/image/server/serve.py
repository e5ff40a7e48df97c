"""Serves a model under SageMaker's contract: `serve` on port 8080, GET /ping, POST /invocations.

TIDEGATE_SERVER says who serves: our own server, one that answers that contract itself and takes our place, or one that
runs beside us and is translated. On Lambda the same image answers Lambda's contract instead. The user's code is in
../code; what pip installed for this very interpreter and platform is in ../packages.
"""

import os
import signal
import sys
import sysconfig

HERE = os.path.dirname(os.path.abspath(__file__))


def packages_folder():
    """Where the image keeps packages for the interpreter that runs: `cp312-linux-x86_64` and the like.

    Compiled packages fit one version and platform only, so another interpreter must not find them.
    """
    version = "cp%d%d" % sys.version_info[:2]
    platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
    return os.path.join(os.path.dirname(HERE), "packages", version + "-" + platform)


def add_paths():
    submitted = os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", "")
    code = submitted if os.path.isdir(submitted) else os.path.join(os.path.dirname(HERE), "code")
    # The user's own modules come first, ours last: nothing of ours hides theirs.
    found = [folder for folder in (code, packages_folder()) if os.path.isdir(folder)]
    sys.path[:0] = [folder for folder in found if folder not in sys.path]
    # Other processes start from the environment alone. They do not get all of sys.path: theirs may be another Python.
    paths = found + [HERE] + os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(path for path in paths if path))
    return code


def serve(app, workers):
    import uvicorn

    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT") or 8080)
    # uvicorn ends gracefully on SIGTERM and then raises the signal again; a service that stopped as told is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.run(
        app,
        host=os.environ.get("TIDEGATE_BIND_TO_HOST", "0.0.0.0"),
        port=port,
        workers=workers if workers > 1 else None,
        access_log=False,
        log_level=os.environ.get("TIDEGATE_LOG_LEVEL", "info"),
        # SageMaker kills 30 s after SIGTERM.
        timeout_graceful_shutdown=25,
        # Longer than the router keeps an idle connection, so that it is never closed under a request.
        timeout_keep_alive=75,
        server_header=False,
        date_header=False,
    )


def main():
    if sys.argv[1:] not in ([], ["serve"]):
        sys.exit("usage: serve.py [serve], not " + " ".join(sys.argv[1:]))
    if sys.version_info < (3, 9):
        sys.exit("tidegate: Python %d.%d is too old: build on a base that has 3.9 or newer" % sys.version_info[:2])
    code = add_paths()
    os.environ.setdefault("TIDEGATE_CODE", code)
    server = os.environ.get("TIDEGATE_SERVER") or "tidegate"
    is_lambda = bool(os.environ.get("AWS_LAMBDA_RUNTIME_API"))
    if server != "tidegate" and is_lambda:
        sys.exit("tidegate: %s does not answer Lambda's contract: build with server: tidegate" % server)
    elif server != "tidegate":
        from named_servers.start import application_for

        # Workers of ours would each have a server of their own.
        serve(application_for(server), 1)
    elif is_lambda:
        from tidegate_server.lambda_runtime import run

        run()
    else:
        serve("tidegate_server.app:app", int(os.environ.get("SAGEMAKER_MODEL_SERVER_WORKERS") or 1))


if __name__ == "__main__":
    main()
