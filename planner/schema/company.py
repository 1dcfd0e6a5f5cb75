"""Company, revenue, demand and price declines: the money around the requests."""

from typing import Annotated

from planner.arrays import Number
from planner.schema.declare import count, flag, month, names, ratio, real, share, text, usd
from planner.schema.section import Section


class Funding(Section):
    """Money raised in one month; it never reduces burn, and counts for runway only once it has closed."""

    month: Annotated[Number, count("Month of the raise", lo=1, hi=120)]
    amount_usd: Annotated[Number, usd("Amount raised", step=500_000)]
    closed: Annotated[
        bool,
        flag(
            "Closed", "Signed and certain, so runway counts it. Otherwise it is planned and shown separately."
        ),
    ] = False


class CostStep(Section):
    """A dated step in fixed costs; a hiring plan is a list of these."""

    month: Annotated[Number, count("First month of the hire", lo=1, hi=120)]
    usd_per_month: Annotated[
        Number,
        real(
            "Cost of the hire",
            "Negative for a cost that ends.",
            lo=-1e9,
            hi=1e9,
            step=5_000,
            unit="USD/month",
            role="lever",
        ),
    ]
    label: Annotated[str, text("What it pays for")] = ""


class OneOff(Section):
    """A single payment: cash in its month, spread over months in unit cost."""

    month: Annotated[Number, count("Month of the payment", lo=1, hi=120)] = 1
    amount_usd: Annotated[Number, usd("Amount of the payment", step=1_000)] = 0.0
    amortise_months: Annotated[
        Number, count("Spread over", "Months of unit cost.", lo=1, hi=120, unit="months")
    ] = 36
    label: Annotated[str, text("What it pays for")] = ""


class CompanyOneOff(Section):
    """A single payment by the company: cash in its month, and not a cost of serving unless it is spread."""

    month: Annotated[Number, count("Month of the payment", lo=1, hi=120)] = 1
    amount_usd: Annotated[Number, usd("Amount of the payment", step=1_000)] = 0.0
    amortise_months: Annotated[
        Number | None,
        count("Spread over", "Months of unit cost, over all requests. Empty: not a cost of serving.", lo=1, hi=120,
              unit="months", optional=True),
    ] = None  # fmt: skip
    label: Annotated[str, text("What it pays for")] = ""


class Company(Section):
    """Cash, fixed costs and the horizon of the plan."""

    start: Annotated[
        str, month("First month", "Prices as of this month apply, then their announced changes.")
    ] = "2026-11"
    cash_usd: Annotated[Number, usd("Cash today", step=250_000)] = 0.0
    fixed_costs_usd_per_month: Annotated[
        Number,
        usd(
            "Fixed costs", "Salaries, rent, tools: everything except serving.", step=10_000, unit="USD/month"
        ),
    ] = 0.0
    horizon_months: Annotated[
        Number, count("Horizon", "How many months the plan covers.", lo=1, hi=120, unit="months")
    ] = 36
    cac_usd_per_customer: Annotated[
        Number, usd("Cost to win a customer", "CAC, paid for each new customer.", step=10, role="unknown")
    ] = 0.0
    cac_in_contribution_margin: Annotated[
        bool, flag("CAC in contribution margin", "Count CAC as a variable cost in contribution margin.")
    ] = False
    funding: tuple[Funding, ...] = ()
    hiring: tuple[CostStep, ...] = ()
    one_off: tuple[CompanyOneOff, ...] = ()


class Revenue(Section):
    """What customers pay: any mix of the four prices."""

    usd_per_customer_per_month: Annotated[Number, usd("Price per seat", step=1, unit="USD/month")] = 0.0
    usd_per_request: Annotated[Number, usd("Price per request", step=0.001)] = 0.0
    usd_per_outcome: Annotated[
        Number,
        usd(
            "Price per outcome",
            "Charged for solved requests only.",
            step=0.05,
            evidence="default: outcome.price",
        ),
    ] = 0.0
    usd_per_mtok: Annotated[
        Number, usd("Price per Mtok", "On prompt and answer tokens together.", step=0.5, unit="USD/Mtok")
    ] = 0.0


class Demand(Section):
    """Customers, and how many requests each makes."""

    customers: Annotated[Number, ratio("Customers", "In month 1.", unit="", hi=1e10, step=50)] = 0.0
    growth_share_per_month: Annotated[
        Number, real("New customers", "As a share of customers, each month.", lo=-0.5, hi=3.0, step=0.01)
    ] = 0.0
    churn_share_per_month: Annotated[
        Number, share("Churn", "Customers who leave, each month.", role="unknown", step=0.005)
    ] = 0.0
    expansion_share_per_month: Annotated[
        Number,
        real("Expansion", "Monthly rise in what a customer pays per seat.", lo=-0.2, hi=1.0, step=0.005),
    ] = 0.0
    usage_growth_x_per_year: Annotated[
        Number,
        ratio("Usage growth", "Requests per customer, times per year.", lo=0.01, hi=1000, unit="x/year",
              evidence="default: demand.growth"),
    ] = 1.0  # fmt: skip


class Credit(Section):
    """Credits of a vendor: they pay invoices while they last. Cash moves, margin does not."""

    usd: Annotated[Number, usd("Credits", step=10_000)]
    month: Annotated[Number, count("From month", lo=1, hi=120)] = 1
    months: Annotated[
        Number, count("Valid for", "Months; what is left then is lost.", lo=1, hi=120, unit="months")
    ] = 12
    covers: Annotated[
        tuple[str, ...], names("Covers", "Deployments whose invoices the credits pay; empty: all.")
    ] = ()


class Cash(Section):
    """Costs that scale with revenue, and the timing of cash."""

    other_cogs_share: Annotated[
        Number,
        share("Other cost of revenue", "Hosting and support that scale with revenue, as a share of it.", role="unknown",
              step=0.01),
    ] = 0.0  # fmt: skip
    payment_fee_share: Annotated[
        Number, share("Payment fee", "Share of each charge.", role="unknown", step=0.001)
    ] = 0.0
    payment_fee_usd: Annotated[
        Number, usd("Payment fee, fixed", "Per charge: one per paying customer and month.", step=0.05)
    ] = 0.0
    refund_share: Annotated[
        Number,
        share("Refunds", "Share of charges paid back; scales with revenue. The payment fee isn't returned.",
              role="unknown", step=0.005),
    ] = 0.0  # fmt: skip
    interest_share_per_year: Annotated[
        Number, share("Interest on cash", "Per year, a twelfth each month; planned raises earn none.", role="unknown",
                      step=0.005)
    ] = 0.0  # fmt: skip
    paid_after_days: Annotated[
        Number,
        ratio(
            "Payment term",
            "Days until an invoice is paid; 30 days are a month.",
            unit="days",
            hi=360,
            step=15,
        ),
    ] = 0.0
    receivables_usd: Annotated[
        Number, usd("Owed by customers today", "Arrives evenly over the payment term.", step=10_000)
    ] = 0.0
    annual_prepay_share: Annotated[
        Number, share("Paid a year ahead", "Share of seat revenue; the first renewals are spread evenly.",
                      role="unknown")
    ] = 0.0  # fmt: skip
    annual_discount_share: Annotated[
        Number, share("Discount for a year ahead", "Off the seat price, for those who pay a year ahead.")
    ] = 0.0
    credits: tuple[Credit, ...] = ()


class Decline(Section):
    """How fast three kinds of prices fall. Above 1 they fall, below 1 they rise."""

    same_model_price_x_per_year: Annotated[
        Number,
        ratio("List price of a model", "How far the price of one model falls in a year.", lo=0.05, hi=1000,
              unit="x/year", evidence="default: price.decline_same_model"),
    ] = 1.0  # fmt: skip
    same_quality_price_x_per_year: Annotated[
        Number,
        ratio("Price at equal quality", "Counts only if the team keeps migrating; the larger of the two applies.",
              lo=0.05, hi=1000, unit="x/year", evidence="default: price.decline_fixed_quality"),
    ] = 1.0  # fmt: skip
    gpu_rent_x_per_year: Annotated[
        Number,
        ratio("GPU rent", "Rent rose in 2026: no decline by default.", lo=0.05, hi=1000, unit="x/year",
              evidence="finding: hw-rent"),
    ] = 1.0  # fmt: skip
