"""What the names of columns and keys that hold no count are called: times, models, sellers, tiers, outcomes, ids.

A name is compared in small letters without what is neither letter nor digit, by its longest known end: of the path
`attributes`, `gen_ai.request.model` it is `genairequestmodel` that is known. The surest name of a field comes first.
"""

from functools import lru_cache

LABELS: dict[str, tuple[str, ...]] = {
    "time": (
        "starttimeunixnano", "timeunixnano", "starttimeiso", "starttimeutc", "starttime", "startedat", "startingat",
        "requeststarttime", "requestcreatedat", "requesttimestamp", "timegenerated", "timegeneratedutc", "timestamp",
        "createdat", "creationtime", "createtime", "created", "datetimeutc", "datetime", "requesttime", "requestedat",
        "requestdate", "eventtime", "eventtimestamp", "eventdate", "usagedateutc", "usagedate", "chargeperiodstart",
        "aggregationtimestamp", "loggingtime", "loggedat", "receivedat", "calledat", "occurredat", "arrivaltime",
        "arrivaltimestamp", "observedtimeunixnano", "insertedat", "usagestarttime", "periodstart", "bucketstart",
        "windowstart", "intervalstart", "timestampms", "timestamputc", "timestampunix", "unixtime", "epoch", "ts",
        "datum", "zeitstempel", "fecha", "horodatage", "date", "day", "dateutc", "uhrzeit", "heure", "hora", "timeofday", "time", "timeutc", "hour", "month",
        "startns", "starttimestamp", "precisestartts", "startms", "starttimens", "starttimems", "responsecreatedat", "completedat",
        "finishedat", "start", "when", "bucket", "timebucket", "hourbucket", "weekstart", "weekof", "monthstart", "started", "finished", "ended",
        "createdon", "insertedon", "loggedon", "createdtime", "createddate", "datecreated", "timecreated", "createdts", "eventts", "requestts",
        "startts", "begin", "begintime", "sentat", "recordedat", "capturedat", "week", "isoweek", "yearweek", "woche", "kw", "semaine", "semana",
        "period", "ingestedat", "updatedat", "lastupdated",
    ),
    "end_time": ("endtime", "endedat", "endingat", "endtimeiso", "endtimeunixnano", "chargeperiodend", "periodend",
                 "bucketend", "windowend", "intervalend", "end"),
    "model": (
        "genairesponsemodel", "resolvedmodel", "servedmodel", "actualmodel", "routedmodel", "finalmodel", "upstreammodel", "responsemodel", "aimodel", "modelname", "lsmodelname", "llmmodelname",
        "modelpermaslug", "providedmodelname", "airesponsemodel", "messagemodel", "responsebodymodel", "model",
        "modelversion", "modelid", "aimodelid", "genairequestmodel", "requestmodel", "requestbodymodel", "snapshotid",
        "modelslug", "llmmodel", "modelused", "usedmodel", "modell", "modele", "modelo", "xmodel", "engine",
        "modelkey", "modelidentifier", "mainmodel", "modeldeploymentname", "deploymentname", "deployment", "deploymentid", "modelgroup", "requestedmodel", "originalmodel",
        "llm", "llmid", "llmname", "languagemodelid", "languagemodel",
    ),
    "seller": (
        "customllmprovider", "providername", "genaiprovidername", "lsprovider", "llmprovider", "aimodelprovider", "modelprovider",
        "aiorg", "provider", "genaisystem", "llmsystem", "vendor", "vendorname", "upstreamprovider", "providerid", "hostingprovider", "backend",
    ),
    "tier": (
        "servicetier", "genaiopenairesponseservicetier", "genairesponseservicetier", "processingtier", "processing",
        "usagetype", "batch", "isbatch", "batched", "speed", "requesttype", "pricingtier", "latencytier", "prioritytier",
        "trafficclass", "genaiopenairequestservicetier", "processingmode", "inferencetier", "servicelevel", "traffictype",
        "billingtier", "deploymenttype", "priority", "mode", "tier",
    ),
    "context": ("contextwindow", "contextlength", "contexttier", "contextsize", "contextbucket", "contextrange"),
    "status": (
        "statuscode", "httpstatuscode", "httpstatus", "responsestatuscode", "responsestatus", "httpresponsestatuscode", "status", "state",
        "statusstatuscode", "responsecode", "httpcode", "httpresponsecode", "resultsignature", "outcome", "resulttype", "finalstatus", "requeststatus", "callstatus", "level", "stopreason",
        "finishreason", "finishreasonnormalized", "finishreasonraw", "responsefinishreason",
        "result",
    ),
    "success": ("issuccess", "success", "succeeded", "successful", "ok", "isok"),
    "error": ("errortype", "errorcode", "exceptiontype", "iserror", "haserror", "errormessage", "error", "exception", "errorclass",
              "failurereason"),
    "cancelled": ("cancelled", "canceled", "iscancelled", "aborted", "wascancelled", "interrupted"),
    "cache_hit": ("cachehit", "semanticcachehit", "fromcache", "cached", "iscached", "cachestatus", "servedfromcache",
                  "responsecached", "cachedresponse", "responsefromcache", "gatewaycachehit", "iscachehit"),
    "retries": ("numretries", "retries", "retrycount", "attemptedretries", "retryattempt", "retrycounts", "numberofretries"),
    "currency": ("currency", "costcurrency", "billingcurrency", "currencycode", "amountcurrency", "spendcurrency", "pricecurrency"),
    "request_id": ("requestid", "generationid", "messageid", "responseid", "completionid", "callid", "genairesponseid", "llmcallid",
                   "correlationid", "spanid", "runid", "observationid", "contextspanid", "logid", "id", "uuid"),
    "session_id": ("sessionid", "conversationid", "threadid", "genaiconversationid", "chatid", "traceid", "contexttraceid"),
    "span": ("contextspanid", "spanid", "runid", "observationid", "id"),
    "parent": ("parentspanid", "parentrunid", "parentobservationid", "parentid", "parentcallid", "parentspan", "parentlogid", "spanparents"),
    "kind": (
        "genaioperationname", "openinferencespankind", "traceloopspankind", "operationname", "operation", "runtype",
        "observationtype", "spankind", "calltype", "requesttype", "apimethod", "object", "endpoint", "path", "route", "modeltype",
        "spantype", "eventname", "type", "url", "requestpath", "method", "api", "feature", "kind",
    ),
}  # fmt: skip

# what holds what people wrote: of what is below it only numbers are looked at, one step down
CONTENT = frozenset({
    "messages", "prompt", "prompts", "input", "inputs", "output", "outputs", "completion", "completions", "content",
    "contents", "text", "choices", "candidates", "proxyserverrequest", "question", "answer", "query", "tools", "arguments",
    "instructions", "genaiinputmessages", "genaioutputmessages", "genaiprompt", "genaicompletion", "systeminstructions", "system",
    "systemprompt", "inputbodyjson", "toolcalls", "history", "documents", "generations", "fullrequest",
    "reasoningcontent", "thinking", "conversation", "requestbody", "parameters", "invocationparams",
})  # fmt: skip

_PLACE: dict[str, tuple[str, int]] = {}
for _field, _names in LABELS.items():
    for _rank, _name in enumerate(_names):
        _PLACE.setdefault(_name, (_field, _rank))
AHEAD = ("genai", "llm", "ai")
LONGEST_NAME = 3  # parts of a path that a name is made of


def label(parts: tuple[str, ...]) -> tuple[str, int] | None:
    """Return the field that a path of plain names holds, and how sure that is; None where it is no label.

    >>> label(("attributes", "genairequestmodel")), label(("usage", "prompttokens"))
    (('model', 21), None)
    """
    for length in range(min(LONGEST_NAME, len(parts)), 0, -1):
        found = _place("".join(parts[-length:]))
        if found is not None and (length > 1 or len(parts) == 1 or _may_nest(found[0], parts)):
            return found
    return None


def _place(name: str) -> tuple[str, int] | None:
    """Return the field of a whole name, also behind what says only that all of it is about models."""
    found = _PLACE.get(name)
    ahead = next((one for one in AHEAD if name.startswith(one)), "")
    if found is not None or not ahead or name.removeprefix(ahead) in ("id", "uuid"):
        return found  # of a model, not of a call
    return _PLACE.get(name.removeprefix(ahead))


def _may_nest(field: str, parts: tuple[str, ...]) -> bool:
    """Whether a short name keeps its meaning below another: the id of a part of a call is no id of the call."""
    if field in ("request_id", "span", "parent"):
        return parts[-1] not in ("id", "uuid", "key") or parts[-2] in (
            "message",
            "body",
            "context",
            "generation",
            "response",
            "call",
        )
    if field == "cache_hit":
        return not any(part in parts[-2] for part in ("token", "usage", "cache", "detail"))
    if field in ("kind", "status", "error", "success"):
        return parts[-2] not in ("usage", "user", "metadata", "headers") or parts[-1] in ("status", "runtype")
    return True


@lru_cache(maxsize=20_000)
def alternatives(name: str) -> dict[str, int]:
    """Return every field that a plain name can stand for, with its rank: an id may be a request's and a span's."""
    return {field: names.index(name) for field, names in LABELS.items() if name in names}
