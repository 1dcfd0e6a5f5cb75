"""Deployments: an API model, or an open model on rented or owned GPUs."""

from typing import Annotated, Literal

from planner import formats
from planner.arrays import Number
from planner.schema.commitment import CommittedSpend, MeterBands, Provisioned, RateLimits, Surcharge
from planner.schema.company import OneOff
from planner.schema.declare import choice, count, flag, ratio, real, share, text, usd
from planner.schema.section import Section

SUCCESS = share(
    "Success rate",
    "Share of requests solved, measured at BF16 and prompts of up to 4,000 tokens. "
    "The default is a judgement: measure yours.",
    role="unknown",
    step=0.01,
)


class FineTuning(Section):
    """A model tuned on the team's own task."""

    on: Annotated[bool, flag("Fine-tuned")] = False
    gain_share: Annotated[
        Number,
        real(
            "Gain in success",
            "Added to the success rate; may be negative.",
            lo=-0.5,
            hi=0.9,
            step=0.01,
            evidence="default: finetune.in_domain_gain_points",
        ),
    ] = 0.10
    run_usd: Annotated[
        Number, usd("Cost of a run", step=100, role="unknown", evidence="default: distill.run_cost_sft")
    ] = 500.0
    every_months: Annotated[Number, count("Repeated every", "Months; 0 for once only.", hi=120)] = 0
    amortise_months: Annotated[Number, count("Spread over", "Months of unit cost.", lo=1, hi=120)] = 12


class Distillation(Section):
    """A student trained on a teacher's answers: its success rate follows the teacher's."""

    on: Annotated[bool, flag("Distilled")] = False
    teacher: Annotated[str, text("Teacher", "The deployment it learns from.")] = ""
    first_step_retention_share: Annotated[
        Number,
        share("Kept in the first step", "Share of the teacher's success that is kept.", role="unknown", step=0.01,
              evidence="default: distill.retention_5x_smaller"),
    ] = 0.92  # fmt: skip
    steps: Annotated[Number, count("Steps", "Each halving after the first loses more.", lo=1, hi=6)] = 1
    loss_growth_x_per_step: Annotated[
        Number, ratio("Loss growth per step", lo=1, hi=20, evidence="finding: ds-step")
    ] = 2.9
    run_usd: Annotated[
        Number, usd("Cost of a run", step=100, role="unknown", evidence="default: distill.run_cost_sft")
    ] = 500.0
    amortise_months: Annotated[Number, count("Spread over", "Months of unit cost.", lo=1, hi=120)] = 12


class Deployment(Section):
    """Fields shared by both kinds of deployment."""

    success_share: Annotated[Number, SUCCESS] = 0.8
    fine_tuning: FineTuning = FineTuning()
    distillation: Distillation = Distillation()
    one_off: tuple[OneOff, ...] = ()
    meter_usd: dict[
        str,
        Annotated[
            Number, usd("Price of a unit", "For meters not on the list, or priced otherwise.", step=0.001)
        ],
    ] = {}
    staff_usd_per_month: Annotated[
        Number, usd("Staff for serving", "People who keep it running.", step=1_000, unit="USD/month")
    ] = 0.0


class ApiPrice(Section):
    """The team's own price, instead of the list price."""

    input_usd_per_mtok: Annotated[Number, usd("Input price", step=0.05, unit="USD/Mtok")]
    output_usd_per_mtok: Annotated[Number, usd("Output price", step=0.1, unit="USD/Mtok")]
    cache_read_usd_per_mtok: Annotated[
        Number | None, usd("Cache read price", step=0.01, unit="USD/Mtok", optional=True)
    ] = None
    cache_write_usd_per_mtok: Annotated[
        Number | None, usd("Cache write price", step=0.05, unit="USD/Mtok", optional=True)
    ] = None
    cache_write_1h_usd_per_mtok: Annotated[
        Number | None,
        usd("Cache write price, 1 h", "Empty: as other writes.", step=0.05, unit="USD/Mtok", optional=True),
    ] = None


class ApiDeployment(Deployment):
    """A model behind a vendor's API."""

    kind: Literal["api"] = "api"
    model: Annotated[str, choice("Model", help='As "provider:model", for instance openai:gpt-5.4.')]
    processing: Annotated[
        str,
        choice(
            "Processing", "standard", "batch", "flex", "priority", "fast", help="If the vendor offers it."
        ),
    ] = "standard"
    discount_share: Annotated[Number, share("Negotiated discount", step=0.05)] = 0.0
    first_token_s: Annotated[
        Number,
        ratio("First token after", "Judgement: measure yours.", unit="s", lo=0.001, hi=3600, step=0.1),
    ] = 0.6
    tokens_per_s: Annotated[
        Number,
        ratio("Speed of an answer", "Judgement: measure yours.", unit="tokens/s", lo=0.1, hi=1e5, step=5),
    ] = 80.0
    p95_to_mean_latency_ratio: Annotated[
        Number | None,
        ratio("p95 over mean latency", "Measured. Empty: from the spread of the workload's answer lengths.",
              lo=1.0, hi=100, optional=True),
    ] = None  # fmt: skip
    price: ApiPrice | None = None
    surcharge: Surcharge = Surcharge()
    meter_bands: dict[str, MeterBands] = {}
    held: dict[
        str,
        Annotated[Number, ratio("Held all month", "At the vendor: cached Mtok, GB, hosted models.", unit="")],
    ] = {}
    held_usd_per_hour: dict[
        str, Annotated[Number, usd("Price of holding one", "Per hour.", step=0.01, unit="USD/hour")]
    ] = {}
    provisioned: Provisioned = Provisioned()
    committed: CommittedSpend = CommittedSpend()
    limits: RateLimits = RateLimits()


class Speculative(Section):
    """A draft model proposes tokens that the large model verifies."""

    on: Annotated[bool, flag("Speculative decoding")] = False
    acceptance_share: Annotated[
        Number, share("Accepted drafts", role="unknown", evidence="finding: sp-formula")
    ] = 0.7
    acceptance_decay: Annotated[
        Number,
        ratio(
            "Decay of acceptance",
            "Factor on acceptance for each further draft token; 0.73 to 0.98 measured, 1: constant.",
            lo=0.3,
            hi=1.2,
        ),
    ] = 1.0
    draft_tokens: Annotated[Number, count("Draft length", lo=1, hi=16)] = 3
    draft_cost_share: Annotated[
        Number,
        share("Cost of a draft token", "Share of a large-model step. Judgement.", role="unknown", step=0.01),
    ] = 0.05


_LOADS = count("Open requests measured", "Per replica; use if one factor for all loads misleads.", lo=1)
_AT_LOADS = ratio(
    "Factors at these loads", "One per entry of at_concurrency, instead of a single factor.", lo=0.05, hi=20
)


class Calibration(Section):
    """Measured over predicted, from a benchmark of the team's own cluster; by load if one factor misleads."""

    throughput_x: Annotated[Number, ratio("Throughput", lo=0.05, hi=20)] = 1.0
    ttft_x: Annotated[Number, ratio("Time to first token", lo=0.05, hi=20)] = 1.0
    tpot_x: Annotated[Number, ratio("Time per token", lo=0.05, hi=20)] = 1.0
    speed_x: Annotated[
        Number | None,
        ratio(
            "Speed against the prediction",
            "If not benchmarked. Empty: drawn from the error band of similar runs; 1: as predicted.",
            lo=0.05,
            hi=20,
            optional=True,
        ),
    ] = None
    first_token_x: Annotated[
        Number | None,
        ratio(
            "First token against the prediction",
            "If not benchmarked. Empty: drawn from the error band of similar runs; 1: as predicted.",
            lo=0.05,
            hi=20,
            optional=True,
        ),
    ] = None

    at_concurrency: tuple[Annotated[Number, _LOADS], ...] = ()
    throughput_x_at: tuple[Annotated[Number, _AT_LOADS], ...] = ()
    ttft_x_at: tuple[Annotated[Number, _AT_LOADS], ...] = ()
    tpot_x_at: tuple[Annotated[Number, _AT_LOADS], ...] = ()

    @property
    def measured(self) -> bool:
        """Return whether any factor comes from a benchmark."""
        return bool(self.at_concurrency) or any(
            type(each) is not float or each != 1.0 for each in (self.throughput_x, self.ttft_x, self.tpot_x)
        )

    @property
    def factors(self) -> tuple[Number, Number, Number]:
        """Return measured over predicted throughput, time to first token and time per token."""
        speed = 1.0 if self.speed_x is None else self.speed_x
        first = 1.0 if self.first_token_x is None else self.first_token_x
        return self.throughput_x * speed, self.ttft_x * first, self.tpot_x / speed


class Prefixes(Section):
    """Prefix cache hits limited by memory; if off, the hit share that the workload states always holds."""

    on: Annotated[
        bool, flag("Prefixes by room", "Derive hits from pauses, traffic and room in HBM, DRAM and SSD.")
    ] = False
    gap_s: Annotated[
        Number,
        ratio(
            "Pause before reuse", "Median; sessions use their own. Judgement.", unit="s", lo=0.1, hi=1e7, step=10
        ),
    ] = 120.0  # fmt: skip
    gap_sigma: Annotated[
        Number, ratio("Spread of the pause", "Standard deviation of its logarithm.", unit="", lo=0.1, hi=4)
    ] = 1.0
    dram_gb: Annotated[Number, ratio("DRAM", "Per GPU.", unit="GB", hi=1e5, step=64, role="lever")] = 0.0
    dram_gb_per_s: Annotated[
        Number, ratio("Speed of DRAM", "Per GPU. Judgement: PCIe 5.", unit="GB/s", lo=0.1, hi=1e4, step=5)
    ] = 50.0
    ssd_gb: Annotated[Number, ratio("SSD", "Per GPU.", unit="GB", hi=1e6, step=500, role="lever")] = 0.0
    ssd_gb_per_s: Annotated[
        Number, ratio("Speed of SSD", "Per GPU. Judgement.", unit="GB/s", lo=0.01, hi=1e3, step=1)
    ] = 5.0


class Owned(Section):
    """The cost of an owned GPU: purchase, power, cooling, colocation."""

    gpu_usd: Annotated[
        Number,
        usd(
            "Purchase, per GPU",
            "Including its share of the server.",
            step=1_000,
            role="unknown",
            evidence="catalog: server_usd.8xH100-SXM",
        ),
    ] = 39_000.0
    network_share: Annotated[
        Number,
        share(
            "Network and spares",
            "On top of the purchase.",
            role="unknown",
            step=0.01,
            evidence="catalog: extra_capex_share",
        ),
    ] = 0.125
    life_years: Annotated[
        Number, ratio("Life", unit="years", lo=0.5, hi=15, step=0.5, evidence="catalog: life_years")
    ] = 4.0
    residual_share: Annotated[
        Number, share("Residual value", role="unknown", evidence="catalog: residual_share")
    ] = 0.15
    kw_per_gpu: Annotated[
        Number,
        ratio(
            "Power",
            "A GPU, including its share of the server.",
            unit="kW",
            hi=20,
            step=0.1,
            evidence="catalog: node_kw.8xH100-SXM",
        ),
    ] = 1.0
    site_power_ratio: Annotated[Number, ratio("PUE", lo=1.0, hi=3.0, step=0.05, evidence="catalog: pue")] = (
        1.3
    )
    usd_per_kwh: Annotated[
        Number,
        usd(
            "Electricity",
            step=0.01,
            unit="USD/kWh",
            role="unknown",
            evidence="catalog: electricity_usd_per_kwh",
        ),
    ] = 0.09
    colocation_usd_per_kw_month: Annotated[
        Number,
        usd(
            "Colocation",
            step=10,
            unit="USD/kW/month",
            role="unknown",
            evidence="catalog: colocation_usd_per_kw_month",
        ),
    ] = 200.0


class HostedDeployment(Deployment):
    """An open model on GPUs that the team rents or owns."""

    kind: Literal["self-hosted"] = "self-hosted"
    model: Annotated[str, choice("Model", help="A catalog model, or one from the file's [models].")]
    gpu: Annotated[str, choice("GPU", help="A catalog GPU, or one from the file's [gpus].")]
    placement: Annotated[
        str,
        choice(
            "Placement",
            "stated",
            "search",
            help="Search: finds the parallelism, within linked GPUs, that keeps the promises on the fewest GPUs.",
        ),
    ] = "stated"
    tensor_parallel: Annotated[
        Number, count("Tensor parallel", "GPUs that share each layer.", lo=1, hi=64)
    ] = 1
    pipeline_parallel: Annotated[Number, count("Pipeline parallel", lo=1, hi=64)] = 1
    expert_parallel: Annotated[Number, count("Expert parallel", "0: set by the other settings.", hi=512)] = 0
    attention_data_parallel: Annotated[Number, count("Attention data parallel", lo=1, hi=512)] = 1
    weights: Annotated[
        str,
        choice(
            "Weights",
            *formats.WEIGHTS,
            help="fp4 is NVFP4.",
            evidence="default: quant.fp8.quality",
            words=formats.WEIGHT_WORDS,
        ),
    ] = "bf16"
    kv_cache: Annotated[str, choice("KV cache", *formats.CACHES, words=formats.CACHE_WORDS)] = "bf16"
    engine: Annotated[str, choice("Engine", *formats.ENGINES, words=formats.ENGINE_WORDS)] = "vllm"
    precision_retention_share: Annotated[
        Number | None,
        ratio("Kept at this precision", "Success kept relative to BF16; empty: the sourced default.", unit="share",
              hi=1.2, step=0.005, optional=True),
    ] = None  # fmt: skip
    memory_share: Annotated[
        Number | None,
        ratio(
            "Memory for the engine", "Share of GPU memory that the engine takes; empty: the engine's own default.",
            unit="share", lo=0.2, hi=1.0, step=0.01, optional=True,
        ),
    ] = None  # fmt: skip
    max_concurrency: Annotated[
        Number, count("Largest batch", "Concurrent sequences per replica.", lo=1, hi=4096)
    ] = 256
    rent: Annotated[
        str, choice("GPU contract", "on-demand", "spot", "reserved", "owned", help="How the GPUs are paid.")
    ] = "on-demand"
    provider: Annotated[str, text("Provider", "Empty: the median of the newest dated rents.")] = ""
    usd_per_gpu_hour: Annotated[
        Number | None,
        usd("Rent", "Empty: the catalog's dated rent.", step=0.1, unit="USD/GPU/hour", role="unknown",
            evidence="finding: hw-rent", optional=True),
    ] = None  # fmt: skip
    reserved_gpus: Annotated[Number, count("Reserved GPUs", "Paid whether used or not.")] = 0
    reserved_usd_per_gpu_hour: Annotated[
        Number | None,
        usd(
            "Reserved rent",
            "Empty: the rent if stated, else the catalog's reserved rent.",
            step=0.1,
            unit="USD/GPU/hour",
            optional=True,
        ),
    ] = None
    owned: Owned = Owned()
    autoscale: Annotated[
        bool, flag("Autoscaling", "GPUs follow the load; if off, the peak's number runs all the time.")
    ] = False
    min_replicas: Annotated[Number, count("Fewest replicas", "Never fewer than this.")] = 1
    spare_replicas: Annotated[
        Number, count("Spare replicas", "Extra replicas, for failures and rollouts.")
    ] = 0
    start_s: Annotated[
        Number,
        ratio("Start of a replica", "From order to first answer, and paid for: ahead of the hour that needs it, where "
              "GPUs follow the load, and again after a spot interruption.", unit="s", hi=86_400, step=30,
              evidence="catalog: start_s"),
    ] = 0.0  # fmt: skip
    interruptions_per_hour: Annotated[
        Number,
        ratio("Interruptions", "Mean rate per replica on spot GPUs.", unit="/hour", hi=60, step=0.001,
              evidence="catalog: interruptions_per_hour"),
    ] = 0.0  # fmt: skip
    speculative: Speculative = Speculative()
    calibration: Calibration = Calibration()
    prefixes: Prefixes = Prefixes()
