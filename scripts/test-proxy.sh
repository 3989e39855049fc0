#!/bin/sh
# Is everything right with the gateway: engine, configuration, keys, health, one real round trip? Exit code 0 if it is.
# Options go to the doctor: scripts/test-proxy.sh --url http://127.0.0.1:8001 --config config.yaml
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

if [ -x "$here/.venv/bin/python" ]; then
    exec "$here/.venv/bin/python" -P -m trunkline doctor --up "$@"
fi
if command -v trunkline >/dev/null 2>&1; then
    exec trunkline doctor --up "$@"
fi
echo "test-proxy: Trunkline is not installed here. Run 'make run' once, or 'pip install .'." >&2
exit 1
