"""Shell completion: which words of a command are plans, fields, results, models or GPUs.

Loaded only when a shell asks. Nothing here may fail or print: a plan that can't be read completes to nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

from planner.errors import ScenarioError

MOST = 200  # words offered at once; shells ask before printing more
Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def plans(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the plans of the library by name, and files as usual."""
    from planner.files import list_scenarios  # noqa: PLC0415 - loads the schema

    return [*_begun_so((entry.name for entry in list_scenarios()), begun), _file(begun)]


def fields_of_the_plan(
    context: click.Context, _parameter: click.Parameter, begun: str
) -> list[CompletionItem]:
    """Complete the fields of the plan named earlier: full paths, or their ends if a short name was begun."""
    from planner.cli.io.scenario_input import read  # noqa: PLC0415 - loads the schema
    from planner.schema import fields, steps_of  # noqa: PLC0415 - as above

    named = context.params.get("file") or next(iter(context.args), "")  # an option that has no value yet
    with suppress(ScenarioError, OSError):
        paths = [field.path for field in fields(read(str(named)).scenario)]
        ends = [steps_of(path)[-1] for path in paths]
        return _begun_so([*paths, *(end for end in ends if ends.count(end) == 1)], begun)
    return []


def results(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the names of results."""
    from planner.readout import METRICS  # noqa: PLC0415 - only when a shell asks for them

    return _begun_so(METRICS, begun)


def models(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete catalog models with known weights, and files, since a config.json works too."""
    from planner.catalog.hardware import llm_names  # noqa: PLC0415 - only when a shell asks for them

    return [*_begun_so(llm_names(), begun), _file(begun)]


def models_sold(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the models that have a price, by seller and name."""
    from planner.catalog.api_offers import offers  # noqa: PLC0415 - loads the price package

    return _begun_so((f"{offer.provider.id}:{offer.model.id}" for offer in offers()), begun)


def gpus(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Complete the GPUs of the catalog."""
    from planner.catalog.hardware import gpu_names  # noqa: PLC0415 - only when a shell asks for them

    return _begun_so(gpu_names(), begun)


COMPLETED: Mapping[str, Completer] = {
    "a": plans, "b": plans, "file": plans, "files": plans, "origin": plans, "into": plans, "against": plans,
    "over": fields_of_the_plan, "lever": fields_of_the_plan, "levers": fields_of_the_plan,
    "field": fields_of_the_plan,
    "metric": results, "metrics": results, "best": results,
    "model": models, "config": models, "gpu": gpus, "query": models_sold,
}  # fmt: skip


def completing(command: click.Command) -> click.Command:
    """Attach completers to the parameters of `command` by name; all others complete as click does."""
    for parameter in command.params:
        completer = COMPLETED.get(parameter.name or "")
        if completer is not None and isinstance(parameter.type, click.types.StringParamType):
            parameter._custom_shell_complete = completer  # noqa: SLF001 - click takes it at creation only
    return command


def _begun_so(words: Iterable[str], begun: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words if word.startswith(begun)][:MOST]


def _file(begun: str) -> CompletionItem:
    return CompletionItem(begun, type="file")
