"""What load clients write of one run whose figures are those of a prediction `p`."""

SETTING = ("--gpu", "H100-SXM", "--tp", "1", "--weights", "fp8", "--engine", "vllm")
MODEL = "llama-3.1-8b"
INPUT, OUTPUT, OPEN = 1000, 200, 32
SENT = 10 * OPEN  # what a run that does not say is taken to send


def bench_serve(p, **more):
    return {
        "backend": "openai", "model_id": MODEL, "num_prompts": SENT, "completed": SENT, "request_rate": "inf",
        "max_concurrency": OPEN, "duration": 60.0, "total_input_tokens": SENT * INPUT,
        "total_output_tokens": SENT * OUTPUT, "request_throughput": p["throughput_tokens_per_s"] / OUTPUT,
        "output_throughput": p["throughput_tokens_per_s"], "mean_ttft_ms": 1e3 * p["ttft_s"],
        "median_ttft_ms": 1.0, "mean_tpot_ms": 1e3 * p["tpot_s"], "p99_tpot_ms": 900.0,
    } | more  # fmt: skip


def sglang(p):
    drop = {"model_id", "num_prompts"}
    kept = {name: value for name, value in bench_serve(p).items() if name not in drop}
    server = {"model_path": MODEL, "tp_size": 1, "quantization": "fp8", "version": ""}
    kept["request_rate"] = float("inf")
    return kept | {
        "backend": "sglang",
        "dataset_name": "random",
        "random_range_ratio": 1.0,
        "server_info": server,
    }


def in_seconds(p):
    whole = bench_serve(p)
    times = {name: whole.pop(name) for name in [*whole] if name.endswith("_ms") and "median" not in name}
    del whole["median_ttft_ms"]
    return whole | {name.removesuffix("_ms"): value / 1e3 for name, value in times.items()}


def inferencex_result(p):
    return {
        "hw": "h100-cw", "framework": "vllm", "precision": "fp8", "model": MODEL, "tp": 1, "ep": 1, "conc": OPEN,
        "dp_attention": "false", "isl": INPUT, "osl": OUTPUT, "tput_per_gpu": 6 * p["throughput_tokens_per_s"],
        "output_tput_per_gpu": p["throughput_tokens_per_s"], "mean_ttft": p["ttft_s"], "mean_tpot": p["tpot_s"],
    }  # fmt: skip


def with_units(p):
    return {
        "request_throughput": {"unit": "requests/sec", "avg": p["throughput_tokens_per_s"] / OUTPUT},
        "request_count": {"unit": "requests", "avg": SENT},
        "time_to_first_token": {"unit": "sec", "avg": p["ttft_s"], "p50": 9.0},
        "inter_token_latency": {"unit": "us", "avg": 1e6 * p["tpot_s"]},
        "output_token_throughput": {"unit": "tokens/sec", "avg": p["throughput_tokens_per_s"]},
        "output_sequence_length": {"unit": "tokens", "avg": OUTPUT},
        "input_sequence_length": {"unit": "tokens", "avg": INPUT},
    }  # fmt: skip


def aiperf(p):
    setting = {"endpoint": {"model_names": [MODEL]}, "loadgen": {"concurrency": OPEN}}
    gpus = {"gpus": {"gpu_0": {"gpu_name": "NVIDIA H100 80GB HBM3"}}}
    return with_units(p) | {"input_config": setting, "telemetry_data": {"endpoints": {"node": gpus}}}


def genai_perf(p):
    stimulus = {"stimulus": {"concurrency": OPEN}}
    return with_units(p) | {"input_config": {"model": [MODEL], "backend": "vllm", "perf_analyzer": stimulus}}


def guidellm(p, **counts):
    def kept(value):
        return {"successful": {"mean": value, "median": 1.0}, "errored": {"mean": 0.0}}

    metrics = {
        "request_totals": {"successful": SENT, "errored": 0, "incomplete": 0, "total": SENT} | counts,
        "requests_per_second": kept(p["throughput_tokens_per_s"] / OUTPUT),
        "output_tokens_per_second": kept(p["throughput_tokens_per_s"]),
        "prompt_token_count": kept(INPUT), "output_token_count": kept(OUTPUT),
        "time_to_first_token_ms": kept(1e3 * p["ttft_s"]), "inter_token_latency_ms": kept(1e3 * p["tpot_s"]),
        "time_per_output_token_ms": kept(5e3 * p["tpot_s"]),
    }  # fmt: skip
    strategy = {"type_": "concurrent", "streams": OPEN}
    worker = {"backend_model": MODEL}
    return {"benchmarks": [{"args": {"strategy": strategy}, "worker": worker, "metrics": metrics}]}


def llmperf(p):
    return {
        "model": MODEL, "num_concurrent_requests": OPEN, "results_num_requests_started": SENT, "results_number_errors": 0,
        "results_num_completed_requests_per_min": 60 * p["throughput_tokens_per_s"] / OUTPUT,
        "results_mean_output_throughput_token_per_s": p["throughput_tokens_per_s"],
        "results_number_input_tokens_mean": str(INPUT), "results_number_output_tokens_mean": str(OUTPUT),
        "results_ttft_s_mean": p["ttft_s"], "results_inter_token_latency_s_mean": 9.0,
        "results_end_to_end_latency_s_mean": p["ttft_s"] + (OUTPUT - 1) * p["tpot_s"],
    }  # fmt: skip


def inference_perf(p):
    latency = {"time_to_first_token": {"mean": p["ttft_s"]}, "time_per_output_token": {"mean": p["tpot_s"]}}
    rate = p["throughput_tokens_per_s"]
    through = {"output_tokens_per_sec": rate, "requests_per_sec": rate / OUTPUT}
    done = {
        "latency": latency,
        "throughput": through,
        "prompt_len": {"mean": INPUT},
        "output_len": {"mean": OUTPUT},
    }
    return {"load_summary": {"count": SENT, "concurrency": OPEN}, "successes": done, "failures": {"count": 0}}


def trtllm_bench(p):
    return {
        "engine": {"model": MODEL, "version": "", "quantization": "FP8", "kv_cache_dtype": None},
        "world_info": {"tp_size": 1, "pp_size": 1, "world_size": 1},
        "request_info": {
            "num_requests": SENT, "avg_num_concurrent_requests": OPEN + 0.2, "avg_input_length": INPUT,
            "avg_output_length": OUTPUT,
        },
        "performance": {"system_output_throughput_tok_s": p["throughput_tokens_per_s"]},
        "streaming_metrics": {"avg_ttft_ms": 1e3 * p["ttft_s"], "avg_tpot_ms": 1e3 * p["tpot_s"]},
    }  # fmt: skip


SHAPES = {
    "vllm bench serve": bench_serve, "sglang bench_serving": sglang, "InferenceX": in_seconds, "aiperf": aiperf,
    "genai-perf": genai_perf, "guidellm": guidellm, "llmperf": llmperf, "inference-perf": inference_perf,
    "trtllm-bench": trtllm_bench,
}  # fmt: skip
