#!/bin/sh
# Makes the lock files anew from pyproject.toml. Needs uv. `scripts/lock.sh --upgrade` takes the newest versions.
set -eu

cd -- "$(dirname -- "$0")/.."
uv=${UV:-uv}
lock() {
    out=$1
    shift
    "$uv" pip compile --quiet --generate-hashes --no-emit-index-url --universal --python-version 3.11 \
        --custom-compile-command 'scripts/lock.sh' --output-file "$out" "$@"
}

# What Trunkline runs on, what its tests need besides, the same with LiteLLM's SDK and
# LangChain, and what builds it.
lock requirements.lock "$@" pyproject.toml
lock requirements-dev.lock "$@" --group dev --constraints requirements.lock pyproject.toml
lock tests/requirements-litellm.lock "$@" --extra litellm --group clients --constraints requirements.lock pyproject.toml
printf 'hatchling>=1.27\neditables>=0.5\n' | lock requirements-build.lock "$@" --constraints requirements-dev.lock -
