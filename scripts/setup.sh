#!/bin/sh
# Finds a Python that can carry Trunkline and hands over to setup.py, which does the rest. PYTHON names one to use.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
fits='import sys; sys.exit(sys.version_info < (3, 11))'
no_venv=''

for python in ${PYTHON:+"$PYTHON"} python3.13 python3.12 python3.11 python3 python; do
    command -v "$python" >/dev/null 2>&1 || continue
    "$python" -c "$fits" >/dev/null 2>&1 || continue
    if "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
        exec "$python" -I "$here/setup.py" "$@"
    fi
    no_venv=$python
done

if [ -n "$no_venv" ]; then
    echo "make: $no_venv has no venv module. On Debian and Ubuntu: sudo apt install python3-venv" >&2
else
    echo "make: Trunkline needs Python 3.11 or newer, and none was found." >&2
    echo "  macOS: brew install python@3.13   Debian, Ubuntu: sudo apt install python3 python3-venv" >&2
    echo "  Fedora: sudo dnf install python3.13   others: https://www.python.org/downloads/" >&2
    echo "  One that is elsewhere: make $* PYTHON=/path/to/python3" >&2
fi
exit 1
