#!/bin/sh
# Installs what tests/requirements-litellm.lock names (Trunkline's packages and LiteLLM's SDK) for the tests of the extra,
# and prints that environment's Python. It goes to a cache folder named by the hash of the lock, so that a second run
# costs nothing; nothing else is touched. PYTHON names the interpreter to use.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
lock=$here/requirements-litellm.lock
if command -v sha256sum >/dev/null 2>&1; then
    key=$(sha256sum "$lock" | cut -c1-16)
else
    key=$(shasum -a 256 "$lock" | cut -c1-16)
fi
fits='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
found=''
for python in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 python; do
    if "$python" -c "$fits" >/dev/null 2>&1; then
        found=$python
        break
    fi
done
[ -n "$found" ] || { echo "install_litellm: no Python 3.11 or newer with venv was found" >&2; exit 1; }
version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
target=${TRUNKLINE_TEST_LITELLM:-$HOME/.cache/trunkline-test-litellm}/$key-$version

if [ ! -e "$target/.complete" ]; then
    "$found" -m venv --clear "$target" >&2
    "$target/bin/python" -m pip --disable-pip-version-check install --quiet --no-deps --require-hashes \
        --only-binary :all: -r "$lock" >&2
    touch "$target/.complete"
fi
printf '%s\n' "$target/bin/python"
