"""What is seen of files that change: edits, replacements, files that come and go; and nothing that is still under way."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from trunkline.config.files import Watch, mounted_alone, stamp


def read(watch: Watch, *files: Path, whole: bool = True) -> None:
    watch.begin()
    watch.end(files, whole=whole)


def old(path: Path, text: str = "a") -> Path:
    """A file that was written a while ago."""
    path.write_text(text)
    return path


def settled(watch: Watch, *files: Path) -> Watch:
    """A watch that has read these files twice: the second time none of them is new to it."""
    read(watch, *files)
    read(watch, *files)
    assert not watch.due()
    assert not watch.due()
    return watch


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return old(tmp_path / "config.yaml")


def test_a_change_is_due_when_it_stands_still_and_once(file: Path) -> None:
    watch = settled(Watch(), file)
    file.write_text("ab")
    assert not watch.due(), "it may be half written"
    assert watch.due()
    read(watch, file)
    assert not watch.due()
    assert not watch.due()


def test_a_file_that_is_still_being_written_waits(file: Path) -> None:
    watch = settled(Watch(), file)
    for _ in range(3):
        with file.open("a") as more:
            more.write("x")
        assert not watch.due()
    assert watch.due()


def test_a_replaced_file_of_the_same_size_and_time_is_another(file: Path) -> None:
    watch = settled(Watch(), file)
    before = file.stat()
    fresh = file.with_suffix(".new")
    fresh.write_text("b")
    os.utime(fresh, ns=(before.st_atime_ns, before.st_mtime_ns))
    fresh.replace(file)
    assert [watch.due(), watch.due()] == [False, True]


def test_files_that_come_and_go(file: Path, tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    watch = settled(Watch(), file, dotenv)
    assert stamp(dotenv) == ()
    dotenv.write_text("A=1")
    assert [watch.due(), watch.due()] == [False, True]
    settled(watch, file, dotenv)
    dotenv.unlink()
    assert [watch.due(), watch.due()] == [False, True]


def test_what_is_written_while_it_is_read_is_seen(file: Path) -> None:
    watch = settled(Watch(), file)
    watch.begin()
    file.write_text("new")
    watch.end([file], whole=True)
    assert [watch.due(), watch.due()] == [False, True]


def test_a_file_that_was_not_watched_is_looked_at_again_if_it_is_as_young_as_the_reading(file: Path) -> None:
    watch = Watch()
    read(watch, file)
    assert [watch.due(), watch.due()] == [False, True], "it may have changed between its reading and this"
    time.sleep(0.1)
    watch = Watch()
    read(watch, file)
    assert [watch.due(), watch.due()] == [False, False]


def test_after_a_reading_that_failed_the_files_of_both_are_watched(file: Path, tmp_path: Path) -> None:
    included = old(tmp_path / "more.yaml")
    watch = settled(Watch(), file)
    time.sleep(0.1)
    read(watch, included, whole=False)
    assert [watch.due(), watch.due()] == [False, False]
    file.write_text("mended")
    assert [watch.due(), watch.due()] == [False, True]
    read(watch, included, whole=False)
    included.write_text("mended")
    assert [watch.due(), watch.due()] == [False, True]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_new_permissions_are_a_change(file: Path) -> None:
    watch = settled(Watch(), file)
    file.chmod(0o600)
    assert [watch.due(), watch.due()] == [False, True]


MOUNTS = """\
22 28 0:21 / /sys rw,nosuid shared:7 - sysfs sysfs rw
941 930 254:1 /home/me/glm/config.yaml /app/config.yaml rw,relatime - ext4 /dev/vda1 rw
942 930 254:1 /home/me/data /data rw,relatime - ext4 /dev/vda1 rw
943 930 254:1 /x /app/my\\040own.yaml rw,relatime - ext4 /dev/vda1 rw

"""


def test_a_file_that_is_a_mount_of_its_own_is_told_from_one_in_a_mounted_folder() -> None:
    assert mounted_alone(Path("/app/config.yaml"), MOUNTS)
    assert mounted_alone(Path("/app/my own.yaml"), MOUNTS)
    assert not mounted_alone(Path("/data/config.yaml"), MOUNTS)
    assert not mounted_alone(Path("/app/.env"), MOUNTS)
    assert not mounted_alone(Path(__file__))
