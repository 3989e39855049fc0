"""The command `trunkline`: finds the verb, runs it, and turns every ending into a sentence and an exit code.

Exit codes: 0 done, 1 a failure that is explained on stderr, 2 the command line is wrong or something must be given,
70 a defect of Trunkline, 127 a program that is to be run is not installed, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from trunkline import __version__, garbage

VERSION_FLAGS = ("--version", "-v", "-V")
HELP_FLAGS = ("--help", "-h")


def main(argv: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and ends the process with its exit code."""
    args = list(sys.argv[1:] if argv is None else argv)
    if len(args) == 1 and args[0] in VERSION_FLAGS:
        sys.stdout.write(f"trunkline {__version__}\n")
        sys.exit(0)
    garbage.starting()
    sys.exit(_run(with_verb(args, Path(sys.argv[0]).stem)))


def with_verb(args: list[str], program: str = "trunkline") -> list[str]:
    """The arguments with `serve` before them where no verb was given but serving is meant.

    `trunkline --config F` serves, as does the bare command under LiteLLM's name; a bare `trunkline` shows its help.
    """
    if not args:
        return ["serve"] if program == "litellm" else ["--help"]
    if args[0].startswith("-") and args[0] not in (*HELP_FLAGS, *VERSION_FLAGS):
        return ["serve", *args]
    return args


def _run(args: list[str]) -> int:
    import click

    from trunkline.cli.group import trunkline
    from trunkline.errors import Failure

    try:
        code = trunkline.main(args, prog_name="trunkline", standalone_mode=False)
    except click.UsageError as wrong:
        where = wrong.ctx.command_path if wrong.ctx else "trunkline"
        return _say(f"{wrong.format_message()} `{where} --help` lists what can be given.", 2)
    except click.ClickException as wrong:
        return _say(wrong.format_message(), wrong.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _say("interrupted.", 130)
    except Failure as failure:
        return _say(failure.sentence, 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as defect:  # noqa: BLE001 - the last door: whatever comes here is reported, never swallowed
        return _defect(defect, debug="--debug" in args or "--detailed_debug" in args)
    return code if isinstance(code, int) else 0


def _say(message: str, code: int) -> int:
    sys.stderr.write(f"trunkline: {message}\n")
    return code


def _defect(defect: Exception, *, debug: bool) -> int:
    """Says that it is ours, and where the traceback is. It may hold what was being worked on: mode 0600."""
    import time
    import traceback

    from trunkline.cli import places

    text = "".join(traceback.format_exception(defect))
    name = type(defect).__name__
    if debug:
        sys.stderr.write(text)
        return _say(f"this is a defect of Trunkline ({name}); the lines above tell where.", 70)
    try:
        folder = places.logs(os.environ)
        folder.mkdir(parents=True, exist_ok=True)
        report = folder / f"defect-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}.txt"
        with os.fdopen(os.open(report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(f"trunkline {__version__} on Python {sys.version}\n{text}")
    except OSError as unwritable:
        sys.stderr.write(text)
        return _say(f"this is a defect of Trunkline ({name}); its report could not be kept ({unwritable}).", 70)
    return _say(f"this is a defect of Trunkline ({name}: {defect}). The whole report is in {report}.", 70)
