"""`python -m eval`: how well Footnote answers the questions of a file, over the sources given.

A first word that names no command belongs to `run`, so `python -m eval --cases FILE` needs none; nor does
`--from-feedback FILE`, which only `draft` has.
"""

from __future__ import annotations

from importlib import import_module

import click

from eval.commands.run import CASES, SEEDS, run

__all__ = ["CASES", "SEEDS", "main"]

COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("eval.commands.run", "A file of cases over your sources; done when no command is named."),
    "public": ("eval.commands.public", "A public set, such as SQuAD or CLAPNQ, from files that you have."),
    "results": ("eval.commands.results", "Every public set of a folder, with baselines: eval/RESULTS.md."),
    "sweep": ("eval.commands.sweep", "The same questions under many settings: quality against latency."),
    "draft": ("eval.commands.draft", "Propose questions about your sources, or from feedback."),
    "review": ("eval.commands.review", "Accept, edit or throw away what draft proposed."),
    "judge": ("eval.commands.judge", "What a language model thinks of an evaluation's answers; no measure."),
    "compare": ("eval.commands.compare", "What changed between two evaluations, with a paired test."),
    "gate": ("eval.commands.gate", "Fail when a measure has fallen below a baseline."),
}
"""Name → the module whose attribute of that name is the command, and its line in the help. Loaded when named."""


class Commands(click.Group):
    """The table above as a click group."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(COMMANDS[cmd_name][0]), cmd_name)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args[:1] != ["--help"] and (not args or args[0] not in COMMANDS):
            args = ["draft" if any(arg.startswith("--from-feedback") for arg in args) else "run", *args]
        return super().parse_args(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help of `run`, with the other commands below its options."""
        formatter.write_usage("python -m eval", "[COMMAND] [OPTIONS]")
        run.format_help_text(ctx, formatter)
        run.format_options(ctx, formatter)
        with formatter.section("Commands, each with its own --help"):
            formatter.write_dl([(name, about) for name, (_, about) in COMMANDS.items()])
        run.format_epilog(ctx, formatter)


main = Commands("eval")

if __name__ == "__main__":
    main(prog_name="python -m eval")
