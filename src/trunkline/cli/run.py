"""`trunkline run`: a Python program that was written for LiteLLM, as it is, with Trunkline in LiteLLM's place."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

import trunkline
from trunkline.cli import program

_SHIM = Path(trunkline.__file__).parent / "shim"
"""A folder that holds a package `litellm`."""


@click.command("run", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("-m", "module", metavar="MODULE", help="Run a module, as `python -m` does.")
@click.option("-c", "code", metavar="CODE", help="Run these lines, as `python -c` does.")
@click.option("--config", type=click.Path(dir_okay=False), metavar="FILE", help="The models and keys of that file.")
@click.option("--ledger", is_flag=True, help="Write what it costs into the ledger (`trunkline spend`).")
@click.option("--verbose", is_flag=True, help="Say on standard error what is asked of whom.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="PROGRAM [ARGUMENTS]")
def verb(
    module: str | None, code: str | None, config: str | None, ledger: bool, verbose: bool, words: tuple[str, ...]
) -> None:
    """Run a program that imports `litellm`, with Trunkline in its place: `trunkline run main.py`.

    PROGRAM is a Python file, a folder with a `__main__.py`, or a command (`pytest`, `uvicorn`) of the environment that
    Trunkline is installed in. What follows it is its own.
    """
    environ = environment(dict(os.environ), config=config, ledger=ledger, verbose=verbose)
    if module is not None:
        program.become(sys.executable, ["-m", module, *words], environ)
    if code is not None:
        program.become(sys.executable, ["-c", code, *words], environ)
    if not words:
        raise click.UsageError("Nothing is to be run. Name a Python file: `trunkline run main.py`.")
    first, rest = words[0], words[1:]
    if first.endswith((".py", ".pyz")) or Path(first).exists():
        if not Path(first).exists():
            raise click.UsageError(f"There is no file {first!r} here.")
        program.become(sys.executable, [first, *rest], environ)
    if first in ("python", "python3"):
        program.become(sys.executable, rest, environ)
    beside = Path(sys.executable).parent / first
    path = str(beside) if beside.is_file() and os.access(beside, os.X_OK) else program.find(first, environ)
    if path is None:
        click.echo(f"trunkline: `{first}` is no file here, and no command of that name is installed.", err=True)
        sys.exit(program.NOT_INSTALLED)
    program.become(path, rest, environ)


def environment(environ: dict[str, str], *, config: str | None, ledger: bool, verbose: bool) -> dict[str, str]:
    """The program's environment: one in which `litellm` is Trunkline's."""
    before = environ.get("PYTHONPATH", "")
    made = {**environ, "PYTHONPATH": f"{_SHIM}{os.pathsep}{before}" if before else str(_SHIM)}
    if config is not None:
        made["CONFIG_FILE_PATH"] = str(Path(config).absolute())
    if ledger:
        made["TRUNKLINE_LEDGER"] = "1"
    if verbose:
        made["LITELLM_LOG"] = "DEBUG"
    return made
