"""Content types: how a body becomes data where the user's code does not say, and data a body."""

import csv
import io
import json

JSON_LINES = ("application/jsonlines", "application/x-ndjson")
TEXT = ("application/json", *JSON_LINES, "text/csv", "text/plain")


class Unsupported(Exception):
    """A content type that nobody knows to handle."""

    def __init__(self, status_code, message):
        super().__init__(message)
        self.status_code = status_code


def media_type(header, default):
    """The bare media type of a Content-Type or the first of an Accept; `default` where anything will do."""
    found = (header or "").split(",")[0].split(";")[0].strip().lower()
    return default if found in ("", "*/*", "application/*") else found


def as_given(body, content_type):
    """What an input_fn gets: text for text types, as SageMaker's own servers do, bytes otherwise."""
    return body.decode("utf-8") if content_type in TEXT else body


def decode(body, content_type):
    if content_type == "application/json":
        return json.loads(body)
    if content_type in JSON_LINES:
        return [json.loads(line) for line in body.splitlines() if line.strip()]
    if content_type == "text/csv":
        text = body.decode("utf-8") if isinstance(body, bytes) else body
        return [[_number(cell) for cell in row] for row in csv.reader(io.StringIO(text)) if row]
    if content_type == "text/plain":
        return body
    if content_type == "application/x-npy":
        import numpy

        return numpy.load(io.BytesIO(body), allow_pickle=False)
    raise Unsupported(415, "content type %s is not supported: define input_fn" % content_type)


def encode(prediction, accept):
    """The body and its content type."""
    if isinstance(prediction, (bytes, bytearray, str)):
        return prediction, accept
    if accept == "application/json":
        return json.dumps(prediction, default=_plain), accept
    if accept in JSON_LINES:
        return "".join(json.dumps(row, default=_plain) + "\n" for row in _rows(prediction)), accept
    if accept == "text/csv":
        out = io.StringIO()
        rows = (row if isinstance(row, (list, tuple)) else [row] for row in _rows(prediction))
        csv.writer(out, lineterminator="\n").writerows(rows)
        return out.getvalue(), accept
    if accept == "application/x-npy":
        import numpy

        out = io.BytesIO()
        numpy.save(out, prediction, allow_pickle=False)
        return out.getvalue(), accept
    raise Unsupported(406, "accept %s is not supported: define output_fn" % accept)


def _number(cell):
    try:
        return float(cell)
    except ValueError:
        return cell


def _rows(prediction):
    plain = prediction.tolist() if hasattr(prediction, "tolist") else prediction
    return plain if isinstance(plain, (list, tuple)) else [plain]


def _plain(value):
    """numpy's and pandas' values, which JSON does not know."""
    for name in ("tolist", "to_dict", "item"):
        if hasattr(value, name):
            return getattr(value, name)()
    raise TypeError("%s cannot be written as JSON: define output_fn" % type(value).__name__)
