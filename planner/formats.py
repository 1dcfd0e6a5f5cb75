"""Names of number formats and serving engines: one vocabulary for plans, the command line and tables."""

from collections.abc import Iterable, Mapping

WEIGHTS = ("bf16", "fp16", "fp8", "int8", "int4", "fp4", "mxfp4")  # fp4 is NVFP4
CACHES = ("bf16", "fp16", "fp8")
ENGINES = ("vllm", "trtllm", "sglang")

# Alternative names in files, engines and model cards.
WEIGHT_WORDS = {
    "bfloat16": "bf16", "float16": "fp16", "half": "fp16", "float8": "fp8", "e4m3": "fp8", "fp8_e4m3": "fp8",
    "fbgemm_fp8": "fp8", "w8a8": "int8", "nvfp4": "fp4", "w4": "int4", "w4a16": "int4", "w4a8": "int4",
    "w4afp8": "int4", "awq": "int4", "gptq": "int4",
}  # fmt: skip
CACHE_WORDS = {
    "auto": "bf16", "bfloat16": "bf16", "float16": "fp16", "half": "fp16", "fp8_e4m3": "fp8", "fp8_e5m2": "fp8",
    "e4m3": "fp8", "e5m2": "fp8",
}  # fmt: skip
ENGINE_WORDS = {
    "tensorrt-llm": "trtllm", "trt-llm": "trtllm", "tensorrt_llm": "trtllm", "trt": "trtllm", "nim": "trtllm",
    "sgl": "sglang",
}  # fmt: skip


def meant(word: str, *, known: Iterable[str], words: Mapping[str, str]) -> str:
    """Return the one of `known` that a word means, directly or by an alternative name; else the word unchanged.

    >>> meant("NVFP4", known=WEIGHTS, words=WEIGHT_WORDS), meant("llama.cpp", known=ENGINES, words=ENGINE_WORDS)
    ('fp4', 'llama.cpp')
    """
    lower = word.strip().lower()
    return lower if lower in known else words.get(lower, word)
