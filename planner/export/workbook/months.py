"""The third sheet: the plan month by month, one row for each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from planner.export.workbook import (
    cash_columns,
    customer_columns,
    gpu_columns,
    hour_columns,
    segment_columns,
    unit_columns,
)
from planner.export.workbook.book import Sheet, number, total
from planner.export.workbook.inputs import BOTH, Inputs
from planner.export.workbook.requests import RequestCells
from planner.export.workbook.segment_columns import SegmentFlows
from planner.export.workbook.table import SHEET, Table, rows
from planner.model.company.settlement import earns_interest, settles_later
from planner.model.joining import Joined
from planner.schema import ApiDeployment, HostedDeployment, Scenario, path_of, step_text
from planner.units import HOURS_PER_MONTH, MONTHS_PER_YEAR, SECONDS_PER_MONTH


@dataclass(frozen=True)
class Written:
    """An epoch of the plan with the cells of its inputs and requests."""

    joined: Joined
    of: Inputs
    requests: Mapping[str, RequestCells]


def month_sheet(epochs: Sequence[Written], whole: Scenario) -> tuple[Sheet, Table]:
    """Return the sheet of months, and the columns of its first epoch."""
    tables: list[Table] = []
    for index, each in enumerate(epochs):
        table = Table(tables[0].places if tables else {}, each.joined.business.carried.month)
        _Months(table, each, epochs[index - 1] if index else None, whole).write()
        tables.append(table)
    return Sheet(SHEET, rows(tables, int(whole.company.horizon_months))), tables[0]


class _Months:
    """Writes the columns of one epoch, each on those before; `before` is the epoch that ends where it begins."""

    def __init__(self, table: Table, now: Written, before: Written | None, whole: Scenario) -> None:
        self.table, self.joined, self.inputs, self.requests = table, now.joined, now.of, now.requests
        self.before, self.whole = before, whole
        self.segments: SegmentFlows | None = None
        self._outside = "Customers outside of segments" if now.joined.scenario.segments else "Customers"
        self.invoices: dict[str, list[str]] = {name: [] for name in now.joined.scenario.deployments}

    def write(self) -> None:
        """Write all columns in the order in which they build on one another."""
        table = self.table
        table.add("Month", "{month}")
        self._paths()
        if self.joined.scenario.segments:
            before = self.before
            self.segments = segment_columns.add_columns(
                table,
                segment_columns.SegmentInputs(
                    self.joined.scenario, self.inputs, self.joined.business.segments
                ),
                segment_columns.SegmentInputs(
                    before.joined.scenario, before.of, before.joined.business.segments
                )
                if before
                else None,
            )
            table.add("Customers", f"{self.customers}+{self.segments.customers}")
        self._asked()
        self._revenue()
        serving = [table.at("Follows revenue"), *self._apis(), *self._flat(), *self._standing()]
        owned, capex = [], []
        for tier in self.joined.business.fleets:
            usd, depreciation, bought = self._fleet(tier)
            self.invoices[tier].append(f"{usd}-({depreciation})")
            serving.append(usd)
            owned.append(depreciation)
            capex.append(bought)
        deployments, company = self._payments("deployments"), self._payments("company")
        table.add("GPUs", total(table.at(f"{tier}: GPUs") for tier in self.joined.business.fleets))
        table.add("Serving", total(serving))
        table.add("Borne of one-off spend", total(borne for _, borne in (*deployments, *company)))
        table.add("Cost of serving", f"{table.at('Serving')}+{table.at('Borne of one-off spend')}")
        moves = self._moves()
        self._cash(owned, capex, [*(paid for paid, _ in (*deployments, *company)), *moves])
        if self.segments is None:
            asked_themselves = {name: self.own(name) for name in self.requests}
            customer_columns.add_columns(
                table, self.inputs, self.joined.scenario, self.requests, asked_themselves,
                churn_before=(self.before.of if self.before else self.inputs)["demand.churn_share_per_month"],
            )  # fmt: skip

    def _moves(self) -> list[str]:
        """Return what each dated change costs itself, and what running both does, where the month is theirs."""
        of = self.inputs
        due = [
            (of[f"change.{index}.month"], of[f"change.{index}.usd"])
            for index in range(len(self.whole.change))
        ]
        due += [(key.rpartition(".")[2], cell) for key, cell in of.starting(BOTH)]
        return [f"IF({{month}}={month},{usd},0)" for month, usd in due]

    def _asked(self) -> None:
        """Write the requests of each workload: those of customers, of segments, and those that others start."""
        table, of = self.table, self.inputs
        for name in self.requests:
            each = f"workloads.{step_text(name)}.requests_per"
            asked = f"{of[f'{each}_customer_per_month']}*{self.customers}*{table.at('Usage')}"
            volume = f"{asked}+{of[f'{each}_month']}"
            if self.segments:
                outside = table.add(f"Asked outside of segments: {name}", volume)
                volume = f"{outside}+{self.segments.requests[name]}"
            if started := self._started(name):
                volume = total([table.add(f"Asked by customers: {name}", volume), *started])
            table.add(f"Requests: {name}", volume)
        table.add("Requests", total(table.at(f"Requests: {name}") for name in self.requests))

    @property
    def customers(self) -> str:
        """The cell of the customers outside of segments."""
        return self.table.at(self._outside)

    def _started(self, name: str) -> list[str]:
        """Return the requests of a workload that requests of others start."""
        return [
            f"{self.table.at(f'Requests: {other}')}"
            f"*{self.inputs[path_of(('workloads', other, 'session', 'spawns', name))]}"
            for other, workload in self.joined.scenario.workloads.items()
            if name in workload.session.spawns
        ]

    def own(self, name: str) -> str:
        """Return the requests of a workload outside of segments that no other request starts, in a month."""
        if self.segments:
            return self.table.at(f"Asked outside of segments: {name}")
        return self.table.at(f"{'Asked by customers' if self._started(name) else 'Requests'}: {name}")

    def _paths(self) -> None:
        table = self.table

        def customers(of: Inputs) -> str:
            return f"MAX(1+{of['demand.growth_share_per_month']}-{of['demand.churn_share_per_month']},0)"

        def monthly(x: str) -> str:
            return f"EXP(LN({x})/{number(MONTHS_PER_YEAR)})"

        def api(of: Inputs) -> str:
            same = ",".join(of[f"decline.same_{what}_price_x_per_year"] for what in ("model", "quality"))
            return f"(1/{monthly(f'MAX({same})')})"

        paths: dict[str, tuple[str, Callable[[Inputs], str]]] = {
            self._outside: (self.inputs["demand.customers"], customers),
            "Usage": ("1", lambda of: monthly(of["demand.usage_growth_x_per_year"])),
            "API price": ("1", api),
            "Rent": ("1", lambda of: f"(1/{monthly(of['decline.gpu_rent_x_per_year'])})"),
            "Seat price": ("1", lambda of: f"(1+{of['demand.expansion_share_per_month']})"),
        }  # fmt: skip
        for name, (first, factor) in paths.items():
            entering = factor(self.before.of if self.before else self.inputs)
            at = table.at(name, "{before}")
            table.add(name, f"{at}*{factor(self.inputs)}", first, f"{at}*{entering}")

    def _revenue(self) -> None:
        """Write revenue, and the fees and other costs that follow it."""
        table, of = self.table, self.inputs
        seat = of["revenue.usd_per_customer_per_month"]
        seats = f"{self.customers}*{seat}*{table.at('Seat price')}"
        in_segments = self.segments
        if in_segments:
            seats = total([seats, in_segments.seats])
        self.seats = table.add("Revenue of seats", f"({seats})*{cash_columns.seat_price_share(of)}")
        asked = (f"{self.own(name)}*{each.revenue}" for name, each in self.requests.items())
        beyond = [in_segments.overage] if in_segments else []
        revenue = table.add("Revenue", total([self.seats, *asked, *beyond]))
        paying = (
            f"{of[f'workloads.{step_text(name)}.requests_per_customer_per_month']}*{each.revenue}"
            for name, each in self.requests.items()
        )
        charged = f"IF(({total([seat, *paying])})>0,{of['cash.payment_fee_usd']},0)"
        rates = cash_columns.follows_share(of)
        charge = table.add("Fee of a charge", charged)
        charges = f"{self.customers}*{charge}"
        if in_segments:
            charges = f"{charges}+({in_segments.paying})*{of['cash.payment_fee_usd']}"
        table.add("Follows revenue", f"{revenue}*{rates}+{charges}")

    def _apis(self) -> list[str]:
        """Return what the API calls of each workload cost, after what provisioned units carry."""
        unit_columns.add_units(self.table, self.inputs, self.joined, self.requests)
        terms = []
        for tier in self.joined.resolved.apis:
            users = [name for name, each in self.requests.items() if tier in each.calls]
            for name in users:
                each = self.requests[name]
                prices = "|".join(
                    f"{since}@{cell}" for (at, since), cell in each.api_usd.items() if at == tier
                )
                volume = f"{self.table.at(f'Requests: {name}')}*{each.calls[tier]}"
                left = f"(1-{self.table.at(f'{tier}: carried by units')})"
                usd = f"{volume}*<<{prices}>>*{left}*{self.table.at('API price')}"
                terms.append(self.table.add(f"{tier}: calls of {name}", usd))
                self.invoices[tier].append(terms[-1])
        unit_columns.add_beside_calls(self.table, self.inputs, self.joined, self.requests)
        return terms

    def _flat(self) -> list[str]:
        return [
            self.table.add(
                f"{name}: beside the models",
                f"{self.table.at(f'Requests: {name}')}*({total([each.extras, each.people, each.failure])})"
                f"+{each.flat_per_month}",
            )
            for name, each in self.requests.items()
        ]

    def _standing(self) -> list[str]:
        of, terms = self.inputs, []
        for name, deployment in self.joined.scenario.deployments.items():
            usd = of[f"deployments.{step_text(name)}.staff_usd_per_month"]
            if isinstance(deployment, ApiDeployment):
                beside = self.table.at(f"{name}: beside calls")
                self.invoices[name].append(beside)
                usd = f"{usd}+{beside}"
            elif name in self.joined.business.unused_usd and deployment.rent != "owned":
                reserved = (
                    f"{of[f'deployments.{step_text(name)}.reserved_gpus']}*{of[f'unused.{name}.reserved']}"
                )
                usd = f"{usd}+{reserved}*{number(HOURS_PER_MONTH)}"
            terms.append(self.table.add(f"{name}: staff and units", usd))
        return terms

    def _fleet(self, tier: str) -> tuple[str, str, str]:
        """Return the month's cost of a fleet, what of it is depreciation, and what purchases cost."""
        table, of, key, at = self.table, self.inputs, f"fleet.{tier}", f"deployments.{step_text(tier)}"
        deployment = self.joined.scenario.deployments[tier]
        assert isinstance(deployment, HostedDeployment)
        users = list(self.joined.business.fleets[tier].peak_places_per_call)
        loads = {
            name: f"{table.at(f'Requests: {name}')}*{self.requests[name].calls[tier]}"
            f"*{of[f'{key}.slot_s.{name}']}*{self.requests[name].session_calls}/{number(SECONDS_PER_MONTH)}"
            for name in users
        }
        calm = {name for name in users if self.joined.scenario.workloads[name].latency == "none"}
        mean = table.add(f"{tier}: places busy", total(loads.values()))
        week = self.joined.business.fleets[tier].week
        if week is not None:
            by_hour, peak = hour_columns.busy(table, of, tier, week, loads)
        else:
            peak = table.add(
                f"{tier}: places busy at the peak",
                total(
                    load if name in calm else f"{load}*{of[f'workloads.{step_text(name)}.peak_to_mean']}"
                    for name, load in loads.items()
                ),
            )
        size = "*".join(
            of[f"{at}.{n}"] for n in ("tensor_parallel", "pipeline_parallel", "attention_data_parallel")
        )

        def gpus_at(load: str) -> str:
            slack = f"MAX({of[f'{key}.slack']}+{of[f'{key}.root']}*SQRT({load}),0)"
            return f"{self._replicas(tier, f'IF({load}>0,{load}+{slack},0)')}*{size}"

        needed = f"IF({of[f'{key}.fits']}>0,{gpus_at(peak)},NA())" if users else "0"
        gpus = table.add(f"{tier}: GPUs", needed)
        if deployment.rent == "owned":
            return gpu_columns.owned(table, of, tier, gpus)
        reserved, hours = of[f"{at}.reserved_gpus"], number(HOURS_PER_MONTH)
        paid = {"reserved": reserved, "start_s": of[f"{at}.start_s"]}
        if week is not None:
            over = hour_columns.beyond_reserved(table, of, tier, week, by_hour, gpus_at=gpus_at, **paid)
        else:
            over = gpu_columns.following(table, tier, gpus_at, mean=mean, peak=peak, **paid)
        beyond = f"IF({of[f'{at}.autoscale']}>0,{over},MAX({gpus}-{reserved},0))"
        rented = f"{beyond}*{of[f'{key}.rent']}*{table.at('Rent')}"
        usd = f"{hours}*({reserved}*{of[f'{key}.reserved']}+{rented})"
        return table.add(f"{tier}: rent", usd), "0", "0"

    def _replicas(self, tier: str, places: str) -> str:
        of, at = self.inputs, f"deployments.{step_text(tier)}"
        whole = f"ROUNDUP(MAX({places}/{of[f'fleet.{tier}.batch']}-0.000000001,0),0)"
        return f"(MAX({whole},{of[f'{at}.min_replicas']})+{of[f'{at}.spare_replicas']})"

    def _payments(self, whose: str) -> list[tuple[str, str]]:
        """Return (paid this month, borne by this month) of each one-off of the deployments or the company."""
        scenario = self.joined.scenario
        if whose == "company":
            return [self._once(f"company.one_off.{i}") for i in range(len(scenario.company.one_off))]
        found = []
        for name, deployment in scenario.deployments.items():
            at = f"deployments.{step_text(name)}"
            found += [self._once(f"{at}.one_off.{i}") for i in range(len(deployment.one_off))]
            found += [self._student(f"{at}.distillation"), self._rounds(f"{at}.fine_tuning")]
        return found

    def _once(self, at: str) -> tuple[str, str]:
        of, month = self.inputs, self.table.at("Month")
        when, usd, key = of[f"{at}.month"], of[f"{at}.amount_usd"], f"{at}.amortise_months"
        if key not in of.by_path:
            return f"IF({month}={when},{usd},0)", "0"
        spread = of[key]
        return (
            f"IF({month}={when},{usd},0)",
            f"IF(AND({month}>={when},{month}<{when}+{spread}),{usd}/{spread},0)",
        )

    def _student(self, at: str) -> tuple[str, str]:
        of, month = self.inputs, self.table.at("Month")
        usd, spread = f"{of[f'{at}.run_usd']}*{of[f'{at}.steps']}", of[f"{at}.amortise_months"]
        on = f"{of[f'{at}.on']}>0"
        return (
            f"IF(AND({on},{month}=1),{usd},0)",
            f"IF(AND({on},{month}<1+{spread}),{usd}/{spread},0)",
        )

    def _rounds(self, at: str) -> tuple[str, str]:
        of, month = self.inputs, self.table.at("Month")
        usd, spread, every = of[f"{at}.run_usd"], of[f"{at}.amortise_months"], of[f"{at}.every_months"]
        on = f"{of[f'{at}.on']}>0"
        again = f"IF({every}>0,IF(MOD({month}-1,MAX({every},1))=0,1,0),IF({month}=1,1,0))"
        begun = f"(INT(({month}-1)/MAX({every},1))+1)"
        ended = f"IF({month}-{spread}>=1,INT(({month}-{spread}-1)/MAX({every},1))+1,0)"
        running = f"IF({every}>0,{begun}-{ended},IF({month}<1+{spread},1,0))"
        return f"IF({on},{again}*{usd},0)", f"IF({on},{running}*{usd}/{spread},0)"

    def _cash(self, depreciation: list[str], capex: list[str], paid: list[str]) -> None:
        table, of, company = self.table, self.inputs, self.joined.scenario.company
        month = table.at("Month")
        steps = (
            f"IF({of[f'company.hiring.{i}.month']}<={month},{of[f'company.hiring.{i}.usd_per_month']},0)"
            for i in range(len(company.hiring))
        )
        fixed = table.add("Fixed costs", total([of["company.fixed_costs_usd_per_month"], *steps]))
        won = f"{self.customers}*MAX({of['demand.growth_share_per_month']},0)"
        won = f"{won}*{of['company.cac_usd_per_customer']}"
        winning = table.add(
            "New customers", total([won, self.segments.acquisition]) if self.segments else won
        )
        once = table.add("One-off spend", total([*paid, *capex]))
        serving = f"{table.at('Serving')}-({total(depreciation)})"
        gross = table.add("Gross burn", total([serving, fixed, winning, once]))
        received = self._received()
        self._raises()
        earned = f"-{cash_columns.interest(table, of)}" if earns_interest(self.whole) else ""
        table.add("Net burn", f"{gross}-{received}{earned}")
        self._cash_left()

    def _received(self) -> str:
        """Return what customers pay in a month, and credits: revenue, where cash follows it at once."""
        if not settles_later(self.whole):
            return self.table.at("Revenue")
        charged = {tier: total(terms) for tier, terms in self.invoices.items()}
        return cash_columns.add_columns(self.table, self.inputs, self.whole, self.seats, charged)

    def _raises(self) -> None:
        """Write the raises, and those of them that have not closed."""
        table, of, company = self.table, self.inputs, self.joined.scenario.company
        month = table.at("Month")
        raises = [(f"{of[f'company.funding.{i}.month']}={month}", i) for i in range(len(company.funding))]
        table.add(
            "Raised", total(f"IF({now},{of[f'company.funding.{i}.amount_usd']},0)" for now, i in raises)
        )
        planned = table.add(
            "Raised, not closed",
            total(
                f"IF(AND({now},{of[f'company.funding.{i}.closed']}=0),{of[f'company.funding.{i}.amount_usd']},0)"
                for now, i in raises
            ),
        )
        so_far = "Raised, not closed, so far"
        table.add(so_far, f"{table.at(so_far, '{before}')}+{planned}", planned)

    def _cash_left(self) -> None:
        """Write the cash, and when it runs out, without and with the raises that have not closed."""
        table, opening = self.table, self.inputs["company.cash_usd"]
        month, net, raised = table.at("Month"), table.at("Net burn"), table.at("Raised")
        so_far = "Raised, not closed, so far"
        table.add("Cash", *(f"{cash}+{raised}-{net}" for cash in (table.at("Cash", "{before}"), opening)))
        own = f"({table.at('Cash')}-{table.at(so_far)})"
        for name, cash in (("Cash out at month", own), ("Cash out with raises", table.at("Cash"))):
            within = f"{month}-1+MIN(MAX(({cash}+{net})/MAX({net},1E-300),0),1)"
            table.add(name, f'IF(AND({cash}<=0,{net}>0),{within},"")')
