"""What the doctor looks at, a file each, and what it makes of it. `docs/troubleshooting.md` lists every code."""
