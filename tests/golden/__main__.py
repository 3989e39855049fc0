"""python -m tests.golden --update: writes what every case comes to now. Read the difference before it is kept."""

from __future__ import annotations

import sys

from tests.golden.golden import cases, made


def main() -> int:
    """Updates all cases, or only the named ones."""
    if "--update" not in sys.argv[1:]:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    names = [name for name in sys.argv[1:] if not name.startswith("-")]
    for case in cases():
        if not names or case.name in names:
            for name, text in made(case).files.items():
                (case / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
