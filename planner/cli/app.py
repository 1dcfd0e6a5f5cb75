"""The commands by name. The module of a command is imported only when the command is run."""

import difflib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

COMMANDS = {
    "show": ("show", "Print what a scenario leads to."),
    "diff": ("diff", "Say what differs between two scenarios, and why."),
    "check": ("check", "Hold scenarios against guardrails; for CI."),
    "moves": ("moves", "Rank every lever by what it saves."),
    "sweep": ("sweep", "Show results over one or two fields."),
    "frontier": ("frontier", "Keep the combinations that none beats."),
    "volume": ("volume", "Find the volume at which own GPUs pay against an API."),
    "seek": ("seek", "Find the value at which a result reaches a target."),
    "sensitivity": ("sensitivity", "Say which unknown matters most."),
    "serving": ("serving", "Predict the speed of a model on GPUs."),
    "claims": ("claims", "Recompute famous rules of thumb."),
    "actuals": ("actuals", "Hold a plan against what really happened."),
    "new": ("new", "Write a commented starter scenario."),
    "model": ("model", "Print a Hugging Face config.json as a model of a scenario."),
    "prices": ("prices", "List API and GPU prices with source and date."),
    "import": ("usage_log", "Read a usage log into a workload."),
    "refresh": ("refresh", "Say what newer prices would change."),
    "export": ("export", "Write a plan as a workbook, a page, Markdown or CSV."),
    "serve": ("serve", "Open the screen in a browser."),
    "glossary": ("glossary", "Say what each headline number means."),
    "fields": ("fields", "List every field of a scenario file."),
    "schema": ("fields", "Print the JSON schema of a scenario file, for editors."),
    "completion": ("completion", "Print what completes commands, files and fields in a shell."),
    "manual": ("manual", "Print the manual page."),
}
SCREEN = "open"


class Commands(click.Group):
    """The commands, imported late. Anything that is not a command opens the screen."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return the command names in the order in which --help lists them."""
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
        if ctx.resilient_parsing:  # a shell asks what may come next
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
        if ctx.resilient_parsing and not first:  # a shell asks what the first word may be
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
  planner                                   choose a scenario of the library
  planner saved/support-copilot.toml        open the screen
  planner show plan.toml --json             the same numbers, for programs
  planner diff main.toml plan.toml          what differs and why

Exit codes: 0 success, 1 internal error, 2 unusable input or (diff) a difference, 3 guardrail breached.""",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, help="Print the version.",
    callback=lambda ctx, parameter, asked: _version(ctx, parameter, asked=asked),
)  # fmt: skip
def planner() -> None:
    """Plan burn, runway, margin and cost per successful outcome of an LLM product.

    Without a command it opens the screen: on FILE, or on the library of scenarios. The options of the
    screen (--driver, --library, --theme, --ascii) are listed by planner open --help.
    """
