"""Feed a parser with inputs that a coverage-guided fuzzer (atheris) makes out of the corpus.

    nice -19 python tests/fuzz/run.py number -runs=500000
    nice -19 python tests/fuzz/run.py scenario -runs=100000 found/

The first word is the target, the rest goes to libFuzzer. New inputs go to the folder named last, not to the corpus. An
input that breaks a promise or takes longer than the time-out is written to ./crash-* or ./timeout-*, and the run ends.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIMITS = ["-timeout=5", "-rss_limit_mb=1500", "-max_len=20000", "-print_final_stats=1"]


def main() -> None:
    import atheris  # noqa: PLC0415 - pytest imports this file to look for examples, and atheris is no need of the suite

    sys.path[:0] = [str(ROOT), str(Path(__file__).parents[1])]
    with atheris.instrument_imports(include=["planner"]):
        from fuzz import targets  # noqa: PLC0415 - imported under instrumentation

    name, arguments = sys.argv[1], sys.argv[2:]
    folder = targets.CORPUS / name
    words = targets.CORPUS / f"{name}.dict"
    given = [f"-dict={words}"] if words.exists() else []
    found = [argument for argument in arguments if not argument.startswith("-")]
    flags = [argument for argument in arguments if argument.startswith("-")]
    atheris.Setup([sys.argv[0], *LIMITS, *given, *flags, *found, str(folder)], targets.TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
