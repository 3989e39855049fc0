#!/bin/sh
# Is everything right with the gateway: engine, configuration, keys, health, one real round trip? Exit code 0 if it is.
# Options go to the doctor: scripts/test-proxy.sh --url http://127.0.0.1:8001 --config config.yaml
# Without --config, the file that a compose file mounts is looked for in the folder you stand in.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

case " $*" in
*" --config"* | *" -c"*) named=yes ;;
*) named=${CONFIG_FILE_PATH:-} ;;
esac
for file in config.yaml config.json config/litellm-config.json; do
    if [ -z "$named" ] && [ -f "$file" ]; then
        set -- --config "$file" "$@"
        named=yes
    fi
done

if [ -x "$here/.venv/bin/python" ]; then
    exec "$here/.venv/bin/python" -P -m trunkline doctor --up "$@"
fi
if command -v trunkline >/dev/null 2>&1; then
    exec trunkline doctor --up "$@"
fi
echo "test-proxy: Trunkline is not installed here. Run 'make run' once, or 'pip install .'." >&2
exit 1
