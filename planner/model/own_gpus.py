"""Own GPUs of a plan's epochs: each workload's batch, the places it takes, and the layout of a copy.

Epochs that differ only in load are computed in one call, with their loads on an axis, if there is a single
plan: otherwise each of its many epochs would compute the same few numbers on its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np

from planner.model.handed_on import PlacesWanted, Request
from planner.model.resolve import Hosted, Resolved
from planner.model.serving import layouts, places
from planner.model.serving.batch_choice import CallsAsked, ChosenBatch, Curve, choose_batch
from planner.model.serving.step_costs import Placement
from planner.model.shared import Parts
from planner.model.week_hours import week_hours
from planner.records import dataclass
from planner.schema import HostedDeployment, Number, Scenario, Workload, some
from planner.units import SECONDS_PER_MONTH

LEAST_TOKENS = 1.0  # a GPU processes and generates at least one token

Volumes = Mapping[str, Number]
Batches = dict[tuple[str, str], ChosenBatch]
Record = TypeVar("Record", ChosenBatch, PlacesWanted)


@dataclass(frozen=True)
class AskedOfGpus:
    """An epoch's demand on own GPUs: its requests, and their number per workload in its first and last month."""

    scenario: Scenario
    resolved: Resolved
    requests: Mapping[str, Request]
    first: Volumes
    last: Volumes

    @cached_property
    def users(self) -> Sequence["_User"]:
        """Each workload on each self-hosted deployment that it uses."""
        own, hosted = own_gpus(self.scenario, self.resolved), self.resolved.hosted
        return [
            _User(name, tier, hosted[tier], own[tier], self.scenario.workloads[name], each)
            for name, each in self.requests.items()
            for tier in each.calls
            if tier in own
        ]


@dataclass(frozen=True)
class _User:
    """A workload on a deployment: everything its batch depends on except the load."""

    name: str
    tier: str
    hosted: Hosted
    deployment: HostedDeployment
    workload: Workload
    request: Request

    @cached_property
    def given(self) -> tuple[Any, ...]:
        """All of it."""
        return (self.name, self.tier, self.hosted, self.deployment, self.workload, self.request)

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """A key that is equal only if every part is the same."""
        return (self.name, self.tier, *(id(each) for each in self.given[2:]))

    def calls_per_s(self, requests_per_month: Number) -> Number:
        """Return the calls made by this many requests."""
        return requests_per_month * self.request.model_calls(self.tier) / SECONDS_PER_MONTH

    def batch(self, requests_per_month: Number) -> ChosenBatch:
        """Return the batch for this many requests."""
        each = self.request
        asked = CallsAsked(self.calls_per_s(requests_per_month), each.session_calls, each.reasoning_per_call)
        return choose_batch(self.workload, _curve(self), asked)

    def load(self, chosen: ChosenBatch, requests_per_month: Number) -> places.Load:
        """Return the load of this many requests on the deployment."""
        calls_per_s = self.calls_per_s(requests_per_month)
        return places.Load(chosen, self.workload, calls_per_s, self.request.session_calls)


def own_gpus(scenario: Scenario, resolved: Resolved) -> dict[str, HostedDeployment]:
    """Return the deployments on own GPUs, by name."""
    found = {tier: scenario.deployments[tier] for tier in resolved.hosted}
    return {tier: one for tier, one in found.items() if isinstance(one, HostedDeployment)}


def batches_in_epochs(
    epochs: Sequence[AskedOfGpus], parts: Parts, *, one_plan: bool = False
) -> list[Batches]:
    """Return, for each epoch, each workload's batch on each self-hosted deployment that it uses.

    `one_plan`: no number of the plan is an array. Shape: that of the plans.
    """
    alike: dict[Any, tuple[_User, list[int]]] = {}
    for at, epoch in enumerate(epochs):
        for user in epoch.users:
            alike.setdefault(user.key, (user, []))[1].append(at)
    found: list[Batches] = [{} for _ in epochs]
    for user, same in alike.values():
        volumes = [epochs[at].first[user.name] for at in same]
        for at, batch in zip(same, _batches(user, volumes, parts, one_plan=one_plan), strict=True):
            found[at][user.name, user.tier] = batch
    return [
        {(user.name, user.tier): batches[user.name, user.tier] for user in epoch.users}
        for epoch, batches in zip(epochs, found, strict=True)
    ]


def _batches(user: _User, volumes: Sequence[Number], parts: Parts, *, one_plan: bool) -> list[ChosenBatch]:
    if not one_plan or len(volumes) == 1:
        return [parts.found("batch", (*user.given, each), partial(user.batch, each)) for each in volumes]

    def at_once() -> list[ChosenBatch]:
        return _rows(user.batch(np.array(volumes, dtype=float)), len(volumes))

    return parts.found("batches", (*user.given, *volumes), at_once)


def places_in_epochs(
    epochs: Sequence[AskedOfGpus], batches: Sequence[Batches], parts: Parts, *, one_plan: bool = False
) -> list[dict[str, PlacesWanted]]:
    """Return, for each epoch, the places needed by each deployment in use; shapes as above."""
    users = [_by_tier(each) for each in epochs]
    alike: dict[Any, tuple[list[_User], list[int]]] = {}
    for at, of_epoch in enumerate(users):
        for of_tier in of_epoch.values():
            key = (*(user.key for user in of_tier), None if one_plan else at)
            alike.setdefault(key, (of_tier, []))[1].append(at)
    found: list[dict[str, PlacesWanted]] = [{} for _ in epochs]
    for of_tier, same in alike.values():
        wanted = _places(of_tier, [epochs[at] for at in same], [batches[at] for at in same], parts)
        for at, each in zip(same, wanted, strict=True):
            found[at][of_tier[0].tier] = each
    return [
        {tier: of_epoch[tier] for tier in own_gpus(epoch.scenario, epoch.resolved) if tier in of_epoch}
        for epoch, of_epoch in zip(epochs, found, strict=True)
    ]


def _by_tier(epoch: AskedOfGpus) -> dict[str, list[_User]]:
    found: dict[str, list[_User]] = {}
    for user in epoch.users:
        found.setdefault(user.tier, []).append(user)
    return found


def _places(
    users: Sequence[_User], epochs: Sequence[AskedOfGpus], batches: Sequence[Batches], parts: Parts
) -> list[PlacesWanted]:
    """Return the places of one deployment in epochs that differ only in load."""
    first, last = ([[each[user.name] for user in users] for each in volumes] for volumes in (
        [epoch.first for epoch in epochs], [epoch.last for epoch in epochs]
    ))  # fmt: skip
    chosen = [[each[user.name, user.tier] for user in users] for each in batches]
    grows = any(epoch.first is not epoch.last for epoch in epochs)

    def wanted() -> list[PlacesWanted]:
        of_first = _loads(users, chosen, first)
        of_last = _loads(users, chosen, last) if grows else of_first
        week = week_hours({user.name: user.workload for user in users})
        return _rows(places.places_wanted(of_first, of_last, week), len(epochs))

    volumes = (tuple(map(tuple, first)), tuple(map(tuple, last)), grows)
    return parts.found("places", (*(user.given for user in users), *volumes), wanted)


def _loads(
    users: Sequence[_User], chosen: Sequence[Sequence[ChosenBatch]], volumes: Sequence[Sequence[Number]]
) -> dict[str, places.Load]:
    """Return the loads of several epochs stacked; for a single epoch, as they are."""
    if len(chosen) == 1:
        return {
            user.name: user.load(batch, volume)
            for user, batch, volume in zip(users, chosen[0], volumes[0], strict=True)
        }
    return {
        user.name: user.load(_stacked(batch), np.array(volume, dtype=float))
        for user, batch, volume in zip(
            users, zip(*chosen, strict=True), zip(*volumes, strict=True), strict=True
        )
    }


def _stacked(rows: Sequence[ChosenBatch]) -> ChosenBatch:
    """Return the batches of several epochs as one record, since they share the curve."""
    numbers = {
        each.name: np.array([getattr(row, each.name) for row in rows])
        for each in fields(ChosenBatch)
        if each.name != "curve"
    }
    return ChosenBatch(curve=rows[0].curve, **numbers)


def _rows(record: Record, count: int) -> list[Record]:
    """Return the separate records of epochs that were computed together."""
    if count == 1:
        return [record]

    def at(value: Any, row: int) -> Any:
        if isinstance(value, dict):
            return {name: at(each, row) for name, each in value.items()}
        return value[row] if isinstance(value, np.ndarray) and value.ndim else value

    return [
        type(record)(**{each.name: at(getattr(record, each.name), row) for each in fields(record)})
        for row in range(count)
    ]


def with_layouts(asked: AskedOfGpus, parts: Parts) -> AskedOfGpus:
    """Return the plan with the best layouts for its deployments, if it leaves them open."""
    if not searches(asked.scenario):
        return asked
    resolved, requests = asked.resolved, asked.requests
    hosted, notes = dict(resolved.hosted), dict(resolved.notes)
    for tier, deployment in own_gpus(asked.scenario, resolved).items():
        searched = np.asarray(deployment.placement) == "search"
        if not searched.any():
            continue
        one = hosted[tier]

        def loads(
            placement: Placement, tier: str = tier, one: Hosted = one
        ) -> list[tuple[ChosenBatch, Number]]:
            tried = replace(resolved, hosted={tier: replace(one, placement=placement)})
            chosen = batches_in_epochs([replace(asked, resolved=tried)], parts)[0]
            return [(b, asked.first[n] * requests[n].model_calls(tier)) for (n, _), b in chosen.items()]

        tried = layouts.layouts(llm=one.llm, gpu=one.gpu, most_gpus=float(np.max(one.gpu.domain_gpus)))
        found = layouts.fewest_gpus(one.placement, tried, loads, searched=searched)
        hosted[tier] = replace(one, placement=found, gpus_per_replica=found.gpus)
        notes[tier] = (*notes[tier], f"placement found: {layouts.GpuLayout.of(found).words}")
    return replace(asked, resolved=replace(resolved, hosted=hosted, notes=notes))


def searches(scenario: Scenario) -> bool:
    """Say whether any deployment leaves the layout of its GPUs open."""
    return any(
        isinstance(each, HostedDeployment) and bool(np.any(np.asarray(each.placement) == "search"))
        for each in scenario.deployments.values()
    )


def _curve(user: _User) -> Curve:
    from planner.model.serving import batch_curves, held_prefixes, measured_loads  # noqa: PLC0415 - reads the fitted constants, which a plan on APIs needs none of

    hosted, deployment, workload, each = user.hosted, user.deployment, user.workload, user.request
    prefixes = deployment.prefixes
    reused = each.reused_share(workload.cache.prefix_hit_share)
    lengths = (np.maximum(each.input_per_call, LEAST_TOKENS), np.maximum(each.output_per_call, LEAST_TOKENS))
    limits = (deployment.max_concurrency, *measured_loads.factors(deployment.calibration))
    setting = (hosted.llm, hosted.gpu, hosted.placement, (*lengths, reused), limits)
    if some(prefixes.on):
        return held_prefixes.curve(
            *setting, prefixes=prefixes, gap_s=held_prefixes.pause_s(workload, prefixes)
        )
    return batch_curves.curve(*setting, session=(workload.session.gap_s, each.session_calls))
