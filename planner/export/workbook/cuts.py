"""Formulas for cuts to a request (reasoning, calls, histories, tools) and the success they keep."""

from collections.abc import Callable, Mapping

import numpy as np

from planner.export.workbook.book import Sheet
from planner.model.request.request import session_of
from planner.schema import Workload, step_text

Of = Callable[[str], str]  # from a field of a workload to its cell


def answer(of: Of) -> str:
    """Return an answer's tokens: the visible part, and the reasoning at the requested effort."""
    thought = f"{of('reasoning_tokens')}*(1-IF({of('effort.on')}>0,{of('effort.removed_share')},0))"
    removed = f"IF({of('output_control.on')}>0,{of('output_control.removed_share')},0)"
    return f"({of('output_tokens')}+{thought})*(1-{removed})"


def calls(of: Of) -> str:
    """Return the calls of a request after cuts; at least one remains."""
    cut = f"IF({of('fewer_calls.on')}>0,{of('fewer_calls.removed_share')},0)"
    return f"MAX({of('session.calls')}*(1-{cut}),1)"


def kept(sheet: Sheet, workload: Workload, of: Of, solved: Mapping[str, str]) -> str:
    """Return the cell of the success kept with all cuts and by a request's helpers.

    `solved` has the cells of the success of workloads it starts. Compactions are counted by the planner.
    """
    parts = [f"IF({of(f'{cut}.on')}>0,{of(f'{cut}.retention_share')},1)" for cut in ("effort", "fewer_calls")]
    if (found := session_of(workload)) is not None and found.lengths.growth.compacts:
        counted = float(np.asarray(found.tokens().compactions))
        cell = sheet.line("Compactions of a session", counted, "", "from the planner's sum over its calls")
        parts.append(f"{of('session.compact_retention_share')}^{cell}")
    parts += [
        f"IF({of(f'meters.{step_text(meter)}')}>0,1,{of(f'success_without.{step_text(meter)}')})"
        for meter in workload.success_without
        if meter in workload.meters
    ]
    parts += [
        of(f"success_without.{step_text(meter)}")
        for meter in workload.success_without
        if meter not in workload.meters
    ]
    for name in workload.session.fails_with:
        helper = step_text(name)
        spoilt = f"{of(f'session.fails_with.{helper}')}*(1-{solved[name]})"
        parts.append(f"(1-{spoilt})^{of(f'session.spawns.{helper}')}")
    return sheet.formula("Kept of what is cut, and by helpers", "*".join(parts), "share")
