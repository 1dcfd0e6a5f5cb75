"""Run one command and turn every failure into a message and an exit code."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from planner import startup
from planner.cli.app import planner
from planner.errors import DEBUG_VARIABLE, ScenarioError, fault_words

FINE, FAILED, UNUSABLE = 0, 1, 2
INTERRUPTED = 130  # what shells expect of a program that ctrl+c ended


def main() -> NoReturn:
    """Run the command line that started this process."""
    startup.prepare()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a pipe of a test lacks it
    startup.leave(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors go to stderr, never as a traceback."""
    try:
        return int(planner.main(args=list(arguments), prog_name="planner", standalone_mode=False) or FINE)
    except click.ClickException as error:
        error.show()
        return UNUSABLE
    except ScenarioError as error:
        _say(str(error))
        return UNUSABLE
    except (BrokenPipeError, SystemExit) as left:  # click turns one into the other, with code 1
        startup.forget(sys.stdout)
        code = left.code if isinstance(left, SystemExit) else FINE
        return code if isinstance(code, int) and code > FAILED else FINE
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except OSError as error:
        if os.environ.get(DEBUG_VARIABLE):
            raise
        startup.forget(sys.stdout)
        _say(_surroundings(error))
        return UNUSABLE
    except Exception as error:
        if _is_ctrl_c(error):
            return INTERRUPTED
        if os.environ.get(DEBUG_VARIABLE):
            raise
        _say(fault_words(error))
        return FAILED


def _is_ctrl_c(error: Exception) -> bool:
    """Say whether ctrl+c came during a query: duckdb catches it and reports it only in these words."""
    return type(error) is RuntimeError and str(error) == "Query interrupted"


def _surroundings(error: OSError) -> str:
    from planner.files.os_errors import surroundings  # noqa: PLC0415 - only a refusal asks for it

    return surroundings(error)


def _say(text: str) -> None:
    with suppress(OSError):
        click.echo(text, err=True)
