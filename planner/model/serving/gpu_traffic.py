"""Communication: the time that GPUs spend exchanging activations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from planner.arrays import pick
from planner.catalog.hardware import Gpu, Number, Word
from planner.units import BYTES_PER_GB

if TYPE_CHECKING:
    from planner.catalog.fitted import Constants

SENT_AND_BROUGHT = 0.75  # bytes of a copy sent in 8 bit and returned in 16, relative to 16 both ways
_KINDS = {
    "nvlink3": "nvlink",
    "nvlink4": "nvlink",
    "nvlink5": "nvlink",
    "xgmi": "xgmi",
    "pcie3": "pcie",
    "pcie4": "pcie",
    "pcie5": "pcie",
}


def per_link(table: dict[str, float], link: Word) -> Number:
    """Return the table's value for the kind of each link: nvlink, xgmi or pcie."""
    return pick({name: table[kind] for name, kind in _KINDS.items()}, link)


def link_bytes_per_s(*, gpu: Gpu, group: Number, constants: Constants) -> Number:
    """Return a GPU's bandwidth for large messages within a group, in bytes per second.

    A group larger than its link domain is limited by the network between nodes.
    """
    inside = gpu.link_gb_per_s * per_link(dict(constants.link_share), gpu.link)
    network = np.minimum(inside, gpu.network_gb_per_s * constants.network_share)
    return np.where(leaves_domain(gpu=gpu, group=group), network, inside) * BYTES_PER_GB


def leaves_domain(*, gpu: Gpu, group: Number) -> Number:
    """Return where a group has more GPUs than its link domain."""
    return np.asarray(np.asarray(group) > np.asarray(gpu.domain_gpus))


def copies_sent(*, gpu: Gpu, group: Number, ranks: Number, chosen: Number, groups: Number) -> Number:
    """Return the copies of a token sent to the ranks of its `chosen` experts, in 16-bit equivalents.

    Inside the links one to each other rank, or to each expert. Over the network one to each node that has a chosen
    expert, N (1 - (1 - 1/N)^k) of N nodes in the mean, and no more than the `groups` that a token may choose from
    (0 for any); sent in 8 bit and brought back in 16.
    Source: DeepSeek, DeepEP, 2025, for sending once to a node and for the formats; DeepSeek-V3 report, arXiv
    2412.19437, section 2.1.2, for groups.

    >>> from planner.catalog import hardware
    >>> round(float(copies_sent(gpu=hardware.gpu("H800"), group=32.0, ranks=32.0, chosen=8.0, groups=0.0)), 2)
    2.7
    """
    inside = np.minimum(np.asarray(ranks) - 1.0, chosen)
    nodes = np.maximum(np.asarray(group) / np.asarray(gpu.domain_gpus), 1.0)
    reached = nodes * (1.0 - (1.0 - 1.0 / nodes) ** chosen)
    reached = np.where(np.asarray(groups) > 0, np.minimum(reached, groups), reached)
    return np.where(leaves_domain(gpu=gpu, group=group), SENT_AND_BROUGHT * reached, inside)


def reduce_latency_s(*, gpu: Gpu, group: Number, constants: Constants) -> Number:
    """Return the latency of an empty all-reduce, which grows with each doubling of the group, in seconds."""
    first = per_link(dict(constants.collective_s), gpu.link)
    far = np.where(leaves_domain(gpu=gpu, group=group), constants.network_s, 0.0)
    return far + first * (1.0 + constants.collective_growth * np.log2(np.maximum(group, 1.0)))


def reduce_traffic_s(
    *, group: Number, message_s: Number, one_shot_traffic: Number, two_shot_s: Number
) -> Number:
    """Return the transfer time of an all-reduce in seconds, by the faster of two algorithms.

    Small messages go to everyone at once, n - 1 messages; large ones are scattered and gathered, 2 (n-1)/n
    messages after a longer start. `message_s` is the time to send one message to one GPU. A group of one sends nothing.

    Source: Patarasuk and Yuan, JPDC 69(2), 2009, for 2 (n-1)/n.
    """
    group = np.asarray(group, dtype=float)
    at_once = (group - 1.0) * message_s * one_shot_traffic
    scattered = two_shot_s + 2.0 * (group - 1.0) / np.maximum(group, 1.0) * message_s
    return np.minimum(at_once, scattered)
