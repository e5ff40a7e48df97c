"""Ray Serve behind us: its application gets what /invocations gets, at its root or at the route that a request names."""

import os
import re
import sys
import tempfile

from tidegate_server.asgi import CUSTOM_ATTRIBUTES
from .settings import CannotServe, free_ports

HANDED_ON = ("content-type", "accept")


class Backend:
    def __init__(self, environment, model_folder, code_folder):
        self.application = environment.get("SM_RAYSERVE_APP") or ""
        if self.application.endswith((".yaml", ".yml")):
            self.application = os.path.join(code_folder, self.application)
        elif not re.fullmatch(r"[\w.]+:[\w.]+", self.application):
            raise CannotServe("SM_RAYSERVE_APP=%s is neither module:app nor a .yaml of the source" % self.application)
        (self.port,) = free_ports(1, environment.get("SAGEMAKER_SAFE_PORT_RANGE"))
        self.running = os.path.join(tempfile.mkdtemp(prefix="tidegate-ray-"), "running")
        self.model_folder = model_folder

    def command(self):
        driver = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ray_driver.py")
        # As in SageMaker's training jobs, so that the application need not know where the model package lies.
        environment = {"SM_MODEL_DIR": self.model_folder}
        return [sys.executable, driver, self.application, str(self.port), self.running], environment

    async def is_healthy(self, upstream):
        # Ray's own health is that of its proxy, which answers before the application's replicas have loaded a model.
        return os.path.exists(self.running) and (await upstream.get("/-/healthz"))[0] == 200

    async def answer(self, upstream, body, headers):
        route = re.search(r"(?:^|,)\s*route=(/[^\s,]*)", headers.get(CUSTOM_ATTRIBUTES, ""))
        handed = [each for each in headers.items() if each[0] in HANDED_ON or each[0].startswith("x-amzn-sagemaker-")]
        status, answered, parts = await upstream.ask("POST", route.group(1) if route else "/", handed, body)
        kept = [each for each in answered if each[0] == b"content-type" or each[0].startswith(b"x-amzn-sagemaker-")]
        return status, kept, parts
