"""`planner serving`: what one model does on some GPUs."""

from pathlib import Path
from typing import Any

import click

from planner.cli.io.output_formats import styled

WEIGHTS = ["bf16", "fp8", "fp4", "mxfp4", "int8", "int4"]
CACHES = ["bf16", "fp8"]
ENGINES = ["vllm", "trtllm", "sglang"]
WHOLE = click.IntRange(1, 4096)
LENGTH = click.FloatRange(1, 20_000_000)


@click.command(
    "serving",
    epilog="""\b
Examples:
  planner serving --model llama-3.1-70b --gpu H100-SXM --tp 4 --weights fp8 --input 4000 --output 250
  planner serving --model llama-3.1-8b --gpu L4 --weights int4 --input 1000 --output 200 --concurrency 16 --json
  planner serving --table measured.csv --out predicted.csv
  planner serving --calibrate benchmark.csv      factors of your own cluster, for a scenario
A table needs the columns kind, model, gpu, n_gpu, tp, precision_weights, isl_mean, osl_mean and
concurrency_or_batch. Without --concurrency a range of batches is shown, and the largest throughput.""",
)
@click.option("--model", help="A model of the catalog.")
@click.option("--gpu", help="A GPU of the catalog.")
@click.option("--tp", type=WHOLE, default=1, show_default=True, help="GPUs that share each layer.")
@click.option("--pp", type=WHOLE, default=1, show_default=True, help="Groups of layers, one after the other.")
@click.option(
    "--attn-dp", type=WHOLE, default=1, show_default=True, help="Copies of the attention that share experts."
)
@click.option("--ep", type=WHOLE, help="GPUs that whole experts are spread over. attn-dp if left out.")
@click.option(
    "--gpus", type=WHOLE, help="All GPUs, where more than one copy runs. tp * pp * attn-dp if left out."
)
@click.option(
    "--weights", type=click.Choice(WEIGHTS), default="bf16", show_default=True, help="Format of the weights."
)
@click.option(
    "--kv", type=click.Choice(CACHES), default="bf16", show_default=True, help="Format of the cache."
)
@click.option(
    "--engine", type=click.Choice(ENGINES), default="vllm", show_default=True, help="Serving engine."
)
@click.option("--input", "input_tokens", type=LENGTH, help="Tokens of a prompt, mean.")
@click.option("--output", "output_tokens", type=LENGTH, help="Tokens of an answer, mean.")
@click.option("--concurrency", type=click.FloatRange(1, 1e6), help="Requests open at once, over all GPUs.")
@click.option(
    "--hits", type=click.FloatRange(0, 1), default=0.0, help="Share of a prompt found in the prefix cache."
)
@click.option("--table", type=click.Path(path_type=Path), help="Predict each row of this CSV instead.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the table goes, with its predictions.")
@click.option(
    "--calibrate", type=click.Path(path_type=Path), help="Print the factors of this benchmark (CSV)."
)
@styled
def serving_command(*, table: Path | None, out: Path | None, calibrate: Path | None, **options: Any) -> None:
    """Predict throughput, time to first token, time per token, and what limits them."""
    if calibrate is not None:
        from planner.cli.commands import serving_table  # noqa: PLC0415 - loads the model

        click.echo(serving_table.calibration(calibrate, style=options["style"]))
        return
    if table is not None:
        if out is None:
            raise click.UsageError("--table needs --out, the file to write.")
        from planner.cli.commands import serving_table  # noqa: PLC0415 - loads the model

        click.echo(serving_table.report(table, out, style=options["style"]))
        return
    needed = {"model": "--model", "gpu": "--gpu", "input_tokens": "--input", "output_tokens": "--output"}
    if missing := [flag for name, flag in needed.items() if options[name] is None]:
        raise click.UsageError(f"Needs {', '.join(missing)} (or --table and --out).")
    from planner.cli.commands import serving_text  # noqa: PLC0415 - loads the model

    click.echo(serving_text.report(**options))
