"""The third sheet: the plan month by month, one row for each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from planner.export.workbook import customer_columns, gpu_columns, unit_columns
from planner.export.workbook.book import Content, Formula, Sheet, column_name, number, total
from planner.export.workbook.inputs import Inputs
from planner.export.workbook.requests import RequestCells
from planner.model.joining import Joined
from planner.schema import ApiDeployment, HostedDeployment, path_of, step_text
from planner.units import HOURS_PER_MONTH, MONTHS_PER_YEAR, SECONDS_PER_MONTH

SHEET = "Months"
FIRST_ROW = 2  # below the header

Cell = Callable[[str], str]


@dataclass
class Table:
    """Columns of the months, each a formula of its row; `at` of a name is that column in the row at hand.

    A formula may use `{row}` for its own row and `{before}` for the one above.
    """

    columns: dict[str, tuple[str, str]] = field(default_factory=dict)

    def add(self, name: str, every: str, first: str | None = None) -> str:
        """Add a column, with another formula in the first month where one is given; return its cell."""
        self.columns[name] = (every, every if first is None else first)
        return self.at(name)

    def at(self, name: str, row: str = "{row}") -> str:
        """Return the cell of a column in a row."""
        return f"${column_name(list(self.columns).index(name))}{row}"

    def span(self, name: str, months: int) -> str:
        """Return the range of the first so many months of a column, as another sheet writes it."""
        column = column_name(list(self.columns).index(name))
        return f"{SHEET}!${column}${FIRST_ROW}:{SHEET}!${column}${FIRST_ROW + months - 1}"

    def cell(self, name: str, month: int) -> str:
        """Return the cell of a column in a month counted from 1, as another sheet writes it."""
        return f"{SHEET}!${column_name(list(self.columns).index(name))}${FIRST_ROW + month - 1}"


def month_sheet(joined: Joined, inputs: Inputs, requests: Mapping[str, RequestCells]) -> tuple[Sheet, Table]:
    """Return the sheet of months and its columns."""
    table = Table()
    _Months(table, joined, inputs, requests).write()
    months = int(joined.scenario.company.horizon_months)
    rows: list[list[Content]] = [list(table.columns)]
    for month in range(months):
        where = {"row": str(month + FIRST_ROW), "before": str(month + FIRST_ROW - 1), "month": str(month + 1)}
        rows.append(
            [
                Formula(_placed((first if month == 0 else every), where, month))
                for every, first in table.columns.values()
            ]
        )
    return Sheet(SHEET, rows), table


def _placed(text: str, where: Mapping[str, str], month: int) -> str:
    """Return a column's formula in one row; `<a|b|...>` holds one alternative for each price of the plan."""
    for name, value in where.items():
        text = text.replace("{" + name + "}", value)
    while "<" + "<" in text:
        start, end = text.index("<<"), text.index(">>")
        options = [option.split("@") for option in text[start + 2 : end].split("|")]
        chosen = [cell for since, cell in options if int(since) <= month][-1]
        text = text[:start] + chosen + text[end + 2 :]
    return text


@dataclass
class _Months:
    """Writes the columns, each on those before."""

    table: Table
    joined: Joined
    inputs: Inputs
    requests: Mapping[str, RequestCells]

    def write(self) -> None:
        """Write all columns in the order in which they build on one another."""
        table, of = self.table, self.inputs
        table.add("Month", "{month}")
        self._paths()
        for name in self.requests:
            each = f"workloads.{step_text(name)}.requests_per"
            asked = f"{of[f'{each}_customer_per_month']}*{table.at('Customers')}*{table.at('Usage')}"
            volume = f"{asked}+{of[f'{each}_month']}"
            started = self._started(name)
            own = table.add(f"Asked by customers: {name}", volume) if started else ""
            table.add(f"Requests: {name}", total([own, *started]) if started else volume)
        table.add("Requests", total(table.at(f"Requests: {name}") for name in self.requests))
        self._revenue()
        serving = [table.at("Follows revenue"), *self._apis(), *self._flat(), *self._standing()]
        owned, capex = [], []
        for tier in self.joined.business.fleets:
            usd, depreciation, bought = self._fleet(tier)
            serving.append(usd)
            owned.append(depreciation)
            capex.append(bought)
        deployments, company = self._payments("deployments"), self._payments("company")
        table.add("GPUs", total(table.at(f"{tier}: GPUs") for tier in self.joined.business.fleets))
        table.add("Serving", total(serving))
        table.add("Borne of one-off spend", total(borne for _, borne in (*deployments, *company)))
        table.add("Cost of serving", f"{table.at('Serving')}+{table.at('Borne of one-off spend')}")
        self._cash(owned, capex, [paid for paid, _ in (*deployments, *company)])
        asked_themselves = {name: self.own(name) for name in self.requests}
        customer_columns.add_columns(table, of, self.joined.scenario, self.requests, asked_themselves)

    def _started(self, name: str) -> list[str]:
        """Return the requests of a workload that requests of others start."""
        return [
            f"{self.table.at(f'Requests: {other}')}"
            f"*{self.inputs[path_of(('workloads', other, 'session', 'spawns', name))]}"
            for other, workload in self.joined.scenario.workloads.items()
            if name in workload.session.spawns
        ]

    def own(self, name: str) -> str:
        """Return the requests of a workload that no other request starts, in a month."""
        return self.table.at(f"{'Asked by customers' if self._started(name) else 'Requests'}: {name}")

    def _paths(self) -> None:
        table, of = self.table, self.inputs
        growth, churn = of["demand.growth_share_per_month"], of["demand.churn_share_per_month"]
        api = (
            f"MAX({of['decline.same_model_price_x_per_year']},{of['decline.same_quality_price_x_per_year']})"
        )
        rent, usage = of["decline.gpu_rent_x_per_year"], of["demand.usage_growth_x_per_year"]

        def monthly(x: str) -> str:
            return f"EXP(LN({x})/{number(MONTHS_PER_YEAR)})"

        for name, first, factor in (
            ("Customers", of["demand.customers"], f"MAX(1+{growth}-{churn},0)"),
            ("Usage", "1", monthly(usage)),
            ("API price", "1", f"(1/{monthly(api)})"),
            ("Rent", "1", f"(1/{monthly(rent)})"),
            ("Seat price", "1", f"(1+{of['demand.expansion_share_per_month']})"),
        ):
            table.add(name, "", first)
            table.columns[name] = (f"{table.at(name, '{before}')}*{factor}", first)

    def _revenue(self) -> None:
        """Write revenue, and the fees and other costs that follow it."""
        table, of = self.table, self.inputs
        seat = of["revenue.usd_per_customer_per_month"]
        seats = f"{table.at('Customers')}*{seat}*{table.at('Seat price')}"
        asked = (f"{self.own(name)}*{each.revenue}" for name, each in self.requests.items())
        revenue = table.add("Revenue", total([seats, *asked]))
        paying = (
            f"{of[f'workloads.{step_text(name)}.requests_per_customer_per_month']}*{each.revenue}"
            for name, each in self.requests.items()
        )
        charged = f"IF(({total([seat, *paying])})>0,{of['cash.payment_fee_usd']},0)"
        rates = f"({of['cash.payment_fee_share']}+{of['cash.other_cogs_share']})"
        charge = table.add("Fee of a charge", charged)
        table.add("Follows revenue", f"{revenue}*{rates}+{table.at('Customers')}*{charge}")

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
                usd = f"{usd}+{self.table.at(f'{name}: beside calls')}"
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

        gpus = table.add(f"{tier}: GPUs", f"IF({of[f'{key}.fits']}>0,{gpus_at(peak)},NA())")
        if deployment.rent == "owned":
            return gpu_columns.owned(table, of, tier, gpus)
        reserved, hours = of[f"{at}.reserved_gpus"], number(HOURS_PER_MONTH)
        _, over = gpu_columns.following(table, tier, gpus_at, mean=mean, peak=peak, reserved=reserved)
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
        won = f"{table.at('Customers')}*MAX({of['demand.growth_share_per_month']},0)"
        winning = table.add("New customers", f"{won}*{of['company.cac_usd_per_customer']}")
        once = table.add("One-off spend", total([*paid, *capex]))
        serving = f"{table.at('Serving')}-({total(depreciation)})"
        gross = table.add("Gross burn", total([serving, fixed, winning, once]))
        net = table.add("Net burn", f"{gross}-{table.at('Revenue')}")
        raises = (
            f"IF({of[f'company.funding.{i}.month']}={month},{of[f'company.funding.{i}.amount_usd']},0)"
            for i in range(len(company.funding))
        )
        raised = table.add("Raised", total(raises))
        planned = (
            f"IF(AND({of[f'company.funding.{i}.month']}={month},{of[f'company.funding.{i}.closed']}=0),"
            f"{of[f'company.funding.{i}.amount_usd']},0)"
            for i in range(len(company.funding))
        )
        planned_usd = table.add("Raised, not closed", total(planned))
        table.add("Raised, not closed, so far", "", planned_usd)
        so_far = f"{table.at('Raised, not closed, so far', '{before}')}+{planned_usd}"
        table.columns["Raised, not closed, so far"] = (so_far, planned_usd)
        table.add("Cash", "", f"{of['company.cash_usd']}+{raised}-{net}")
        every = f"{table.at('Cash', '{before}')}+{raised}-{net}"
        table.columns["Cash"] = (every, table.columns["Cash"][1])
        own = f"({table.at('Cash')}-{table.at('Raised, not closed, so far')})"
        for name, cash in (("Cash out at month", own), ("Cash out with raises", table.at("Cash"))):
            within = f"{month}-1+MIN(MAX(({cash}+{net})/MAX({net},1E-300),0),1)"
            table.add(name, f'IF(AND({cash}<=0,{net}>0),{within},"")')
