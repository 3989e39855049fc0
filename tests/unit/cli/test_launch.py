"""Gateways that launchers start: who shares one, what it inherits, when it is alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trunkline.cli import launch
from trunkline.cli.locks import is_held, take


def environ(tmp_path: Path, **more: str) -> dict[str, str]:
    return {"TRUNKLINE_HOME": str(tmp_path / "home"), "TRUNKLINE_CONFIG_HOME": str(tmp_path / "config"), **more}


def test_what_is_meant_for_other_gateways_is_not_inherited(tmp_path: Path) -> None:
    here = environ(tmp_path, PORT="1", CONFIG_FILE_PATH="x.yaml", DATABASE_URL="postgres://app", PATH="/bin")
    mine = launch.environment(here, {"ZAI_API_KEY": "kept"})
    assert mine["ZAI_API_KEY"] == "kept"
    assert mine["PATH"] == "/bin"
    assert not {"PORT", "CONFIG_FILE_PATH", "DATABASE_URL"} & mine.keys()


def test_the_environment_beats_a_kept_key(tmp_path: Path) -> None:
    here = environ(tmp_path, ZAI_API_KEY="mine", OPENAI_API_KEY="")
    mine = launch.environment(here, {"ZAI_API_KEY": "kept", "OPENAI_API_KEY": "kept"})
    assert (mine["ZAI_API_KEY"], mine["OPENAI_API_KEY"]) == ("mine", "kept")


def test_the_same_keys_share_a_gateway_and_others_do_not(tmp_path: Path) -> None:
    here = environ(tmp_path)
    one = launch.folder(here, {"ZAI_API_KEY": "a", "TERM": "x"})
    assert launch.folder(here, {"TERM": "y", "ZAI_API_KEY": "a"}) == one
    assert launch.folder(here, {"ZAI_API_KEY": "b"}) != one
    assert launch.folder(environ(tmp_path / "other"), {"ZAI_API_KEY": "a"}).name != one.name  # salted


def test_a_private_file_is_private(tmp_path: Path) -> None:
    launch.write_private(tmp_path / "deep" / "file", "text")
    assert (tmp_path / "deep" / "file").read_text() == "text"
    assert (tmp_path / "deep" / "file").stat().st_mode & 0o077 == 0
    assert len(list((tmp_path / "deep").iterdir())) == 1


def test_a_lock_has_one_holder_and_can_be_had_again(tmp_path: Path) -> None:
    held = take(tmp_path / "x" / "lock")
    assert held is not None
    assert take(tmp_path / "x" / "lock") is None
    assert is_held(tmp_path / "x" / "lock")
    held.free()
    assert not is_held(tmp_path / "x" / "lock")
    assert not is_held(tmp_path / "x" / "gone")


@pytest.mark.skipif(os.name != "posix", reason="there is no exec elsewhere")
def test_a_client_counts_for_as_long_as_the_program_it_became(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from trunkline.cli.locks import take\n"
        f"held = take(Path({str(tmp_path / 'clients' / '1-a')!r})); held.outlive_exec()\n"
        "os.execvp('sh', ['sh', '-c', 'echo ready; read line'])"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert launch.anyone(tmp_path)
        child.kill()
    assert not launch.anyone(tmp_path)
    assert list((tmp_path / "clients").iterdir()) == []
