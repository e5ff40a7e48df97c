"""Serves a model under SageMaker's contract: `serve` on port 8080, GET /ping, POST /invocations.

On Lambda the same image answers Lambda's contract instead. The user's code is in ../code; what pip installed for
this very interpreter and platform is in ../packages.
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
    for folder in (packages_folder(), code):
        if os.path.isdir(folder) and folder not in sys.path:
            sys.path.insert(0, folder)
    # Worker processes start from the environment alone.
    os.environ["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(path for path in sys.path if path))
    return code


def serve():
    import uvicorn

    workers = int(os.environ.get("SAGEMAKER_MODEL_SERVER_WORKERS") or 1)
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT") or 8080)
    # uvicorn ends gracefully on SIGTERM and then raises the signal again; a service that stopped as told is no failure.
    signal.signal(signal.SIGTERM, lambda *_: None)
    uvicorn.run(
        "tidegate_server.app:app",
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
    code = add_paths()
    os.environ.setdefault("TIDEGATE_CODE", code)
    if os.environ.get("AWS_LAMBDA_RUNTIME_API"):
        from tidegate_server.lambda_runtime import run

        run()
    else:
        serve()


if __name__ == "__main__":
    main()
