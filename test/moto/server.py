"""moto's own server on a free port, until its standard input ends."""

import json
import sys

from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
print(json.dumps({"endpoint": f"http://127.0.0.1:{port}"}), flush=True)
sys.stdin.read()
server.stop()
