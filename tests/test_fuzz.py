"""The corpus of the fuzzer, replayed; run tests/fuzz/run.py to look for more."""

import pytest
from fuzz import targets
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

QUICK = settings(
    max_examples=150, deadline=5_000, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
CASES = [(name, path) for name in targets.TARGETS for path in targets.inputs(name)]


@pytest.mark.parametrize(("name", "path"), CASES, ids=[f"{name}-{path.name}" for name, path in CASES])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_input_that_once_taught_the_fuzzer_something_breaks_no_promise(name, path):
    targets.TARGETS[name](path.read_bytes())


NUMBERS = st.one_of(
    st.text(alphabet="0123456789.eE+-_%kKMBGms$ to,triangul", max_size=40),
    st.text(max_size=90),
    st.builds("{!r} to {!r}".format, st.floats(), st.floats()),
    st.builds("triangular {!r}, {!r}, {!r}".format, st.floats(), st.floats(), st.floats()),
)


@QUICK
@given(NUMBERS)
def test_no_text_reads_as_a_number_that_is_none(text):
    targets.number(text.encode("utf-8", "surrogatepass"))


SCENARIOS = [path.read_bytes() for path in targets.inputs("scenario")]
PIECES = [
    b"nan",
    b"1e999",
    b'"1 to 2"',
    b"[",
    b"]",
    b"=",
    b"\n",
    b'"""',
    b"-1",
    b"0",
    b"\x1b[31m",
    b"\xff",
    b"1e300",
]


@QUICK
@given(st.sampled_from(SCENARIOS), st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_damaged_scenario_is_read_or_refused_in_words(whole, at, cut, piece):
    start = int(at * len(whole))
    targets.scenario(whole[:start] + piece + whole[start + cut :])
