"""The cost of one pass of a request at an API: one call, or the calls of a session."""

from planner.catalog.api_rates import ApiRates
from planner.model.handed_on import Request
from planner.model.request import api_cost, meters
from planner.model.request.api_cost import ApiCost
from planner.model.request.request import session_of
from planner.model.request.session_cost import session_usd
from planner.schema import Workload


def pass_usd(rates: ApiRates, workload: Workload, each: Request) -> ApiCost:
    """Return the cost of one pass of a workload's request, in USD by line of the vendor's bill.

    Shape: that of the workload and the prices.
    """
    found = session_of(workload)
    if found is not None:
        answer = each.output_tokens / each.session_calls
        return session_usd(rates, found, answer_tokens=answer, meters=meters.per_call(workload))
    return api_cost.request_usd(
        rates,
        input_tokens=each.input_tokens,
        output_tokens=each.output_tokens,
        cache_read_tokens=each.cache_read_tokens,
        cache_write_tokens=each.cache_write_tokens,
        cache_write_1h_tokens=each.cache_write_1h_tokens,
        prompt_cv=workload.prompt_cv,
        meters=meters.per_call(workload),
    )
