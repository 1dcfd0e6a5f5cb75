"""What an hour of a GPU costs: rented, reserved or owned."""

import numpy as np

from planner.schema import Number
from planner.units import HOURS_PER_MONTH, MONTHS_PER_YEAR


def owned_capex_usd(*, gpu_usd: Number, network_share: Number) -> Number:
    """Return the purchase of one GPU with its share of server, network and spares."""
    return gpu_usd * (1.0 + network_share)


def depreciation_usd_per_month(*, capex_usd: Number, residual_share: Number, life_years: Number) -> Number:
    """Return the straight-line loss of value of one GPU."""
    return capex_usd * (1.0 - residual_share) / (life_years * MONTHS_PER_YEAR)


def running_usd_per_month(
    *, kw_per_gpu: Number, site_power_ratio: Number, usd_per_kwh: Number, colocation_usd_per_kw_month: Number
) -> Number:
    """Return power and housing of one owned GPU that is always on.

    >>> round(running_usd_per_month(kw_per_gpu=1.0, site_power_ratio=1.3, usd_per_kwh=0.1,
    ...                             colocation_usd_per_kw_month=200.0), 6)
    294.9
    """
    power_usd = kw_per_gpu * site_power_ratio * HOURS_PER_MONTH * usd_per_kwh
    return power_usd + kw_per_gpu * colocation_usd_per_kw_month


def rented_usd_per_month(
    *, gpus: Number, reserved_gpus: Number, usd_per_gpu_hour: Number, reserved_usd_per_gpu_hour: Number
) -> Number:
    """Return the rent of a fleet: reserved GPUs whether used or not, the rest by the hour."""
    beyond = np.maximum(gpus - reserved_gpus, 0.0)
    return HOURS_PER_MONTH * (reserved_gpus * reserved_usd_per_gpu_hour + beyond * usd_per_gpu_hour)
