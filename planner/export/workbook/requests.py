"""The second sheet: what one request of each workload is, and what it costs."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from planner.arrays import Number
from planner.catalog.api_rates import ApiRates
from planner.catalog.meters import unit_of
from planner.export.workbook import cuts
from planner.export.workbook.book import Sheet, number, total
from planner.export.workbook.inputs import Inputs, writes_for_an_hour
from planner.model.joining import Joined, at_its_hours
from planner.model.request.api_cost import lengthens
from planner.model.request.quality import (
    FULL_RETENTION_TOKENS,
    POINT_32K_TOKENS,
    POINT_128K_TOKENS,
    RECALL_POINT_CHUNKS,
)
from planner.model.request.request import ROUTER_K, session_of
from planner.records import dataclass
from planner.schema import ApiDeployment, step_text
from planner.schema.session_rules import helpers_first
from planner.units import TOKENS_PER_MTOK

SHEET = "Requests"
TINY = "1E-300"
KINDS = ("input", "cache_read", "cache_write", "cache_write_1h", "output")
TINY_CV = "1E-6"


@dataclass(frozen=True)
class RequestCells:
    """Where the numbers of one workload's request stand.

    `api_usd` is by deployment and month of a price, `unit_loads` by deployment and kind of its units.
    """

    tokens: str
    session_calls: str
    calls: Mapping[str, str]
    api_usd: Mapping[tuple[str, int], str]
    unit_loads: Mapping[tuple[str, int], str]
    success: str
    solved: str
    extras: str
    people: str
    failure: str
    flat_per_month: str
    revenue: str


def request_sheet(
    parts: Sequence[Joined], inputs: Sequence[Inputs]
) -> tuple[Sheet, list[dict[str, RequestCells]]]:
    """Return the sheet of requests, and where each workload's numbers stand in each epoch of a plan."""
    sheet = Sheet(SHEET)
    sheet.rows.append(["Quantity", "Value", "Unit", "How"])
    return sheet, [_cells(sheet, joined, of) for joined, of in zip(parts, inputs, strict=True)]


def _cells(sheet: Sheet, joined: Joined, inputs: Inputs) -> dict[str, RequestCells]:
    """Write the requests of an epoch, those that others need first; return them in the plan's order."""
    found: dict[str, RequestCells] = {}
    for name in helpers_first(joined.scenario):
        found[name] = _Writer(sheet, joined, inputs, name).cells(
            {other: each.solved for other, each in found.items()}
        )
    return {name: found[name] for name in joined.scenario.workloads}


class _Writer:
    """Writes the lines of one workload, each on what was written before."""

    def __init__(self, sheet: Sheet, joined: Joined, inputs: Inputs, name: str) -> None:
        self.sheet, self.joined, self.inputs, self.name = sheet, joined, inputs, name
        self.workload = joined.scenario.workloads[name]
        self.tiers = self.workload.routing.tiers
        self.session = session_of(self.workload)

    def of(self, path: str) -> str:
        """Return the reference to a field of this workload."""
        return self.inputs[f"workloads.{step_text(self.name)}.{path}"]

    def cells(self, solved_of: Mapping[str, str]) -> RequestCells:
        """Write everything and say where it stands; `solved_of` are the cells of what is solved of other workloads."""
        line, of = self.sheet.formula, self.of
        since = self.joined.business.carried.month
        self.sheet.heading(f"{self.name}, from month {since + 1} on" if since else self.name)
        context = f"IF({of('rag.on')}>0,{of('rag.chunks')}*{of('rag.chunk_tokens')},{of('context_tokens')})"
        squeeze = f"IF({of('compression.on')}>0,{of('compression.ratio_x')},1)"
        material = line("Context sent", f"{context}/{squeeze}", "tokens", "chunks or context, compressed")
        pictures = self.inputs.computed.get(f"pictures.{self.name}", "0")
        prompt = line(
            "Prompt", f"{of('prompt_tokens')}+{material}+{of('history_tokens')}+{pictures}", "tokens"
        )
        answer = line("Answer", cuts.answer(of), "tokens", "with reasoning")
        session_calls = line("Calls of a session", cuts.calls(of), "/request")
        prompts, answers = self._session(prompt, answer, session_calls)
        tokens = line("Tokens", f"{prompts}+{answers}", "tokens")
        kept = self._retention(f"({prompts}/{session_calls})" if self.session else prompt)
        kept = f"{kept}*{cuts.kept(self.sheet, self.workload, of, solved_of)}"
        success = {tier: self._tier_success(tier, kept) for tier in self.tiers}
        routed, per_tier, checked = self._routed(list(success.values()))
        tried, tries = self._retries(routed)
        missed = line(
            "Reach a model", f"1-{of('cache.semantic_hit_share')}", "share", "not in the semantic cache"
        )
        wrong = f"{of('cache.semantic_hit_share')}*{of('cache.semantic_wrong_share')}"
        right = line("Success of the models", f"{tried}*(1-{wrong})", "share")
        person = f"{of('outcome.person_share')}*{of('outcome.person_success_share')}"
        solved = line("Solved", f"{right}+(1-{right})*{person}", "share", "with people")
        calls = {
            tier: line(f"Calls to {tier}", f"{missed}*{tries}*({share})", "/request")
            for tier, share in zip(self.tiers, per_tier, strict=True)
        }
        verified = f"IF({of('outcome.attempts')}>1,{tries},0)"
        checks = line("Checks", f"{missed}*({verified}+{tries}*({checked}))", "/request")
        people = line("People", f"(1-{right})*{of('outcome.person_share')}*{of('outcome.person_usd')}", "USD")
        extras = line("Retrieval, router, checks, look-up", self._extras(missed, tries, checks), "USD")
        failure = line("Failures, our part", self._failure(solved), "USD")
        return RequestCells(
            tokens=tokens, session_calls=session_calls, calls=calls, api_usd=self._api_prices(prompt, answer),
            unit_loads=self._unit_loads(prompt, answer), success=right, solved=solved,
            extras=extras, people=people, failure=failure, flat_per_month=self._flat_per_month(),
            revenue=self._revenue(tokens, solved),
        )  # fmt: skip

    def _session(self, prompt: str, answer: str, calls: str) -> tuple[str, str]:
        """Return the tokens of all calls of a session; its prompts are summed by the planner, not by a formula."""
        if self.session is None:
            return prompt, answer
        tokens = float(np.asarray(self.joined.requests[self.name].input_tokens))
        prompts = self.sheet.line(
            "Prompts of a session", tokens, "tokens", "from the planner's sum over its calls"
        )
        return prompts, self.sheet.formula(
            "Answers of a session", f"{answer}*{calls}", "tokens", "of all calls"
        )

    def _retention(self, prompt: str) -> str:
        of, line = self.of, self.sheet.formula
        at_32k, at_128k = of("long_context.at_32k_share"), of("long_context.at_128k_share")
        length = f"MAX({prompt},{number(FULL_RETENTION_TOKENS)})"
        first = f"LN({length}/{number(FULL_RETENTION_TOKENS)})/LN({number(POINT_32K_TOKENS / FULL_RETENTION_TOKENS)})"
        second = f"LN({length}/{number(POINT_32K_TOKENS)})/LN({number(POINT_128K_TOKENS / POINT_32K_TOKENS)})"
        below, above = f"1-(1-{at_32k})*{first}", f"{at_32k}-({at_32k}-{at_128k})*{second}"
        by_length = line(
            "Kept at this length", f"MAX(IF({length}<={number(POINT_32K_TOKENS)},{below},{above}),0)", "share"
        )
        miss_1, miss_8 = (f"MAX(1-{of(f'rag.recall_at_{n}_share')},{TINY})" for n in (1, 8))
        power = f"LN({miss_8}/{miss_1})/LN({number(RECALL_POINT_CHUNKS)})"
        chunks = of("rag.chunks")
        miss = f"MIN({miss_1}*EXP({power}*LN(MAX({chunks},1))),1)"
        mended = f"IF({of('rag.rerank')}>0,1-{of('rag.rerank_misses_cut_share')},1)"
        recall = line("Recall", f"IF({chunks}>=1,1-{miss}*{mended},0)", "share", "of the chunks retrieved")
        with_rag = f"{recall}*{by_length}+(1-{recall})*{of('rag.closed_book_share')}"
        squeezed = f"IF({of('compression.on')}>0,{of('compression.retention_share')},1)"
        shorter = f"IF({of('output_control.on')}>0,{of('output_control.retention_share')},1)"
        return line(
            "Kept in all", f"IF({of('rag.on')}>0,{with_rag},{by_length})*{squeezed}*{shorter}", "share"
        )

    def _tier_success(self, tier: str, kept: str) -> str:
        here, at = self.inputs, f"deployments.{step_text(tier)}"
        measured = self.workload.success
        base = self.of(f"success.{step_text(tier)}") if tier in measured else here[f"{at}.success_share"]
        distillation = self.joined.scenario.deployments[tier].distillation
        if distillation.on and tier not in measured:
            of_teacher = distillation.teacher in measured
            teacher = (
                self.of(f"success.{step_text(distillation.teacher)}")
                if of_teacher
                else here[f"deployments.{step_text(distillation.teacher)}.success_share"]
            )
            loss = f"(1-{here[f'{at}.distillation.first_step_retention_share']})"
            growth = here[f"{at}.distillation.loss_growth_x_per_step"]
            steps = (f"(1-MIN({loss}*{growth}^{step},1))" for step in range(int(distillation.steps)))
            base = "*".join((teacher, *steps))
        tuned = f"IF({here[f'{at}.fine_tuning.on']}>0,{here[f'{at}.fine_tuning.gain_share']},0)"
        tuned = "0" if tier in measured else tuned
        precision = self.inputs.computed.get(f"fleet.{tier}.precision", "1")
        rate = f"MIN(MAX({base}+{tuned},0),1)*{kept}*{precision}"
        return self.sheet.formula(f"Success of {tier}", f"MIN(MAX({rate},0),1)", "share", "of one call")

    def _routed(self, success: list[str]) -> tuple[str, list[str], str]:
        """Return success of one attempt, calls to each tier in it, and checks."""
        if len(success) == 1:
            return success[0], ["1"], "0"
        return self._cascaded(success) if self.workload.routing.policy == "cascade" else self._chosen(success)

    def _chosen(self, success: list[str]) -> tuple[str, list[str], str]:
        routing, line = self.workload.routing, self.sheet.formula
        k = number(ROUTER_K[routing.router]) if routing.router_k is None else self.of("routing.router_k")
        passed = [self.of(f"routing.share_passed_on.{i}") for i in range(len(routing.share_passed_on))]
        shares = [*passed, self.of("routing.share_to_last")]
        quality = success[-1]
        for below, share in zip(reversed(success[:-1]), reversed(shares), strict=True):
            won = f"(1-(1-{share})^{k})"
            quality = line("Success with the router", f"{below}+({quality}-{below})*{won}", "share")
        calls, reaching = [], "1"
        for share in shares:
            calls.append(f"{reaching}*(1-{share})")
            reaching = f"{reaching}*{share}"
        return quality, [*calls, reaching], "0"

    def _cascaded(self, success: list[str]) -> tuple[str, list[str], str]:
        line, of = self.sheet.formula, self.of
        accept, wrong = of("verifier.true_accept_share"), of("verifier.false_accept_share")
        hard = of("routing.hard_item_retention_share")
        reaching, solved, checks, here = "1", "0", "0", success[0]
        calls = [reaching]
        for tier, following in pairwise(success):
            right_out = line("Right, yet rejected", f"{here}*(1-{accept})", "share")
            wrong_out = line("Wrong and rejected", f"(1-{here})*(1-{wrong})", "share")
            rejected = f"({right_out}+{wrong_out})"
            overall = line(
                "Success of the next tier here", f"MIN({following}*{_over(here, tier, '1')},1)", "share"
            )
            of_right = _over(f"({overall}-(1-{here})*{hard}*{overall})", here, "0")
            solved = line("Solved so far", f"{solved}+{reaching}*{here}*{accept}", "share")
            checks = f"{checks}+{reaching}"
            reaching = line("Passed on", f"{reaching}*{rejected}", "/attempt")
            after = f"({right_out}*MIN(MAX({of_right},0),1)+{wrong_out}*{hard}*{overall})"
            here = line("Success of the next tier on these", _over(after, rejected, "0"), "share")
            calls.append(reaching)
        success_all = line("Success of the cascade", f"{solved}+{reaching}*{here}", "share")
        return success_all, calls, checks

    def _retries(self, success: str) -> tuple[str, str]:
        """Return success and tries of a request that is tried up to so many times."""
        of, line = self.of, self.sheet.formula
        n, alike = of("outcome.attempts"), of("outcome.attempt_correlation_share")
        t, fp = of("verifier.true_accept_share"), of("verifier.false_accept_share")
        accept = line("Accepted in one try", f"{success}*{t}+(1-{success})*{fp}", "share")

        def tries(rate: str) -> str:
            return f"IF({rate}>0,(1-(1-{rate})^{n})/MAX({rate},{TINY}),{n})"

        precise = _over(f"({success}*{t})", accept, "0")
        mixed = f"(1-{alike})*(1-(1-{accept})^{n})*{precise}+{alike}*{success}*(1-(1-{t})^{n})"
        mean = f"(1-{alike})*{tries(accept)}+{alike}*({success}*{tries(t)}+(1-{success})*{tries(fp)})"
        return (
            line("Success with retries", f"IF({n}<=1,{success},{mixed})", "share"),
            line("Tries", f"IF({n}<=1,1,{mean})", "/request"),
        )

    def _extras(self, missed: str, tries: str, checks: str) -> str:
        of = self.of
        embed = f"{of('prompt_tokens')}*{of('rag.embed_usd_per_mtok')}/{number(TOKENS_PER_MTOK)}"
        rerank = f"IF({of('rag.rerank')}>0,{of('rag.rerank_usd_per_request')},0)"
        found = f"{missed}*IF({of('rag.on')}>0,{embed}+{rerank},0)"
        chosen = self.workload.routing.policy == "route" and len(self.tiers) > 1
        router = f"{missed}*{tries}*{of('routing.router_usd_per_request')}" if chosen else "0"
        look_up = f"IF({of('cache.semantic_hit_share')}>0,{of('cache.semantic_usd_per_request')},0)"
        return total([found, router, f"{checks}*{of('verifier.usd_per_call')}", look_up])

    def _failure(self, solved: str) -> str:
        return f"(1-{solved})*{self.of('outcome.failure_usd')}*{self.of('outcome.failure_paid_share')}"

    def _flat_per_month(self) -> str:
        of = self.of
        again = f"{of('rag.corpus_mtok')}*{of('rag.reindex_share_per_month')}*{of('rag.embed_usd_per_mtok')}"
        flat = f"IF({of('rag.on')}>0,{of('rag.store_usd_per_month')}+{again},0)"
        return self.sheet.formula("Vector store and embedding", flat, "USD/month")

    def _revenue(self, tokens: str, solved: str) -> str:
        of = self.inputs
        outcome = f"{of['revenue.usd_per_outcome']}*{solved}"
        by_token = f"{of['revenue.usd_per_mtok']}*{tokens}/{number(TOKENS_PER_MTOK)}"
        return self.sheet.formula(
            "Revenue of a request", total([of["revenue.usd_per_request"], outcome, by_token]), "USD"
        )

    def _api_prices(self, prompt: str, answer: str) -> dict[tuple[str, int], str]:
        meters = {meter: unit_of(meter) for meter, count in self.workload.meters.items() if count}
        sound = [self.of(f"meters.{meter}") for meter, unit in meters.items() if lengthens(unit)]
        length = f"({total([prompt, *sound])})" if sound else prompt
        found: dict[tuple[str, int], str] = {}
        for tier in self.tiers:
            api = self.joined.resolved.apis.get(tier)
            if self.session is not None and api is not None:
                found |= self._session_prices(tier)
                continue
            for month, rates in api.epochs if api else ():
                terms = [
                    f"{amount}*{self._by_hour(rates, kind)}"
                    + self._price(
                        f"price.{tier}.{month}.{kind}",
                        getattr(rates, kind).tiers,
                        length,
                        of_sum=kind != "output",
                    )
                    for kind, amount in self._amounts(prompt, answer).items()
                ]
                fees = [self.inputs[f"price.{tier}.{month}.request"]]
                for meter, unit in meters.items():
                    key, tiers = f"price.{tier}.{month}.{unit}", rates.meters[unit].tiers
                    price = self._price(key, tiers, length, of_sum=lengthens(unit))
                    fees.append(f"{self.of(f'meters.{meter}')}*{price}")
                usd = f"(({total(terms)})/{number(TOKENS_PER_MTOK)}+{total(fees)})*{self._paid_share(tier)}"
                label = f"A call to {tier} from month {month + 1}"
                found[tier, month] = self.sheet.formula(label, usd, "USD")
        return found

    def _by_hour(self, rates: ApiRates, kind: str) -> str:
        """Return what a price is multiplied by that depends on the hour: its mean over the workload's own hours."""
        day, own = (getattr(each, kind).usd_per_mtok for each in (rates, at_its_hours(rates, self.workload)))
        return "" if own is day or not day else f"{number(np.asarray(own / day))}*"

    def _session_prices(self, tier: str) -> dict[tuple[str, int], str]:
        """Return what a session costs at an API from each month of a price on, as the planner sums it."""
        note = "from the planner's sum over its calls, at the list price"
        found: dict[tuple[str, int], str] = {}
        for month, cost in self.joined.api_costs.get((self.name, tier), ()):
            listed = self.sheet.line(
                f"A session at {tier} from month {month + 1}", float(np.asarray(cost.total_usd)), "USD", note
            )
            found[tier, month] = self.sheet.formula(
                "less the discount", f"{listed}*{self._paid_share(tier)}", "USD"
            )
        return found

    def _paid_share(self, tier: str) -> str:
        """Return what of list prices is paid: less its own discount, and those of commitments that count it."""
        found = [f"(1-{self.inputs[f'deployments.{step_text(tier)}.discount_share']})"]
        for name, each in self.joined.scenario.deployments.items():
            if isinstance(each, ApiDeployment) and (name == tier or tier in each.committed.also_counts):
                at = f"deployments.{step_text(name)}.committed"
                agreed = f"{self.inputs[f'{at}.usd_per_month']}>0"
                found.append(f"(1-IF({agreed},{self.inputs[f'{at}.discount_share']},0))")
        return "*".join(found)

    def _unit_loads(self, prompt: str, answer: str) -> dict[tuple[str, int], str]:
        """Return what a call takes of each kind of units: tokens by their weights."""
        found: dict[tuple[str, int], str] = {}
        stream = self.joined.business.streams[self.name]
        for tier in stream.unit_loads:
            for place, loads in enumerate(stream.unit_loads[tier]):
                label = f"Taken of the units of {tier}"
                if (
                    self.session is not None
                    or self.workload.meters
                    or len(loads) > 1
                    or self._by_price(tier, place)
                ):
                    value = float(np.asarray(loads[0][1]))
                    found[tier, place] = self.sheet.line(label, value, "", "from the planner's sum")
                    continue
                of = {kind: self.inputs[f"units.{tier}.{place}.{kind}"] for kind in KINDS}
                terms = [
                    f"{amount}*{of[kind]}" + ("" if kind in ("input", "output") else f"*{of['input']}")
                    for kind, amount in self._amounts(prompt, answer).items()
                ]
                found[tier, place] = self.sheet.formula(label, total(terms), "")
        return found

    def _by_price(self, tier: str, place: int) -> bool:
        weights = self.joined.business.api_terms[tier].pools[place].weights
        return weights is None or np.isfinite(weights.long_from_tokens)

    def _amounts(self, prompt: str, answer: str) -> dict[str, str]:
        """Return the tokens of a call by the kind that they are billed as."""
        cache = self.workload.cache
        cached = "0" if cache.lifetime == "none" else prompt
        read = f"{cached}*{self.of('cache.prefix_hit_share')}"
        write = f"{cached}*MIN({self.of('cache.prefix_write_share')},1-{self.of('cache.prefix_hit_share')})"
        amounts = {
            "input": f"({prompt}-{read}-{write})",
            "cache_read": read,
            "cache_write": write,
            "output": answer,
        }
        if writes_for_an_hour(self.workload):
            hour = "1" if cache.write_1h_share is None else self.of("cache.write_1h_share")
            amounts |= {"cache_write": f"{write}*(1-{hour})", "cache_write_1h": f"{write}*{hour}"}
        return amounts

    def _price(self, key: str, tiers: Sequence[tuple[int, Number]], length: str, *, of_sum: bool) -> str:
        """Return the price that holds for prompts of this length, or its mean where they spread."""
        chosen = mean = before = self.inputs[f"{key}.0"]
        for start, _ in tiers:
            dearer = self.inputs[f"{key}.{start}"]
            chosen = f"IF({length}>{number(np.asarray(start))},{dearer},{chosen})"
            mean = f"{mean}+({dearer}-{before})*{self._above(length, start, of_sum=of_sum)}"
            before = dearer
        return f"IF({self.of('prompt_cv')}>0,{mean},{chosen})" if tiers else chosen

    def _above(self, length: str, start: int, *, of_sum: bool) -> str:
        """Return which share of lognormal prompts, or of their tokens, lies above a length."""
        spread = f"SQRT(LN(1+MAX({self.of('prompt_cv')},{TINY_CV})^2))"
        middle = f"LN(MAX({length},{TINY})/{number(np.asarray(start))})"
        z = f"({middle}{'+' if of_sum else '-'}{spread}^2/2)/{spread}"
        return f"(ERFC(-{z}/SQRT(2))/2)"


def _over(numerator: str, denominator: str, otherwise: str) -> str:
    return f"IF({denominator}>0,{numerator}/MAX({denominator},{TINY}),{otherwise})"
