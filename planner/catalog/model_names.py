"""Read a model's name, as written in a log or plan, as the names a price list may have for it.

A name is first tried as written, with the given seller, before anything is removed from it. Each rule below turns one
reading into another; a reading without a seller never overrides one with a seller.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from planner.catalog.sellers import NOT_TOLD, OWN, TOLD, Seller, known_seller, seller
from planner.records import dataclass

MOST_READINGS = 48
LONGEST_NAME = 400


@dataclass(frozen=True)
class Reading:
    """One way to read a name: the seller and the model. `opaque` explains why the name identifies no model.

    `region` is a region that was removed: the listed price is then for elsewhere.
    """

    seller: Seller
    model: str
    opaque: str = ""
    region: str = ""


Rule = Callable[[Reading], Reading | None]

_ARN = re.compile(r"^arn:aws[\w-]*:(\w+):[^:]*:[^:]*:([\w-]+)/(.+)$")
_PUBLISHED = re.compile(r"(?:^|/)publishers/([^/]+)/models/([^/]+)")
_GOOGLE_PROJECT = re.compile(
    r"^projects/[^/]+/locations/[^/]+/(endpoints|models|tunedModels|reasoningEngines)/", re.IGNORECASE
)
_BEDROCK_VENDORS = (
    "anthropic|amazon|meta|mistral|cohere|ai21|deepseek|qwen|openai|stability|writer|google|minimax|moonshot|moonshotai|nvidia"
    "|zai|luma|twelvelabs|xai"
)
_REGIONS = r"us-gov|us|eu|apac|ap|jp|au|ca|sa|me|il|in|uk|af|mx"
_BEDROCK = re.compile(rf"^((?:{_REGIONS}|global)\.)?(?:{_BEDROCK_VENDORS})\.[a-z0-9]", re.IGNORECASE)
_REGION_DOT = re.compile(rf"^(?:{_REGIONS})\.", re.IGNORECASE)
_ROUTE = re.compile(
    r"^(converse|converse_like|invoke|responses|chat|completions?|text|embeddings?|async_invoke|global(?:-standard)?|datazone|regional"
    r"|us|eu|apac|(?:us|eu|ap|sa|ca|me|af|il|mx)(?:-gov)?-[a-z]+-?\d|[a-z]+-?(?:central|east|west|north|south)\d?|v\d+|deployments|models)/(?=.)",
    re.IGNORECASE,
)
_ROUTE_WORD = re.compile(
    r"^(converse|invoke|respon|chat|compl|text|embed|async|global|v\d|deploy|models)", re.IGNORECASE
)
_OWN_FILE = re.compile(r"^(/|\./|\.\./|~/|[a-z]:\\|file:)|\.(gguf|ggml|safetensors|bin|onnx)$", re.IGNORECASE)
_OLLAMA_TAG = re.compile(
    r"^[\w./-]+:(?:e?\d+(?:\.\d+)?[bm]\b[\w.-]*|latest|(?:instruct|chat|text|code)-?[\w.-]*q\d[\w.-]*|q\d[\w.-]*)$",
    re.IGNORECASE,
)
_TUNED = re.compile(r"^ft:|[.:/-]ft[:-]|^tunedmodels/", re.IGNORECASE)
_OTHER_PRODUCT = re.compile(r"distill|audio|realtime|transcribe|tts|image|embed|live(?=-)|rerank")
_MODES = re.compile(r"-(?:thinking|minimal|low|medium|high|xhigh|auto)$")
_WITH_MODES = re.compile(r"^(claude|gpt|o\d|gemini|grok|codex)")
_VERSION_FIRST = re.compile(r"^claude-(\d+(?:[.-]\d)?)-([a-z]+)(.*)$")
_DATE = re.compile(r"[-@:]20\d{2}-?[01]\d-?[0-3]\d$|[-@](?:latest|default|00\d)$")
_OPENROUTER_ROUTE = re.compile(r":(?:nitro|floor|exacto|beta|thinking|online)$")


def readings(name: str, hint: str = "") -> tuple[Reading, ...]:
    """Return the ways to read a name, likeliest first; `hint` is any other information on the seller.

    >>> [(one.seller.name, one.model) for one in readings("bedrock/converse/us.anthropic.claude-sonnet-4-6")][-1]
    ('aws', 'anthropic.claude-sonnet-4.6')
    >>> readings("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc")[-1].opaque
    'an inference profile of an account names no model'
    """
    found = [Reading(seller(hint), _bare(name))]
    for rule in _RULES:
        for one in tuple(found):
            changed = rule(one)
            if changed is not None and changed not in found and len(found) < MOST_READINGS:
                found.append(changed)
    return _decided(found)


def is_tuned(name: str) -> bool:
    """Say whether a name is a fine-tuned model, which is never priced as its base model."""
    return _TUNED.search(name) is not None


def may_be(name: str, listed: str, *, tuned: bool) -> bool:
    """Say whether a name may be priced as a listed model: tuned, distilled and audio models are other products.

    >>> may_be("deepseek-r1-distill-llama-70b", "deepseek-reasoner", tuned=False)
    False
    """
    if tuned and not is_tuned(listed):
        return False
    return all(word in listed.lower() for word in _OTHER_PRODUCT.findall(name.lower()))


def _decided(found: list[Reading]) -> tuple[Reading, ...]:
    """Return the valid readings: only own servers if any, else those with a seller if any."""
    own = [one for one in found if one.seller.kind == OWN]
    if own:
        return tuple(own)
    opaque = [one for one in found if one.opaque]
    if opaque:
        return tuple(opaque)
    told = [one for one in found if one.seller.kind == TOLD]
    return tuple(told or found)


def _bare(name: str) -> str:
    text = re.sub(r"\s+", " ", name.strip().strip("\"'`")).strip()[:LONGEST_NAME]
    return re.sub(r"\[[^\]]*\]$", "", text).strip()  # "[1m]": a context setting of a client


def _own_weights(one: Reading) -> Reading | None:
    """Read a file or tag of a local server."""
    if one.seller.kind != NOT_TOLD or not (_OWN_FILE.search(one.model) or _OLLAMA_TAG.match(one.model)):
        return None
    return Reading(Seller(OWN, "a local file or tag"), one.model)


def _arn(one: Reading) -> Reading | None:
    found = _ARN.match(one.model)
    if not found:
        return None
    service, kind, name = found.groups()
    if service != "bedrock":
        return Reading(Seller(OWN, service), name)
    if kind in ("foundation-model", "inference-profile"):
        return Reading(Seller(TOLD, "aws"), name)
    words = {
        "application-inference-profile": "an inference profile of an account",
        "provisioned-model": "a provisioned model",
    }
    return Reading(
        Seller(TOLD, "aws"), name, f"{words.get(kind, 'a deployment of an account')} names no model"
    )


def _cloud_path(one: Reading) -> Reading | None:
    found = _PUBLISHED.search(one.model)
    if found:
        return Reading(Seller(TOLD, "google"), found.group(2))
    project = _GOOGLE_PROJECT.match(one.model)
    if project:
        return Reading(Seller(TOLD, "google"), one.model, "an endpoint of a project names no model")
    if one.model.startswith("models/"):
        chosen = one.seller if one.seller.kind == TOLD else Seller(TOLD, "google")
        return Reading(chosen, one.model.removeprefix("models/"))
    if one.model.startswith(("accounts/fireworks/", "@cf/")):
        return Reading(Seller(TOLD, "cloudflare" if one.model[0] == "@" else "fireworks"), one.model)
    if one.model.startswith("accounts/"):
        return Reading(Seller(TOLD, "fireworks"), one.model, "a deployment of an account names no model")
    return None


def _prefix(one: Reading) -> Reading | None:
    """Read "seller/model", "seller:model" and "@seller/model"; an explicitly given seller wins."""
    found = re.match(r"^@?([\w.-]+)([/:])(.+)$", one.model)
    if not found or one.model.startswith("@cf/"):
        return None
    word, _, rest = found.groups()
    named = known_seller(word) or (seller(word) if one.model[0] == "@" else None)
    if named is None:
        return None
    return Reading(named if named.kind == OWN or one.seller.kind == NOT_TOLD else one.seller, rest)


def _route(one: Reading) -> Reading | None:
    """Remove an API route or a region between seller and model."""
    shorter, region = one.model, one.region
    while one.seller.kind == TOLD and (found := _ROUTE.match(shorter)):
        shorter = shorter[found.end() :]
        region = region if _ROUTE_WORD.match(found.group(1)) else found.group(1)
    return None if shorter == one.model else Reading(one.seller, shorter, region=region)


def _bedrock(one: Reading) -> Reading | None:
    if one.seller.kind == NOT_TOLD and _BEDROCK.match(one.model):
        return Reading(Seller(TOLD, "aws"), one.model)
    return None


def _bedrock_parts(one: Reading) -> Reading | None:
    """Remove a context length after a version, and the region of an unlisted inference profile."""
    if one.seller.name != "aws":
        return None
    plain = re.sub(r":\d+k$|:mm$", "", one.model)
    shorter = _REGION_DOT.sub("", plain)
    region = one.region if shorter == plain else plain.partition(".")[0]
    return None if shorter == one.model else Reading(one.seller, shorter, region=region)


def _hub(one: Reading) -> Reading | None:
    """Read the seller behind Hugging Face's router: "model:seller", or "seller/model"."""
    if one.seller.name != "huggingface":
        return None
    found = re.match(r"^(.+):([a-z-]+)$", one.model) or re.match(r"^()([a-z-]+)(?=/.+/)", one.model)
    if not found:
        return None
    model = found.group(1) or one.model.split("/", 1)[1]
    return Reading(Seller(TOLD, f"huggingface_{found.group(2)}"), model)


def _as(one: Reading, model: str) -> Reading | None:
    return None if model == one.model else replace(one, model=model)


def _in_account(one: Reading) -> Reading | None:
    if one.seller.name == "fireworks" and "/" not in one.model:
        return _as(one, f"accounts/fireworks/models/{one.model}")
    if one.seller.name == "cloudflare" and not one.model.startswith("@cf/"):
        return _as(one, f"@cf/{one.model}")
    return None


def _organisation(one: Reading) -> Reading | None:
    """Remove the maker's prefix for sellers that name models without one."""
    if one.seller.kind != TOLD or "/" not in one.model or one.model.startswith(("accounts/", "@cf/")):
        return None
    return _as(one, one.model.rpartition("/")[2])


def _shown(one: Reading) -> Reading | None:
    """Read a display name: "Claude Sonnet 4.5", "GPT-4o mini"."""
    if " " not in one.model:
        return None
    return _as(one, re.sub(r"\s*\([^)]*\)$", "", one.model).replace(" ", "-").lower())


def _family_first(one: Reading) -> Reading | None:
    """Read "claude-4.5-sonnet", as some clients write it, as "claude-sonnet-4.5"."""
    found = _VERSION_FIRST.match(one.model.lower())
    return _as(one, "claude-{1}-{0}{2}".format(*found.groups())) if found else None


def _mode(one: Reading) -> Reading | None:
    """Remove a client's setting after the model, such as the thinking effort."""
    shorter = one.model.lower()
    if not _WITH_MODES.match(shorter):
        return None
    while found := _MODES.search(shorter):
        shorter = shorter[: found.start()]
    return _as(one, shorter)


def _version(one: Reading) -> Reading | None:
    """Read a version after "@" as one after "-"."""
    return _as(one, one.model.replace("@", "-")) if "@" in one.model[1:] else None


def _undated(one: Reading) -> Reading | None:
    """Remove the date of a snapshot."""
    shorter = _DATE.sub("", one.model)
    return None if is_tuned(one.model) else _as(one, shorter)


def _dotted(one: Reading) -> Reading | None:
    """Read "gpt-5-1-mini" as "gpt-5.1-mini"."""
    changed = re.sub(r"(?<=[a-z]-\d)-(?=\d(?:-|$))", ".", one.model.lower())
    return _as(one, changed)


def _undotted(one: Reading) -> Reading | None:
    changed = re.sub(r"(?<=\d)\.(?=\d)", "-", one.model.lower())
    return _as(one, changed)


def _any_route(one: Reading) -> Reading | None:
    """Remove a router's instruction for choosing among sellers."""
    if one.seller.name != "openrouter":
        return None
    shorter = _OPENROUTER_ROUTE.sub("", one.model)
    return _as(one, shorter)


_RULES: tuple[Rule, ...] = (
    _own_weights, _arn, _cloud_path, _prefix, _prefix, _cloud_path, _route, _bedrock, _bedrock_parts, _hub, _in_account, _any_route,
    _organisation, _shown, _mode, _family_first, _version, _undated, _dotted, _undotted,
)  # fmt: skip
