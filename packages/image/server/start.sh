#!/bin/sh
# Starts serve.py where the base may have no Python: a container that ended without a word would leave nobody any wiser.
if ! command -v python3 >/dev/null 2>&1; then
  echo "tidegate: there is no python3 in this image, and $TIDEGATE_SERVER is started by it: build on a base that has Python 3.9 or newer" >&2
  exit 127
fi
exec python3 "${0%/*}/serve.py" "$@"
