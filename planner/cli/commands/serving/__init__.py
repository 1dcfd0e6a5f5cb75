"""`planner serving`: how fast a model runs on given GPUs."""

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from planner import formats
from planner.cli.io.output_formats import styled
from planner.cli.io.word_choice import WordChoice

WEIGHTS = WordChoice(formats.WEIGHTS, formats.WEIGHT_WORDS)
CACHES = WordChoice(formats.CACHES, formats.CACHE_WORDS)
ENGINES = WordChoice(formats.ENGINES, formats.ENGINE_WORDS)
WHOLE = click.IntRange(1, 4096)
NOT_IN_A_BENCHMARK = {
    "hits": "--hits", "split": "--split", "draft": "--draft", "draft_tokens": "--draft-tokens",
    "search": "--search",
}  # fmt: skip
LENGTH = click.FloatRange(1, 20_000_000)


@click.command(
    "serving",
    epilog="""\b
Examples:
  planner serving --model llama-3.1-70b --gpu H100-SXM --tp 4 \\
    --weights fp8 --input 4000 --output 250
  planner serving --model llama-3.1-8b --gpu L4 --weights int4 \\
    --input 1000 --output 200 --json
  planner serving --table measured.csv --out predicted.csv
  planner serving --calibrate bench.json --gpu H100-SXM --tp 1 \\
    --weights fp8 --engine vllm
  planner serving --calibrate bench.json --tp 1 \\
    --into plan.toml --deployment small
A table needs the columns kind, model, gpu, n_gpu, tp, precision_weights,
isl_mean, osl_mean and concurrency_or_batch. Without --concurrency, the
output covers a range of batches and the highest throughput.""",
)
@click.option("--model", help="A catalog model, or a config.json.")
@click.option("--gpu", help="A catalog GPU.")
@click.option("--tp", type=WHOLE, default=1, show_default=True, help="Tensor parallelism: GPUs per layer.")
@click.option("--pp", type=WHOLE, default=1, show_default=True, help="Pipeline stages.")
@click.option(
    "--attn-dp", type=WHOLE, default=1, show_default=True, help="Attention replicas that share experts."
)
@click.option("--ep", type=WHOLE, help="GPUs that whole experts are spread over; default: attn-dp.")
@click.option("--gpus", type=WHOLE, help="Total GPUs, if more than one copy; default: tp * pp * attn-dp.")
@click.option("--weights", type=WEIGHTS, default="bf16", show_default=True, help="Format of the weights.")
@click.option("--kv", type=CACHES, default="bf16", show_default=True, help="Format of the KV cache.")
@click.option("--engine", type=ENGINES, default="vllm", show_default=True, help="Serving engine.")
@click.option(
    "--memory-share",
    type=click.FloatRange(0.2, 1),
    help="Share of GPU memory that the engine takes; default: the engine's own.",
)
@click.option("--input", "input_tokens", type=LENGTH, help="Mean prompt tokens.")
@click.option("--output", "output_tokens", type=LENGTH, help="Mean output tokens.")
@click.option("--concurrency", type=click.FloatRange(1, 1e6), help="Concurrent requests over all GPUs.")
@click.option(
    "--hits", type=click.FloatRange(0, 1), default=0.0, help="Share of a prompt found in the prefix cache."
)
@click.option(
    "--split",
    nargs=2,
    type=WHOLE,
    metavar="PREFILL DECODE",
    help="Number of copies for prefill only and for decode only; needs --concurrency.",
)
@click.option(
    "--search",
    is_flag=True,
    help="Rank the layouts of one copy on up to --gpus (default: as many as fast links join).",
)
@click.option(
    "--first-token-within",
    "first_token_s",
    type=click.FloatRange(0.001, 3600),
    help="With --search: seconds.",
)
@click.option(
    "--per-token-within",
    "per_token_ms",
    type=click.FloatRange(0.01, 1e5),
    help="With --search: milliseconds.",
)
@click.option("--draft", help="Measured drafting method: mtp, eagle3 or dspark.")
@click.option(
    "--draft-tokens", type=click.IntRange(1, 16), default=3, show_default=True, help="Tokens per draft."
)
@click.option("--table", type=click.Path(path_type=Path), help="Predict each row of this CSV instead.")
@click.option("--out", type=click.Path(path_type=Path), help="File for the table with predictions.")
@click.option(
    "--calibrate",
    type=click.Path(path_type=Path),
    help="Print calibration factors from this benchmark: a load client's file, or a table.",
)
@click.option("--into", help="With --calibrate: write the factors into this plan.")
@click.option("--deployment", help="With --into: the deployment that was measured.")
@styled
@click.pass_context
def serving_command(
    context: click.Context, /, *, table: Path | None, out: Path | None, calibrate: Path | None,
    into: str | None, deployment: str | None, **options: Any,
) -> None:  # fmt: skip
    """Predict throughput, time to first token and time per token, and name what limits them."""
    if calibrate is not None:
        from planner.cli.commands.serving import calibration  # noqa: PLC0415 - loads the model

        given = {name: value for name, value in options.items() if _is_given(context, name)}
        if odd := [flag for name, flag in NOT_IN_A_BENCHMARK.items() if name in given]:
            raise click.UsageError(f"--calibrate can't be combined with {', '.join(odd)}.")
        style = options["style"]
        click.echo(calibration.report(calibrate, given, into=into, deployment=deployment, style=style))
        return
    if into is not None or deployment is not None:
        raise click.UsageError("--into and --deployment need --calibrate.")
    if table is not None:
        if out is None:
            raise click.UsageError("--table needs --out, the file to write.")
        from planner.cli.commands.serving import table as measured  # noqa: PLC0415 - loads the model

        click.echo(measured.report(table, out, style=options["style"]))
        return
    needed = {"model": "--model", "gpu": "--gpu", "input_tokens": "--input", "output_tokens": "--output"}
    if missing := [flag for name, flag in needed.items() if options[name] is None]:
        raise click.UsageError(f"Give {', '.join(missing)} (or --table and --out).")
    search = options.pop("search")
    limits = {name: options.pop(name) for name in ("first_token_s", "per_token_ms")}
    if search:
        click.echo(_searched(context, options, limits))
        return
    if any(value is not None for value in limits.values()):
        raise click.UsageError("--first-token-within and --per-token-within need --search.")
    click.echo(_of_one_layout(options))


def _of_one_layout(options: dict[str, Any]) -> str:
    """Return the speed of the given layout, in one pool or two."""
    split = options.pop("split")
    if split is None:
        from planner.cli.commands.serving import text  # noqa: PLC0415 - loads the model

        return text.report(**options)
    if options["concurrency"] is None:
        raise click.UsageError("--split needs --concurrency.")
    from planner.cli.commands.serving import split as pools  # noqa: PLC0415 - loads the model

    return pools.report(**options, workers=split)


def _searched(context: click.Context, options: dict[str, Any], limits: dict[str, Any]) -> str:
    """Return the layouts of one copy, best first."""
    found = ("tp", "pp", "attn_dp", "ep", "split", "concurrency", "draft")
    if odd := [f"--{name.replace('_', '-')}" for name in found if _is_given(context, name)]:
        raise click.UsageError(
            f"--search finds the layout and the load, so it can't be combined with {', '.join(odd)}."
        )
    from planner.cli.commands.serving import searched  # noqa: PLC0415 - loads the model

    asked = {name: value for name, value in options.items() if name not in (*found, "draft_tokens")}
    return searched.report(**asked, **limits)


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is ParameterSource.COMMANDLINE
