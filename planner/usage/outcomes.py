"""What logs call the ways in which a call can end."""

FAILED = (
    "error", "failure", "failed", "fail", "errored", "exception", "timeout", "timed_out", "status_code_error", "expired", "rejected",
    "unavailable", "bad_request", "internal_error", "server_error", "denied", "unauthorized", "blocked", "overloaded", "invalid", "2",
)  # fmt: skip
CANCELLED = (
    "cancelled",
    "canceled",
    "aborted",
    "interrupted",
    "abort",
    "cancel",
    "client_closed",
    "client_closed_request",
    "499",
    "stopped_by_user",
)
UNFINISHED = (
    "incomplete",
    "pending",
    "running",
    "in_progress",
    "queued",
    "started",
    "created",
    "unfinished",
    "partial",
)
FINE = ("success", "ok", "succeeded", "completed", "complete", "done", "200", "status_code_ok", "1")
NO = ("false", "0", "no", "f", "failure", "failed", "n")
YES = (
    "true",
    "1",
    "yes",
    "t",
    "hit",
    "y",
    "stale",
    "semantic",
    "simple",
    "revalidated",
    "cache_hit",
    "semantic_cache_hit",
)

TOLD = frozenset({*FAILED, *CANCELLED, *UNFINISHED, *FINE, "rate_limited"})

# what a column of kinds says of a call that failed, or was stopped: `Errored, No Charge`, `api_error`
FAILED_KIND = "(.*[._ ])?(error|errored|failed|failure)([,.:].*)?"
STOPPED_KIND = "(.*[._ ])?(aborted|cancell?ed)([,.:].*)?"
