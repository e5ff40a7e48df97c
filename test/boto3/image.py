"""An image of one layer, pushed with ECR's own API: what a container client does, in boto3's words."""

import gzip
import hashlib
import io
import json
import tarfile

SERVER = """
import json, os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

rate = json.load(open(os.path.join(os.environ["MODEL_DIR"], "model.json")))["rate"]

class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200, b"")

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if os.environ.get("BROKEN"):
            return self.answer(500, b"no such column")
        self.answer(200, json.dumps({"predictions": [row["distance"] * rate for row in body["instances"]]}).encode())

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Server).serve_forever()
"""


def digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()


def tar_of(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


def push(ecr, repository: str) -> str:
    """Uploads layer and configuration, puts the manifest, and returns the image's URI by digest."""
    uri = ecr.create_repository(repositoryName=repository)["repository"]["repositoryUri"]
    layer = tar_of({"opt/program/serve.py": SERVER.encode()})
    config = json.dumps(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {"Entrypoint": ["python3", "/opt/program/serve.py"], "Env": ["MODEL_DIR=/opt/ml/model"]},
            "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        }
    ).encode()

    def upload(content: bytes, media_type: str) -> dict:
        upload_id = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
        ecr.upload_layer_part(
            repositoryName=repository,
            uploadId=upload_id,
            partFirstByte=0,
            partLastByte=len(content) - 1,
            layerPartBlob=content,
        )
        ecr.complete_layer_upload(repositoryName=repository, uploadId=upload_id, layerDigests=[digest(content)])
        return {"mediaType": media_type, "digest": digest(content), "size": len(content)}

    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": upload(config, "application/vnd.oci.image.config.v1+json"),
        "layers": [upload(gzip.compress(layer), "application/vnd.oci.image.layer.v1.tar+gzip")],
    }
    image = ecr.put_image(repositoryName=repository, imageManifest=json.dumps(manifest), imageTag="1")["image"]
    return f"{uri}@{image['imageId']['imageDigest']}"
