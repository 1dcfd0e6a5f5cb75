"""Read a Hugging Face config.json as a model description: its blocks with their dimensions."""

from collections.abc import Mapping
from typing import Any

from planner.catalog.hf_config import families
from planner.catalog.hf_config.feeding import feeding_blocks
from planner.catalog.hf_config.fields import (
    CONTEXT,
    EXPERTS,
    HIDDEN,
    LAYERS,
    MOST_CONTEXT,
    MOST_LAYERS,
    VOCAB,
    Fields,
)
from planner.catalog.hf_config.layers import MLP, MOE, feeding, mixers, single_blocks
from planner.catalog.hf_config.mixing import mixer_blocks
from planner.catalog.hf_config.precision import int4_group, shipped_weights
from planner.catalog.hf_config.towers import tower_params
from planner.catalog.hf_config.variants import SPECIAL, blocks_of_variants
from planner.catalog.llms.described import llm_from_table, table_problems
from planner.catalog.llms.shape import Llm
from planner.errors import Problem, ScenarioError
from planner.records import dataclass

__all__ = ["Read", "llm_from_hf_config", "read_hf_config"]
Block = dict[str, Any]
_TRIED_LAYERS = 24  # if the layer count is invalid: to find further problems
_DEEPEST = 3  # nested tables
_TEXT_PARTS = ("text_config", "llm_config", "language_config", "thinker_config")


@dataclass(frozen=True, kw_only=True)
class Read:
    """A parsed config.json: the `table` that describes the model in a plan, and notes on it."""

    table: dict[str, Any]
    notes: tuple[str, ...] = ()


def llm_from_hf_config(config: Mapping[str, Any], *, where: str = "config.json") -> Llm:
    """Return the model described by a Hugging Face `config.json`."""
    return llm_from_table(read_hf_config(config, where=where).table, where=where)


def read_hf_config(config: Mapping[str, Any], *, where: str = "config.json") -> Read:
    """Return a Hugging Face `config.json` as a description by blocks.

    For a multimodal model, the text part is described and its towers are counted as weights.

    Raises:
        ScenarioError: everything that is missing, out of range or of an unknown kind.
    """
    text, kind = _text_part(config, where)
    _refuse_others(config, text, kind, where)
    family = families.base(kind)
    f = Fields(_flat(text), defaults=_defaults(config, kind), where=where)
    table: dict[str, Any] = {
        "hidden": f.needed(*HIDDEN), "vocab": f.needed(*VOCAB), "tied_embeddings": int(_tied(config, f)),
    }  # fmt: skip
    context = f.number(*CONTEXT, most=MOST_CONTEXT)
    table |= {"max_context_tokens": context} if context else {}
    blocks = _blocks(f, family)
    lookup = (
        f.number("vocab_size_per_layer_input") * f.number("hidden_size_per_layer_input") * f.number(*LAYERS)
    )
    towers = tower_params(config, hidden=table["hidden"], where=where)
    table |= {"lookup_params": lookup} if lookup else {}
    table |= {"tower_params": towers} if towers else {}
    weights = shipped_weights(config, text)
    table |= {"weights": weights} if weights else {}
    group = int4_group(config, text)
    table |= {"int4_group": group} if group else {}
    if family in families.TWO_MIXERS:
        table["layers"] = f.number(*LAYERS)
    table["blocks"] = blocks
    if _state_dtype(f) in {"bfloat16", "float16"}:
        table["state_element_bytes"] = 2
    problems = f.problems or list(table_problems(table, where=where))
    if problems:
        raise ScenarioError(list({one.where: one for one in reversed(problems)}.values())[::-1], source=where)
    return Read(table=_whole(table), notes=_notes(f, kind))


def _text_part(config: Mapping[str, Any], where: str, depth: int = 0) -> tuple[Mapping[str, Any], str]:
    """Return the part of a file that describes the language model, and its model_type."""
    kind = config.get("model_type", "")
    for name in _TEXT_PARTS:
        inner = config.get(name)
        if inner is None or depth == _DEEPEST:
            continue
        if not isinstance(inner, Mapping):
            raise ScenarioError(
                [Problem(f"{where}.{name}", f"is {inner!r}; it must be a table.")], source=where
            )
        found, inner_kind = _text_part(inner, f"{where}.{name}", depth + 1)
        return found, inner_kind or str(kind)
    return config, str(kind)


def _flat(text: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file's fields together with those in its sections for attention and experts (DBRX, MPT)."""
    parts = (text.get(name) for name in ("attn_config", "ffn_config"))
    inner = {key: value for part in parts if isinstance(part, Mapping) for key, value in part.items()}
    return {**inner, **text}


def _refuse_others(config: Mapping[str, Any], text: Mapping[str, Any], kind: str, where: str) -> None:
    """Raise ScenarioError for models that aren't decoders, or have parts that can't be described."""
    both = bool(config.get("is_encoder_decoder") or text.get("is_encoder_decoder"))
    if both or kind in families.ENCODERS:
        what = f"describes an encoder{' and a decoder' if both else ''} ({kind})."
        hint = "Only decoders, which generate one token at a time, can be planned."
        raise ScenarioError([Problem(where, what, hint)], source=where)
    base = families.base(kind)
    if base in families.NOT_DESCRIBED:
        hint = "Describe the model by its blocks in the plan's [models]."
        what = f"describes {kind}, which can't be read: {families.NOT_DESCRIBED[base]}."
        raise ScenarioError([Problem(where, what, hint)], source=where)


def _defaults(config: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    """Return the defaults of the text part, or of the whole model if the part has no model_type."""
    for name in (kind, families.READ_AS.get(kind, ""), str(config.get("model_type", ""))):
        if families.known(name):
            return families.defaults(name)
    return {}


def _tied(config: Mapping[str, Any], f: Fields) -> bool:
    """Say whether the output layer shares the embedding table, by the text part, the file or the defaults."""
    if not f.has("tie_word_embeddings") and isinstance(config.get("tie_word_embeddings"), bool):
        return bool(config["tie_word_embeddings"])
    return f.flag(
        "tie_word_embeddings", "embeddings_tied", default=str(f.given.get("model_type")) in families.TIED
    )


def _state_dtype(f: Fields) -> str:
    return str(f.value("mamba_ssm_dtype", "mamba_ssm_cache_dtype") or "float32")


def _blocks(f: Fields, kind: str) -> list[Block]:
    """Return the blocks of all layers, identical ones together."""
    variants = blocks_of_variants(f)
    if variants:
        return _together(variants)
    singles = single_blocks(f)
    if singles:
        found = [
            block
            for place, word in enumerate(singles)
            for block in (feeding_blocks(f, word, place, kind) if word in (MLP, MOE) else mixer_blocks(f, word, place, kind))
        ]  # fmt: skip
        return _together(found)
    layers = int(f.needed(*LAYERS, most=MOST_LAYERS))
    if kind in SPECIAL:
        return SPECIAL[kind](f, layers)
    layers = layers or _TRIED_LAYERS
    pairs = [*zip(mixers(f, layers, kind), feeding(f, layers), strict=True)]
    tried = {pair: place for place, pair in reversed([*enumerate(pairs)])}
    for (mixer, _), place in tried.items():
        mixer_blocks(f, mixer, place, kind)
    if f.problems:  # the layers with experts may be unknown by now
        for feed in {feed for _, feed in pairs} | ({MOE} if f.number(*EXPERTS) else set()):
            feeding_blocks(f, feed, 0, kind)
        return []
    found = []
    for place, (mixer, feed) in enumerate(pairs):
        found += mixer_blocks(f, mixer, place, kind)
        found += [] if kind in _ONLY_MIXERS else feeding_blocks(f, feed, place, kind)
        if f.problems:
            break  # further layers have the same problems
    return _together(found)


_ONLY_MIXERS = frozenset(("mamba", "mamba2", "falcon_mamba"))


def _together(blocks: list[Block]) -> list[Block]:
    """Return each kind of block once, with its count, in the order of first appearance."""
    counted: dict[tuple[Any, ...], int] = {}
    for block in blocks:
        key = tuple(block.items())
        counted[key] = counted.get(key, 0) + 1
    return [{"kind": dict(key)["kind"], "count": count} | dict(key) for key, count in counted.items()]


def _whole(table: dict[str, Any]) -> dict[str, Any]:
    """Return the table with whole numbers as ints."""
    blocks = [{key: _int(value) for key, value in block.items()} for block in table["blocks"]]
    return {key: _int(value) for key, value in table.items()} | {"blocks": blocks}


def _int(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value == int(value) else value


def _notes(f: Fields, kind: str) -> tuple[str, ...]:
    """Return notes on what was missing from the file."""
    notes = []
    used = {name: value for name, value in f.filled.items() if not isinstance(value, bool) and value}
    if used:
        listed = ", ".join(f"{name} {value}" for name, value in sorted(used.items()))
        notes.append(f"not in the file, from the defaults of {kind}: {listed}")
    if not families.known(kind) and kind not in families.READ_AS:
        tied = (
            "" if f.has("tie_word_embeddings") else "; its output layer is assumed not tied to the embeddings"
        )
        notes.append(f"the architecture {kind or 'without a model_type'} is read by the usual names{tied}")
    return tuple(notes)
