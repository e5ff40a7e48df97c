"""A model server for tests, on Python's standard library.

Its environment says how it behaves: FAIL is the share of invocations that get a 500, STATUS the status of all of them,
DELAY the seconds each takes, CRASH ends it at its start, HANG keeps it from ever answering. The request `die` ends it.
"""

import json, os, random, sys, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

if os.environ.get('CRASH'):
    print('no model today', flush=True)
    sys.exit(1)
if os.environ.get('HANG'):
    time.sleep(3600)
with open('/opt/ml/model/name.txt'.replace('/opt/ml', os.environ['SAGEMAKER_BASE_DIR'])) as file:
    name = file.read()

class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    # One packet an answer: two of them wait for each other (Nagle's algorithm and delayed acknowledgement).
    wbufsize = -1
    def answer(self, status, body, content_type='application/json'):
        self.send_response(status)
        self.send_header('Content-Type', content_type)
        self.send_header('Content-Length', str(len(body)))
        if 'X-Amzn-SageMaker-Custom-Attributes' in self.headers:
            self.send_header('X-Amzn-SageMaker-Custom-Attributes', self.headers['X-Amzn-SageMaker-Custom-Attributes'])
        self.end_headers()
        self.wfile.write(body)
    def do_GET(self):
        self.answer(200, b'')
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        if body == b'die':
            os._exit(1)
        time.sleep(float(os.environ.get('DELAY', '0')))
        if random.random() < float(os.environ.get('FAIL', '0')):
            return self.answer(500, b'the model is broken', 'text/plain')
        status = int(os.environ.get('STATUS', '200'))
        self.answer(status, json.dumps({'model': name, 'pid': os.getpid(), 'got': body.decode(errors='replace')}).encode())
    def log_message(self, *args):
        pass

class Server(ThreadingHTTPServer):
    request_queue_size = 128

print('serving ' + name, flush=True)
Server(('127.0.0.1', int(os.environ['SAGEMAKER_BIND_TO_PORT'])), Handler).serve_forever()
