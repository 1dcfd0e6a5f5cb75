"""What does not fit says by how much, and what would."""

import json
import re

import pytest

from planner.catalog.hardware import gpu, llm
from planner.model import evaluate
from planner.model.resolve import resolve
from planner.model.serving.serving_speed import max_sequences
from planner.model.serving.split_notes import split_notes
from planner.model.serving.step_costs import Placement
from planner.model.serving.why_unfit import why_unfit

CARD = "H100-SXM"


def words(model, *, tp=1.0, tokens=4250.0, weights="bf16"):
    placement = Placement(gpus=tp, tp=tp, weights=weights, kv="bf16", engine="vllm")
    return why_unfit(llm=llm(model), gpu=gpu(CARD), placement=placement, context_tokens=tokens)


def test_weights_that_are_too_large_are_told_with_their_size():
    assert "the weights take 141 GB" in words("llama-3.1-70b")  # 70.6e9 weights of two bytes


def test_a_prompt_that_is_too_long_is_told_with_its_cache():
    # 32 layers, a key and a value of 8 heads of 128, two bytes each: 131,072 bytes a token
    assert "one request of 2,000,000 tokens 262 GB" in words("llama-3.1-8b", tokens=2e6)


@pytest.mark.parametrize("model", ["llama-3.1-70b", "llama-3.1-405b"])
def test_it_fits_from_the_tensor_parallelism_that_is_named(model):
    tp = float(re.search(r"tensor parallelism (\d+) on", words(model)).group(1))

    def room(tp):
        placement = Placement(gpus=tp, tp=tp, weights="bf16", kv="bf16", engine="vllm")
        return max_sequences(llm=llm(model), gpu=gpu(CARD), placement=placement, context_tokens=4250.0)

    assert room(tp) >= 1
    assert room(tp / 2) < 1


def test_a_plan_whose_model_does_not_fit_warns_with_the_numbers(chat):
    warnings = evaluate(chat.with_value("deployments.small.model", "llama-3.1-405b")).warnings
    assert any("does not fit: on each GPU" in each and "the weights take" in each for each in warnings)


def test_heads_that_can_not_be_split_are_named(planner):
    given = ("--model", "llama-3.3-70b", "--gpu", CARD, "--input", 4000, "--output", 250)
    assert "64 attention heads don't divide by tp 3" in planner("serving", *given, "--tp", 3)[1]
    assert "don't divide" not in planner("serving", *given, "--tp", 4)[1]


def test_a_model_that_does_not_fit_is_an_answer(planner):
    given = ("--model", "llama-3.1-405b", "--gpu", CARD, "--input", 4000, "--output", 250, "--tp", 4)
    code, out, _ = planner("serving", *given)
    assert code == 0
    assert "fits from tensor parallelism 16 on" in " ".join(out.split())


GIVEN = ("--model", "llama-3.3-70b", "--gpu", CARD, "--input", 1155, "--output", 211, "--weights", "fp8")


def test_what_would_change_a_limit_is_what_serving_it_gives(planner):
    told = json.loads(planner("serving", *GIVEN, "--tp", 4, "--concurrency", 64, "--json")[1])
    wider = json.loads(planner("serving", *GIVEN, "--tp", 8, "--concurrency", 64, "--json")[1])
    change = next(each for each in told["limits"]["changes"] if each["words"].startswith("tp 8"))
    assert change["throughput_x"] == pytest.approx(
        wider["throughput_tokens_per_s"] / told["throughput_tokens_per_s"]
    )
    assert change["tpot_x"] == pytest.approx(wider["tpot_s"] / told["tpot_s"])


def test_more_open_requests_than_the_cache_holds_are_limited_by_its_room(planner):
    told = json.loads(planner("serving", *GIVEN, "--tp", 4, "--concurrency", 900, "--json")[1])
    assert told["running"] == told["max_sequences"] < 900
    assert told["limited_by"] == "room in the cache"
    assert told["limits"]["by"] == "cache"


def test_experts_are_spread_beside_copies_of_the_attention(planner):
    given = (
        "--model",
        "deepseek-r1",
        "--gpu",
        "H200-SXM",
        "--input",
        2000,
        "--output",
        500,
        "--weights",
        "fp8",
    )
    out = planner("serving", *given, "--attn-dp", 8, "--ep", 8, "--concurrency", 512)[1]
    assert "on 8 H200-SXM, tp 1, pp 1, attention dp 8" in out


@pytest.mark.parametrize(
    ("model", "card", "tp", "words"),
    [
        ("llama-3.1-8b", "H100-SXM", 3.0, "32 attention heads don't divide by tp 3"),
        ("llama-3.1-8b", "GH200-96GB", 8.0, "no link joins two of these GPUs"),
        ("llama-3.1-405b", "H100-SXM", 16.0, "links join 8 GPUs"),
    ],
)
def test_a_split_that_engines_refuse_or_that_leaves_its_links_is_told(model, card, tp, words):
    placement = Placement(gpus=tp, tp=tp)
    assert any(words in note for note in split_notes(llm=llm(model), gpu=gpu(card), placement=placement))


def test_a_split_that_works_has_no_notes():
    placement = Placement(gpus=8.0, tp=8.0)
    assert not [*split_notes(llm=llm("llama-3.3-70b"), gpu=gpu("H100-SXM"), placement=placement)]


def test_an_engine_that_is_given_more_memory_keeps_more_in_its_cache(planner):
    given = (
        "--model",
        "qwen3-32b",
        "--gpu",
        CARD,
        "--input",
        1000,
        "--output",
        200,
        "--concurrency",
        8,
        "--json",
    )
    less, usual, more = (
        json.loads(planner("serving", *given, *share)[1])["max_sequences"]
        for share in (("--memory-share", 0.88), (), ("--memory-share", 0.95))
    )
    assert less < usual < more


def test_the_memory_share_of_a_plan_reaches_its_batch(chat):
    shares = chat.with_value("deployments.small.memory_share", 0.95)
    assert resolve(shares).hosted["small"].placement.memory_share == 0.95
    assert resolve(chat).hosted["small"].placement.memory_share == 0.0


def test_a_request_that_is_longer_than_the_model_reads_is_told(chat):
    short = chat.with_value("deployments.small.model", "mistral-7b")
    assert not any("reads at most" in each for each in evaluate(short).warnings)
    long = short.with_value("workloads.chat.context_tokens", 40_000)
    assert any("small reads at most 32,768 tokens" in each for each in evaluate(long).warnings)
