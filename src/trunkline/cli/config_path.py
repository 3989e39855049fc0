"""Which configuration a verb reads: what is named, else `CONFIG_FILE_PATH`, else what is mounted into the image."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

MOUNTED = (Path("/app/config.yaml"), Path("/app/config.json"), Path("/app/config/litellm-config.json"))


def mounted() -> Path | None:
    """Inside the image, the configuration that was put where the image looks for one."""
    if os.environ.get("TRUNKLINE_IN_IMAGE") != "1":
        return None
    return next((path for path in MOUNTED if path.exists()), None)


CONFIG: dict[str, Any] = {"type": click.Path(path_type=Path), "envvar": "CONFIG_FILE_PATH", "default": mounted}
"""What a verb's option or argument for a configuration is made of."""
