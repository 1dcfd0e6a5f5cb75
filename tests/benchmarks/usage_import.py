"""Import a log of ten million requests: seconds, peak memory. Not part of the suite.

    python tests/benchmarks/usage_import.py [parquet|csv|jsonl] [rows]

The bar: Parquet, ten million rows, two cores: under 5 s and under 500 MB.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
ROWS = 10_000_000
GAP_S = 0.3
FORMS = {"parquet": "FORMAT parquet", "csv": "FORMAT csv, HEADER", "jsonl": "FORMAT json"}
NORMAL = "sqrt(-2 * ln(1 - random())) * cos(2 * pi() * random())"


def write_log(path: Path, form: str, rows: int) -> None:
    """Write requests over weeks to three models, with a prompt's text that an import must leave alone."""
    import duckdb  # noqa: PLC0415 - the reader's memory is measured without the writer's

    connection = duckdb.connect(config={"threads": 2})
    connection.execute("SET enable_progress_bar=false")
    connection.execute(f"""
        COPY (SELECT TIMESTAMP '2026-08-01' + to_microseconds(CAST((i + random()) * {GAP_S} * 1e6 AS BIGINT)) AS started_at,
                CASE WHEN random() < 0.2 THEN 'gpt-5.4' WHEN random() < 0.5 THEN 'gpt-4o-mini' ELSE 'claude-sonnet-4-5' END
                AS model, CAST(exp(6.6 + {NORMAL}) AS INT) AS prompt_tokens,
                CAST(exp(5 + 0.86 * {NORMAL}) AS INT) AS completion_tokens, 0.001 * random() AS cost_usd,
                repeat(md5(CAST(i AS VARCHAR)), 3) AS prompt, CASE WHEN random() < 0.01 THEN 500 ELSE 200 END AS status_code
              FROM range({rows}) rows(i)) TO '{path}' ({FORMS[form]})
    """)


def main() -> None:
    form = sys.argv[1] if len(sys.argv) > 1 else "parquet"
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"log.{form}"
        code = (
            f"import usage_import as u, pathlib; u.write_log(pathlib.Path({str(path)!r}), {form!r}, {rows})"
        )
        subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)
        from planner.usage import read_log  # noqa: PLC0415 - as above

        told = []
        began_s, began_cpu_s = time.perf_counter(), time.process_time()
        found = read_log(path, progress=lambda share, left_s: told.append((share, left_s)))
        used_s, cpu_s = time.perf_counter() - began_s, time.process_time() - began_cpu_s
        peak_kb = int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[1])
        print(
            f"{form}: {found.used_rows:,} rows, {path.stat().st_size / 1e6:,.0f} MB in {used_s:.1f} s, {cpu_s:.1f} s of processor time"
        )
        print(f"peak memory {peak_kb / 1e3:.0f} MB; progress told {len(told)} times; left out {found.bad}")


if __name__ == "__main__":
    main()
