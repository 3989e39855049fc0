"""Where Ollama is: reads what people write into `OLLAMA_HOST` and its kin. Pure text, no I/O.

`OLLAMA_HOST` tells Ollama's server where to listen and its clients where to call, so it may lack the scheme and may
be `0.0.0.0`, which is an address to listen on and none to call. Source: ollama/ollama envconfig, `Host()`, 2026-11-20.
"""

from __future__ import annotations

from urllib.parse import urlsplit

DEFAULT_PORT = 11434

HOSTS_IN_IMAGE = ("ollama", "host.docker.internal")
"""Where it may be as well when this runs in a container: a service of that name beside it, and the machine outside
(docs.docker.com/desktop/features/networking, 2026-11)."""

_ANY = {"0.0.0.0", "::", ""}  # noqa: S104 - compared with, never bound


def ollama_base(value: str) -> str:
    """An Ollama address as a base URL: `0.0.0.0` → `http://127.0.0.1:11434`, `box:8080/x/` → `http://box:8080/x`.

    The port is 11434 unless one is given; a scheme that is given brings its own (80, 443), as in Ollama's client.
    `/api` and `/v1` at the end are cut off: both are below the base. Text that is no address comes back as it is.
    """
    text = value.strip().strip("\"'").strip()
    bare = "://" not in text
    try:
        parts = urlsplit(f"http://{text}" if bare else text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return text
    if parts.scheme not in {"http", "https"}:
        return text
    if host in _ANY:
        host = "127.0.0.1"
    shown = f"[{host}]" if ":" in host else host
    if port is None and bare:
        port = DEFAULT_PORT
    path = parts.path.rstrip("/")
    for tail in ("/api", "/v1"):
        path = path.removesuffix(tail).rstrip("/")
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    return f"{parts.scheme}://{user}{shown}{f':{port}' if port is not None else ''}{path}"


def elsewhere(value: str, *, in_image: bool) -> tuple[str, ...]:
    """Other origins where Ollama may be. `value` is what was said of where it is, maybe nothing.

    Empty outside the image, and where an address was given: `0.0.0.0` tells a port only.
    """
    text = value.strip()
    if not in_image:
        return ()
    try:
        parts = urlsplit(text if "://" in text else f"http://{text}")
        host, port = parts.hostname or "", parts.port or DEFAULT_PORT
    except ValueError:
        return ()
    return tuple(f"http://{name}:{port}" for name in HOSTS_IN_IMAGE) if host in _ANY else ()
