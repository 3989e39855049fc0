"""Which boot of the machine this is: after another one, memory-mapped pages that were never synced are gone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def boot_id() -> str:
    """The same text for as long as the machine runs. Empty where the platform does not tell: then no boot is new."""
    if sys.platform == "win32":
        return ""
    if sys.platform == "darwin":
        told = subprocess.run(
            ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"],
            capture_output=True,
            text=True,
            check=False,
        )
        return told.stdout.strip()
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
