"""`python -m bench` is the gateway's benchmark. Others have names: `bench.state`, `bench.clients`."""

from __future__ import annotations

from bench.gateway import main

if __name__ == "__main__":
    main()
