"""The commands by name. A command's module is imported only when the command is run."""

import difflib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "show": ("show", "Print a plan's costs, runway and margins."),
    "diff": ("diff", "Show how two plans differ, and why."),
    "check": ("check", "Check plans against guardrails; for CI."),
    "moves": ("moves", "Rank every lever by what it saves."),
    "sweep": ("sweep", "Vary one or two fields and show the results."),
    "frontier": ("frontier", "Find the combinations of levers that no other beats."),
    "volume": ("volume", "Find the volume at which own GPUs beat an API."),
    "seek": ("seek", "Find the value at which a result reaches a target."),
    "sensitivity": ("sensitivity", "Show which unknown matters most."),
    "serving": ("serving", "Predict the speed of a model on GPUs."),
    "claims": ("claims", "Recompute well-known rules of thumb."),
    "actuals": ("actuals", "Compare a plan with what really happened."),
    "new": ("new", "Write a commented starter plan."),
    "model": ("model", "Turn a Hugging Face config.json into a plan's model section."),
    "prices": ("prices", "List API and GPU prices with source and date."),
    "import": ("usage_log", "Turn a usage log into a workload."),
    "refresh": ("refresh", "Show what newer prices would change."),
    "export": ("export", "Write a plan as a workbook, web page, Markdown or CSV."),
    "serve": ("serve", "Open the screen in a browser."),
    "glossary": ("glossary", "Explain each headline number."),
    "fields": ("fields", "List every field of a plan file."),
    "schema": ("fields", "Print the JSON schema of a plan file, for editors."),
    "completion": ("completion", "Print the shell completion script."),
    "manual": ("manual", "Print the manual page."),
}
SCREEN = "open"


class Commands(click.Group):
    """The commands, imported late. Any other first word is taken as a file to open on the screen."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return the command names in the order of --help."""
        return [*COMMANDS]

    def get_command(
        self,
        ctx: click.Context,
        cmd_name: str,
    ) -> click.Command | None:
        """Return the command with this name."""
        module, _ = COMMANDS.get(cmd_name, ("screen" if cmd_name == SCREEN else "", ""))
        if not module:
            return None
        command = getattr(import_module(f"planner.cli.commands.{module}"), f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        if ctx.resilient_parsing:  # a shell is asking for completions
            from planner.cli.io.completion import completing  # noqa: PLC0415 - only when a shell asks

            return completing(command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list["CompletionItem"]:
        """Complete the first word: a command, a plan of the library, or a file."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - as below

        from planner.cli.io.completion import plans  # noqa: PLC0415 - only when a shell asks

        named = [CompletionItem(name, help=words) for name, (_, words) in COMMANDS.items()]
        files = [] if incomplete.startswith("-") else plans(ctx, self.params[0], incomplete)
        return [each for each in named if each.value.startswith(incomplete)] + files

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - as above
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the command line. If it does not start with a command, open the screen."""
        first = args[0] if args else ""
        if ctx.resilient_parsing and not first:  # a shell is asking for the first word
            return super().parse_args(ctx, args)
        if first not in ("--help", "-h", "--version", SCREEN) and first not in COMMANDS:
            _refuse_misspelt(ctx, first)
            args = [SCREEN, *args]
        return super().parse_args(ctx, args)


def _refuse_misspelt(ctx: click.Context, word: str) -> None:
    near = difflib.get_close_matches(word, COMMANDS, n=1, cutoff=0.75)
    if near and not Path(word).exists():
        raise click.UsageError(f"{word!r} is neither a command nor a file. Did you mean {near[0]}?", ctx)


def _version(ctx: click.Context, _parameter: click.Parameter, *, asked: bool) -> None:
    if asked:
        from planner import __version__  # noqa: PLC0415 - only asked for here

        click.echo(f"planner {__version__}")
        ctx.exit()


@click.command(
    cls=Commands,
    subcommand_metavar="[FILE | COMMAND] [ARGS]...",
    options_metavar="",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
    epilog="""\b
Examples:
  planner                                   choose a plan from the library
  planner saved/support-copilot.toml        open the screen
  planner show plan.toml --json             the same numbers, for programs
  planner diff main.toml plan.toml          how two plans differ, and why

Exit codes: 0 success, 1 internal error, 2 unusable input or (diff) a difference, 3 broken guardrail.""",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, help="Print the version.",
    callback=lambda ctx, parameter, asked: _version(ctx, parameter, asked=asked),
)  # fmt: skip
def planner() -> None:
    """Plan burn, runway, margin and cost per successful outcome of an LLM product.

    Without a command, the screen opens on FILE or on the library of plans. planner open --help lists the
    options of the screen (--driver, --library, --theme, --ascii).
    """
