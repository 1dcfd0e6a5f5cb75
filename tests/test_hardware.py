"""Models and GPUs: the catalog, described ones, and Hugging Face configurations."""

import re

import numpy as np
import pytest

from planner.catalog import hardware
from planner.catalog.hf_config import llm_from_hf_config
from planner.errors import ScenarioError
from planner.model.serving import memory


@pytest.mark.parametrize("name", sorted(hardware.llms()))
def test_every_model_of_the_catalog_has_a_source_and_layers_that_add_up(name):
    entry, llm = hardware.llms()[name], hardware.llm(name)
    assert entry["source"]
    assert entry["as_of"]
    assert 0 <= llm.moe_layers <= llm.layers
    assert llm.cache_elements + llm.sparse_elements + llm.state_elements > 0
    assert float(memory.active_params(llm=llm)) <= float(memory.total_params(llm=llm))


@pytest.mark.parametrize("name", sorted(hardware.gpus()))
def test_every_gpu_of_the_catalog_has_a_source_and_peaks_in_order(name):
    entry, gpu = hardware.gpus()[name], hardware.gpu(name)
    assert entry["source"]
    assert entry["as_of"]
    assert gpu.fp8_tflops == 0.0 or gpu.bf16_tflops <= gpu.fp8_tflops <= 2.03 * gpu.bf16_tflops
    assert gpu.pcie_gb_per_s > 0
    assert gpu.network_gb_per_s > 0
    assert gpu.generation in hardware.GENERATIONS
    assert gpu.link in hardware.LINKS


def test_an_unknown_name_is_told_what_it_may_have_meant():
    with pytest.raises(ScenarioError, match=r"Did you mean H100-SXM.*describe it"):
        hardware.gpu("h100 sxn")


def test_a_described_gpu_with_mistakes_is_told_all_of_them():
    with pytest.raises(ScenarioError) as caught:
        hardware.gpu_from_table(
            {"generation": "rubin", "mem_gb": -1, "bandwith_gb_per_s": 3, "bf16_tflops": "fast"}
        )
    words = str(caught.value)
    for part in (
        "gpu.generation is 'rubin'",
        "gpu.mem_gb is -1",
        "Did you mean bandwidth_gb_per_s",
        "is 'fast'",
    ):
        assert part in words


def test_described_hardware_equals_the_catalog_entry_it_repeats():
    assert hardware.gpu_from_table(hardware.gpus()["H200-SXM"]) == hardware.gpu("H200-SXM")
    assert hardware.llm_from_table(hardware.llms()["glm-5"]) == hardware.llm("glm-5")


def test_taking_from_a_stack_gives_back_what_went_in():
    both = hardware.stack([hardware.gpu("H100-SXM"), hardware.gpu("MI300X")])
    picked = hardware.take(both, np.array([1, 1, 0]))
    assert picked.generation.tolist() == ["cdna3", "cdna3", "hopper"]
    assert picked.mem_gb[2] == hardware.gpu("H100-SXM").mem_gb


LLAMA = {
    "model_type": "llama", "num_hidden_layers": 32, "hidden_size": 4096, "num_attention_heads": 32,
    "num_key_value_heads": 8, "intermediate_size": 14336, "vocab_size": 128256, "tie_word_embeddings": False,
}  # fmt: skip
MIXTURE = {
    "model_type": "qwen3_moe", "num_hidden_layers": 94, "hidden_size": 4096, "num_attention_heads": 64,
    "num_key_value_heads": 4, "head_dim": 128, "intermediate_size": 12288, "moe_intermediate_size": 1536,
    "num_experts": 128, "num_experts_per_tok": 8, "decoder_sparse_step": 1, "vocab_size": 151936,
    "sliding_window": 4096, "use_sliding_window": False,
}  # fmt: skip
LATENT = {
    "model_type": "deepseek_v3", "num_hidden_layers": 61, "hidden_size": 7168, "num_attention_heads": 128,
    "num_key_value_heads": 128, "intermediate_size": 18432, "moe_intermediate_size": 2048, "n_routed_experts": 256,
    "n_shared_experts": 1, "num_experts_per_tok": 8, "first_k_dense_replace": 3, "kv_lora_rank": 512,
    "q_lora_rank": 1536, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128, "vocab_size": 129280,
}  # fmt: skip
WINDOWED = {
    "model_type": "gpt_oss", "num_hidden_layers": 36, "hidden_size": 2880, "num_attention_heads": 64,
    "num_key_value_heads": 8, "head_dim": 64, "intermediate_size": 2880, "num_local_experts": 128,
    "num_experts_per_tok": 4, "sliding_window": 128, "vocab_size": 201088,
    "layer_types": ["sliding_attention", "full_attention"] * 18,
}  # fmt: skip


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (LLAMA, "llama-3.1-8b"),
        (MIXTURE, "qwen3-235b-a22b"),
        (LATENT, "deepseek-r1"),
        (WINDOWED, "gpt-oss-120b"),
    ],
)
def test_a_hugging_face_config_gives_the_bytes_of_the_catalog_entry(config, name):
    found, known = llm_from_hf_config(config), hardware.llm(name)
    for count in (memory.total_params, memory.active_params):
        assert float(count(llm=found)) == pytest.approx(float(count(llm=known)), rel=1e-6)
    for tokens in (100.0, 50_000.0):
        kept = [float(memory.cache_bytes(llm=llm, kv="fp8", context_tokens=tokens)) for llm in (found, known)]
        assert kept[0] == kept[1]


def test_the_text_part_of_a_multimodal_config_is_read():
    assert llm_from_hf_config({"text_config": LLAMA, "vision_config": {}}) == llm_from_hf_config(LLAMA)


def test_a_config_without_layers_is_told_what_is_missing():
    with pytest.raises(ScenarioError, match=r"config.json.num_hidden_layers is missing"):
        llm_from_hf_config({"hidden_size": 10})


def test_linear_layers_of_a_config_keep_a_state():
    kinds = ["linear_attention"] * 3 + ["full_attention"]
    hybrid = LLAMA | {
        "layer_types": kinds * 8, "linear_num_value_heads": 64, "linear_num_key_heads": 16, "linear_key_head_dim": 128,
        "linear_value_head_dim": 128,
    }  # fmt: skip
    found = llm_from_hf_config(hybrid)
    assert (found.attention_layers, found.state_layers) == (8, 24)
    assert found.state_elements == 24 * 64 * 128 * 128


@pytest.mark.parametrize("name", hardware.llm_names())
def test_a_model_of_the_catalog_has_the_weights_that_its_card_states(name):
    entry, llm = hardware.llms()[name], hardware.llm(name)
    assert float(memory.total_params(llm=llm)) / 1e9 == pytest.approx(entry["stated_total_b"], rel=0.01)
    assert llm.max_context_tokens >= 2048
    active = float(memory.active_params(llm=llm)) / 1e9
    stated = entry.get("stated_active_b", active)  # cards round it to the billion
    assert active == pytest.approx(stated, rel=0.06, abs=1.0)


NAMED = re.compile(r"-(\d+(?:\.\d+)?)([bt])(?:-a(\d+(?:\.\d+)?)b)?(?:-|$)")


@pytest.mark.parametrize("name", [name for name in hardware.llm_names() if NAMED.search(name)])
def test_a_model_has_the_weights_that_its_name_states(name):
    size, unit, active = NAMED.search(name).groups()
    llm = hardware.llm(name)
    whole = (float(memory.total_params(llm=llm)) + float(llm.tower_params)) / (1e9 if unit == "b" else 1e12)
    assert whole == pytest.approx(float(size), rel=0.08, abs=0.8)  # names round down
    if active:
        assert float(memory.active_params(llm=llm)) / 1e9 == pytest.approx(float(active), rel=0.1, abs=1.0)


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("Qwen/Qwen3-32B-FP8", "qwen3-32b"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama-3.3-70b"),
        ("nvidia/Llama-3.1-70B-Instruct-FP8", "llama-3.1-70b"),
        ("Qwen/Qwen2.5-72B-Instruct-AWQ", "qwen2.5-72b"),
        ("deepseek-ai/DeepSeek-R1-0528", "deepseek-r1"),
        ("deepseek-ai/DeepSeek-R1-Distill-Qwen-32B", "qwen2.5-32b"),
        ("openai/gpt-oss-120b", "gpt-oss-120b"),
        ("zai-org/GLM-5.2-FP8", "glm-5.2"),
        ("moonshotai/Kimi-K2.5", "kimi-k2.5"),
        ("mistralai/Mixtral-8x7B-Instruct-v0.1", "mixtral-8x7b"),
        ("google/gemma-3-27b-it", "gemma-3-27b"),
        ("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4", "nemotron-3-nano-30b-a3b"),
        ("Qwen/Qwen3-235B-A22B-Thinking-2507-FP8", "qwen3-235b-a22b"),
        ("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "llama-3.1-8b"),
    ],
)
def test_a_model_is_found_by_its_name_on_hugging_face(name, entry):
    assert hardware.llm_name(name) == entry


@pytest.mark.parametrize("name", ["DeepSeek-R1-Distill-Mistral-9B", "qwen3-33b", "llama", "gpt-oss"])
def test_a_model_that_is_not_there_is_not_taken_for_another(name):
    with pytest.raises(ScenarioError, match=r"is not a model in the catalog.*planner model config.json"):
        hardware.llm_name(name)


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        ("NVIDIA H100 80GB HBM3", "H100-SXM"),
        ("NVIDIA H100 PCIe", "H100-PCIe"),
        ("NVIDIA H100 NVL", "H100-NVL"),
        ("NVIDIA A100-SXM4-80GB", "A100-SXM-80GB"),
        ("NVIDIA A100-SXM4-40GB", "A100-SXM-40GB"),
        ("NVIDIA A100 80GB PCIe", "A100-PCIe-80GB"),
        ("NVIDIA H200", "H200-SXM"),
        ("NVIDIA B200", "B200-SXM"),
        ("NVIDIA GeForce RTX 4090", "RTX4090"),
        ("Tesla T4", "T4"),
        ("AMD Instinct MI300X", "MI300X"),
        ("NVIDIA GH200 480GB", "GH200-96GB"),
        ("h100", "H100-SXM"),
    ],
)
def test_a_gpu_is_found_by_the_name_that_its_driver_prints(name, entry):
    assert hardware.gpu_name(name) == entry


def test_no_nvlink_joins_single_grace_hoppers():
    assert hardware.gpu("GH200-96GB").domain_gpus == 1


def test_the_bytes_of_all_models_in_a_stack_are_those_of_each():
    names = hardware.llm_names()
    together, each = hardware.stack([hardware.llm(name) for name in names]), map(hardware.llm, names)
    for llm, place in zip(each, range(len(names)), strict=True):
        for quantity in (
            lambda of: memory.cache_bytes_per_gpu(llm=of, kv="fp8", context_tokens=50_000.0, tp=8.0),
            lambda of: memory.weight_bytes_per_gpu(llm=of, weights="mxfp4", tp=8.0, pp=1.0, attn_dp=1.0),
            lambda of: memory.read_tokens(llm=of, context_tokens=50_000.0),
        ):
            assert np.asarray(quantity(together))[place] == float(quantity(llm))
