"""Bills and cost reports: FOCUS, cloud bills, vendors' cost exports. They hold money by line, no calls: named, not read."""

from planner.errors import Problem

HINT = "Import the usage instead: {0}."
# what a bill is called, names of which it has all, and what has the calls
BILLS: tuple[tuple[str, frozenset[str], str], ...] = (
    (
        "a FOCUS bill",
        frozenset({"billedcost", "chargeperiodstart"}),
        "a log of requests, or the vendor's usage export",
    ),
    (
        "a FOCUS bill",
        frozenset({"effectivecost", "chargeperiodstart"}),
        "a log of requests, or the vendor's usage export",
    ),
    (
        "OpenAI's cost report",
        frozenset({"lineitem", "amount"}),
        "the usage export of completions, which counts requests and tokens",
    ),
    (
        "OpenAI's cost report",
        frozenset({"lineitem", "amountvalue"}),
        "the usage export of completions, which counts requests and tokens",
    ),
    (
        "Anthropic's cost report",
        frozenset({"costtype", "amount"}),
        "the usage report of messages, with --column requests_per_month=250k",
    ),
    (
        "Anthropic's cost report",
        frozenset({"tokentype", "costusd"}),
        "the usage report of messages, with --column requests_per_month=250k",
    ),
    ("an AWS bill", frozenset({"lineitemusageamount"}), "the invocation log of Bedrock"),
    ("an AWS bill", frozenset({"lineitemunblendedcost"}), "the invocation log of Bedrock"),
    ("an AWS bill", frozenset({"unblendedcost", "usagetype"}), "the invocation log of Bedrock"),
    ("an AWS bill", frozenset({"resultsbytime"}), "the invocation log of Bedrock"),
    ("a Google Cloud bill", frozenset({"skudescription", "cost"}), "the request log of Vertex"),
    ("a Google Cloud bill", frozenset({"sku", "billingaccountid"}), "the request log of Vertex"),
    ("a Google Cloud bill", frozenset({"skuid", "skudescription"}), "the request log of Vertex"),
    ("an Azure bill", frozenset({"metercategory"}), "the log of the API management or of Azure Monitor"),
    ("an Azure bill", frozenset({"pretaxcost"}), "the log of the API management or of Azure Monitor"),
    (
        "an Azure bill",
        frozenset({"costinbillingcurrency"}),
        "the log of the API management or of Azure Monitor",
    ),
    ("an invoice", frozenset({"invoicenumber"}), "a log of requests, or the vendor's usage export"),
    ("an invoice", frozenset({"invoiceid", "unitprice"}), "a log of requests, or the vendor's usage export"),
    ("metrics, not spans", frozenset({"resourcemetrics"}), "the spans or log records of the same services"),
)


def bill_of(keys: set[str]) -> Problem | None:
    """Return the problem of a log that is a bill, None for any other.

    >>> bill_of({"billedcost", "chargeperiodstart"}).what
    'is a FOCUS bill: a line for each meter, with money and no calls.'
    """
    names = {key.replace(".", "") for key in keys} | {key.rpartition(".")[2] for key in keys}
    for name, marks, instead in BILLS:
        if marks <= names:
            what = f"is {name}: a line for each meter, with money and no calls."
            if "metrics" in name:
                what = "holds metrics, sums without calls."
            return Problem("the file", what, HINT.format(instead))
    return None
