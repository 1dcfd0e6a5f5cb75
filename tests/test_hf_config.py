"""Public config.json files read as models: totals that their makers state, caches and states by hand.

`hf_configs.json` holds the fields that decide shapes of public files (Hugging Face copies in aiconfigurator-core
0.12.0, and the files of the model pages), with what the names and cards say of them. Totals of GLM, DeepSeek V3.2 and
V4, gpt-oss, Gemma 4, Qwen3-VL: counted from the tensors that the classes of transformers 5.24 make of the file.
"""

import json
import re
from pathlib import Path

import pytest

from planner.catalog.hardware import gpu
from planner.catalog.hf_config import llm_from_hf_config, read_hf_config
from planner.catalog.llms.blocks import FIELDS
from planner.catalog.llms.described import llm_from_table
from planner.cli.commands.model_text import totals
from planner.errors import ScenarioError
from planner.model.serving import memory
from planner.model.serving.memory import weight_bytes
from planner.model.serving.serving_speed import Placement, max_sequences

PUBLIC = json.loads((Path(__file__).parent / "hf_configs.json").read_text(encoding="utf-8"))
SMALL = {
    "model_type": "llama", "num_hidden_layers": 4, "hidden_size": 64, "num_attention_heads": 4, "vocab_size": 100,
    "num_key_value_heads": 2, "intermediate_size": 128, "tie_word_embeddings": False,
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_config_has_the_weights_cache_and_state_of_its_model(name):
    told, llm = PUBLIC[name], llm_from_hf_config(PUBLIC[name]["config"])
    assert float(memory.total_params(llm=llm)) / 1e9 == pytest.approx(told["total_b"], rel=0.01)
    if told["active_b"] is not None:
        assert float(memory.active_params(llm=llm)) / 1e9 == pytest.approx(told["active_b"], rel=0.025)
    if told["cache_bytes"] is not None:
        assert float(memory.cache_bytes_per_token(llm=llm, kv="bf16")) == told["cache_bytes"]
    if told["state_mb"] is not None:
        assert round(float(memory.state_bytes(llm=llm)) / 1e6) == pytest.approx(told["state_mb"], abs=0.6)


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_no_field_of_a_public_config_can_be_anything_but_read_or_refused(name):
    config = PUBLIC[name]["config"]
    text = next((config[part] for part in ("text_config", "llm_config") if part in config), config)
    for field in text:
        for value in (float("nan"), -1, 1e300, "three", {"a": 1}, [1, "b"], 0.5, None, True):
            changed = config | ({field: value} if text is config else {"text_config": text | {field: value}})
            try:
                llm = llm_from_hf_config(changed)
            except ScenarioError as error:
                assert error.problems  # noqa: PT017 - both ways are right
            else:
                assert 0 <= float(memory.total_params(llm=llm)) < 1e30


def test_everything_wrong_is_told_at_once():
    wrong = SMALL | {"num_hidden_layers": 1e12, "hidden_size": "wide", "intermediate_size": 12.5}
    with pytest.raises(ScenarioError) as caught:
        llm_from_hf_config(wrong)
    words = str(caught.value)
    for part in (
        "num_hidden_layers is 1000000000000.0",
        "hidden_size is 'wide'",
        "intermediate_size is 12.5",
    ):
        assert part in words


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"model_type": "t5", "is_encoder_decoder": True}, "an encoder and a decoder"),
        ({"model_type": "bert"}, "describes an encoder"),
        (SMALL | {"layer_types": ["quantum"] * 4}, "'quantum'; not a known kind of layer"),
        (SMALL | {"sliding_window": 16}, "does not say which layers have this window"),
        ({"model_type": "xlstm"}, "layers are LSTMs"),
        ({"text_config": [1, 2]}, "text_config is [1, 2]; it must be a table"),
    ],
)
def test_what_is_no_decoder_or_not_known_is_refused_in_words(config, words):
    with pytest.raises(ScenarioError) as caught:
        read_hf_config(config)
    assert words in str(caught.value)


def test_a_window_that_no_context_reaches_is_none():
    whole = llm_from_hf_config(SMALL)
    wide = {"sliding_window": 4096, "max_position_embeddings": 4096}
    assert llm_from_hf_config(SMALL | wide).cache_elements == whole.cache_elements


def test_what_was_filled_from_the_defaults_of_an_architecture_is_named():
    read = read_hf_config({"model_type": "gemma3_text", "hidden_size": 1152, "num_hidden_layers": 26})
    assert any("vocab_size 262208" in note for note in read.notes)


def test_the_formats_of_quantized_files_are_told():
    shipped = {
        "fp8": {"quant_method": "fp8"}, "mxfp4": {"quant_method": "mxfp4"}, "int4": {"quant_method": "awq", "bits": 4},
        "int8": {"quant_method": "gptq", "bits": 8}, "nvfp4": {"quant_method": "modelopt", "quant_algo": "NVFP4"},
    }  # fmt: skip
    for weights, config in shipped.items():
        assert read_hf_config(SMALL | {"quantization_config": config}).table["weights"] == weights
    group = {"weights": {"num_bits": 4, "type": "int", "group_size": 128}}
    packed = {"quant_method": "compressed-tensors", "config_groups": {"group_0": group}}
    assert read_hf_config(SMALL | {"quantization_config": packed}).table["weights"] == "int4"


@pytest.mark.parametrize(("said", "group"), [(128, 128.0), (-1, 10_000.0), (None, 32.0)])
def test_weights_in_four_bit_integers_have_a_scale_for_each_group(said, group):
    quantised = {"quant_method": "gptq", "bits": 4} | ({"group_size": said} if said else {})
    llm = llm_from_hf_config(SMALL | {"quantization_config": quantised})
    assert float(weight_bytes(llm=llm, weights="int4")) == pytest.approx(0.5 + 2.0 / group)
    assert float(weight_bytes(llm=llm, weights="fp8")) == 1.0


def test_towers_count_as_weights_and_not_as_the_language_model():
    tower = {"hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 64, "patch_size": 14}
    seeing, blind = (llm_from_hf_config(c) for c in ({"text_config": SMALL, "vision_config": tower}, SMALL))
    assert float(memory.total_params(llm=seeing)) == float(memory.total_params(llm=blind))
    both = [
        float(memory.weight_bytes_per_gpu(llm=llm, weights="bf16", tp=1.0, pp=1.0, attn_dp=1.0))
        for llm in (seeing, blind)
    ]
    assert both[0] - both[1] == 2 * seeing.tower_params > 0


def test_a_description_with_mistakes_is_told_all_of_them():
    table = {
        "hidden": 64, "vocab": 10, "blocks": [
            {"kind": "atention", "count": 1}, {"kind": "mlp", "count": 1.5}, {"kind": "moe", "count": 1, "exprts": 3}, 7,
        ],
    }  # fmt: skip
    with pytest.raises(ScenarioError) as caught:
        llm_from_table(table)
    words = str(caught.value)
    for part in (
        "Did you mean attention",
        "blocks[2].count is 1.5",
        "width is missing",
        "Did you mean experts",
        "is 7;",
    ):
        assert part in words


def test_weights_that_layers_share_count_once_and_their_caches_each():
    block = {"kind": "attention", "count": 6, "heads": 4, "kv_heads": 4, "head_dim": 16}
    own, shared = (
        llm_from_table({"hidden": 64, "vocab": 0, "blocks": [block | {"weights_shared_by": by}]})
        for by in (1, 3)
    )
    assert shared.attention_params == own.attention_params / 3
    assert shared.cache_elements == own.cache_elements


@pytest.mark.parametrize(
    ("model", "card", "tp", "weights"),
    [
        ("NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "H100-SXM", 1.0, "fp8"),
        ("Llama-3_3-Nemotron-Super-49B-v1", "H100-SXM", 1.0, "fp8"),
        ("Kimi-K3", "B300-SXM", 8.0, "mxfp4"),
        ("Jamba-1.5-Mini", "H200-SXM", 1.0, "bf16"),
    ],
)
def test_a_model_fits_the_cards_on_which_it_is_served(model, card, tp, weights):
    llm = llm_from_hf_config(PUBLIC[model]["config"])
    placement = Placement(gpus=tp, tp=tp, weights=weights, kv="fp8" if weights != "bf16" else "bf16")
    assert max_sequences(llm=llm, gpu=gpu(card), placement=placement, context_tokens=1366.0) >= 16


def test_every_kind_of_block_and_every_field_of_it_is_documented():
    page = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = {row.split("`")[1]: row for row in page.splitlines() if row.startswith("| `")}
    for kind, fields in FIELDS.items():
        assert set(fields) <= set(re.findall(r"\w+", rows[kind])), kind


def test_a_quantised_file_is_as_large_as_what_is_downloaded():
    told = totals(read_hf_config(PUBLIC["gpt-oss-120b"]["config"]).table, where="gpt-oss-120b")
    assert told["weight_bytes_shipped"] == pytest.approx(
        65.2e9, rel=0.01
    )  # openai/gpt-oss-120b, its safetensors
