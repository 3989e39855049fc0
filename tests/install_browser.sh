#!/bin/sh
# Sees to it that there is a Chromium for the tests in tests/browser, and prints its path. One that is installed is taken,
# or the one that TRUNKLINE_TEST_BROWSER names; else the distribution's package is installed, which takes root or sudo.
set -eu

found() {
    for name in "${TRUNKLINE_TEST_BROWSER:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        [ -n "$name" ] && command -v "$name" && return 0
    done
    return 1
}

if ! found; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "No Chromium was found: install one, or name it in TRUNKLINE_TEST_BROWSER." >&2
        exit 1
    fi
    root=
    [ "$(id -u)" -eq 0 ] || root=sudo
    $root apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive $root apt-get install -y -qq --no-install-recommends chromium >&2
    found
fi
