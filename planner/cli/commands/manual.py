"""`planner manual`: the manual page, generated from the help of the commands."""

from collections.abc import Iterator

import click

SECTION = 1  # programs for users
ENVIRONMENT = {
    "EDITOR, VISUAL": "The editor that ctrl+e on the screen opens a plan's file in.",
    "NO_COLOR": "If set: no colour, on the screen or in print.",
    "PLANNER_DEBUG": "If set: a bug in the planner prints a traceback.",
    "XDG_DATA_HOME, XDG_STATE_HOME": "Where your own plans, the trash and unsaved edits are kept.",
}
EXIT_STATUS = {
    "0": "success; for diff, the plans are the same.",
    "1": "a bug in the planner.",
    "2": "unusable input or environment; for diff, the plans differ.",
    "3": 'check: a "fail" rule is broken.',
    "130": "ended by ctrl+c.",
}  # fmt: skip


@click.command(
    "manual",
    epilog="""\b
Examples:
  planner manual > ~/.local/share/man/man1/planner.1
  planner manual | man -l -""",
)
def manual_command() -> None:
    """Print the manual page in man's format."""
    click.echo(manual_page(), nl=False)


def manual_page() -> str:
    """Return the manual page of the program, with the options and examples of every command."""
    from planner import __version__  # noqa: PLC0415 - only the manual asks for it
    from planner.cli.app import COMMANDS, SCREEN, planner  # noqa: PLC0415 - it lists this command

    context = click.Context(planner, info_name="planner")
    commands = [planner.get_command(context, name) for name in [SCREEN, *COMMANDS]]
    lines = [
        f'.TH PLANNER {SECTION} "" "planner {__version__}" "User Commands"',
        ".SH NAME", r"planner \- plan the economics of LLM inference",
        ".SH SYNOPSIS", r".B planner", "[FILE | COMMAND] [ARGS]...",
        ".SH DESCRIPTION", *_paragraphs(planner.help or ""),
        ".SH COMMANDS", *(line for each in commands if each is not None for line in _command(context, each)),
        ".SH ENVIRONMENT", *_terms(ENVIRONMENT),
        ".SH EXIT STATUS", *_terms(EXIT_STATUS),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _command(parent: click.Context, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=command.name, parent=parent)
    yield f'.SS "{_plain(" ".join([context.command_path, *command.collect_usage_pieces(context)]))}"'
    yield from _paragraphs(command.help or "")
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record is not None and record[1]:
            yield from _term(*record)
    yield from _as_printed(command.epilog or "")


def _terms(words: dict[str, str]) -> Iterator[str]:
    for name, meaning in words.items():
        yield from _term(name, meaning)


def _term(name: str, meaning: str) -> Iterator[str]:
    yield ".TP"
    yield rf"\fB{_plain(name)}\fR"
    yield _plain(meaning)


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield ".PP"
        yield _plain(" ".join(paragraph.split()))


def _as_printed(text: str) -> Iterator[str]:
    if text:
        yield ".PP"
        yield ".nf"
        yield from (_plain(line) for line in text.replace("\b\n", "").rstrip().split("\n"))
        yield ".fi"


def _plain(text: str) -> str:
    r"""Return text with roff requests disabled: a dash stays a dash, and a leading dot is text.

    >>> _plain("--json\\n")
    '\\-\\-json\\en'
    """
    safe = text.replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{safe}" if safe.startswith((".", "'")) else safe
