#!/bin/sh
# Installs the npm clients of tests/package-lock.json for the conformance tests and prints their node_modules folder.
# They go to a cache folder named by the hash of the lock, so that a second run costs nothing; nothing else is touched.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
if command -v sha256sum >/dev/null 2>&1; then
    key=$(sha256sum "$here/package-lock.json" | cut -c1-16)
else
    key=$(shasum -a 256 "$here/package-lock.json" | cut -c1-16)
fi
cache=${TRUNKLINE_TEST_CLIENTS:-$HOME/.cache/trunkline-test-clients}
target=$cache/$key

if [ ! -e "$target/.complete" ]; then
    mkdir -p "$target"
    cp "$here/package.json" "$here/package-lock.json" "$target/"
    # No package's install script runs but the one that puts Claude Code's native binary in its place.
    (
        cd "$target"
        npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2
        node node_modules/@anthropic-ai/claude-code/install.cjs >&2
    )
    touch "$target/.complete"
fi
printf '%s\n' "$target/node_modules"
