"""The verbs and where each lives. A verb's module is imported only when it is needed."""

from __future__ import annotations

from importlib import import_module

import click

from trunkline import __version__

VERBS = (
    *("serve", "claude", "codex", "doctor", "check", "models", "pull"),
    *("keys", "users", "teams", "spend", "costs", "ledger", "explain", "run", "health"),
)
HIDDEN = ("keep",)
"""Verbs for Trunkline itself; they are not listed."""


class Verbs(click.Group):
    """A group whose commands are modules of this package: `serve` is `serve_verb.verb` and so on."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order a newcomer needs them."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, imported now; None when there is none of that name."""
        if cmd_name not in VERBS and cmd_name not in HIDDEN:
            return None
        command = import_module(f"trunkline.cli.{cmd_name}").verb
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with the nearest verb named when there is none."""
        if args and self.get_command(ctx, args[0]) is None:
            from difflib import get_close_matches

            near = get_close_matches(args[0], VERBS, n=1)
            hint = f" Did you mean `trunkline {near[0]}`?" if near else ""
            ctx.fail(f"There is no verb {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Verbs, context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 110})
@click.version_option(__version__, "--version", "-v", "-V", message="trunkline %(version)s")
def trunkline() -> None:
    """One line to every model: a gateway between any LLM client and any LLM provider.

    `trunkline claude` opens Claude Code through it. `trunkline serve` runs it for any client, and so does
    `trunkline --config FILE` with LiteLLM's flags.
    """
