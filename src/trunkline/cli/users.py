"""`trunkline users`: who has keys, and what all of theirs together may use."""

from __future__ import annotations

import click

from trunkline.cli.people import group

verb = group(
    "user",
    "Users: what all keys of one person together may use. NAME is a user_id.",
    click.option("--email", "user_email", help="Their address."),
)
