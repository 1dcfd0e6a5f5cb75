"""Identify the seller of a model's tokens from the names used in logs, gateways and plans.

The names were collected in 2026-11 from: the provider names of LiteLLM, of the Vercel AI SDK, of pydantic-ai, of the OpenTelemetry
GenAI registry (gen_ai.system, gen_ai.provider.name), of Portkey, Helicone and Langfuse; and the providers of genai-prices.
"""

import re

from planner.records import dataclass

TOLD, NOT_TOLD, OWN, UNLISTED = "told", "not told", "own servers", "unlisted"

# other names of the price list's providers; compared in lower case, with "-" for "_", "." and spaces
_CALLED: dict[str, str] = {
    "openai": "openai text-completion-openai openai-responses openai-chat chatgpt oai open-ai",
    "azure": "azure azure-ai azure-openai az-ai-openai azure-ai-openai azure-ai-inference az-ai-inference azure-text aoai "
    "microsoft azure-cognitive-services microsoft-foundry azure-foundry azure-ai-foundry",
    "aws": "aws aws-bedrock bedrock bedrock-converse amazon-bedrock amazon bedrock-mantle bedrock-runtime",
    "google": "google gemini vertex vertex-ai vertex-ai-beta vertexai google-vertex google-vertexai google-gla google-genai "
    "google-ai google-ai-studio gcp-gemini gcp-vertex-ai gcp-gen-ai google-generative-ai google-vertex-anthropic "
    "google-vertex-ai palm google-anthropic-vertex vertex-anthropic gemini-api google-gemini google-cloud",
    "anthropic": "anthropic claude anthropic-text",
    "mistral": "mistral mistralai mistral-ai codestral text-completion-codestral",
    "x-ai": "x-ai xai grok x-ai-grok",
    "together": "together together-ai togetherai",
    "fireworks": "fireworks fireworks-ai fireworksai",
    "moonshotai": "moonshot moonshotai moonshot-ai kimi",
    "zai": "zai z-ai",
    "zhipuai": "zhipu zhipuai zhipu-ai bigmodel",
    "cloudflare": "cloudflare workers-ai cloudflare-workers-ai",
    "cohere": "cohere cohere-chat cohereai",
    "github-copilot": "github-copilot copilot",
    "voyageai": "voyage voyageai voyage-ai",
    "minimax": "minimax minimaxi",
    "deepseek": "deepseek deep-seek",
    "perplexity": "perplexity perplexity-ai perplexityai pplx",
    "openrouter": "openrouter open-router",
    "huggingface": "huggingface hugging-face hf huggingface-router",
    "novita": "novita novita-ai",
    "meta": "meta meta-ai",
}
_CALLED_SO = "arcee avian baseten cerebras cursor databricks doubleword elevenlabs groq modal openai-decisions ovhcloud quicksilverpro typesafe"
_BEHIND_HUB = (
    "cerebras fireworks-ai groq hyperbolic nebius novita nscale ovhcloud publicai sambanova together"
)
_OWN = (
    "vllm hosted-vllm ollama ollama-chat lmstudio lm-studio llamacpp llama-cpp llamafile tgi text-generation-inference sglang "
    "triton tensorrt-llm trtllm xinference localai local-ai local localhost self-hosted selfhosted self-host on-prem onprem "
    "own internal koboldcpp oobabooga mlx mlx-lm gpt4all jan petals docker-model-runner sagemaker sagemaker-chat sagemaker-endpoint aphexis lmdeploy infinity"
)
# gateways to many sellers, or no information on the seller: the model's name may still identify it
_SAYS_NOTHING = (
    "litellm litellm-proxy portkey helicone vercel vercel-ai-gateway ai-gateway aigateway gateway proxy cloudflare-ai-gateway "
    "langfuse langchain langsmith llamaindex llama-index unify unknown none null nan n/a na default other api llm router "
    "undefined - ? chat completion completions responses pydantic-ai crewai haystack dspy kong envoy requesty"
)
_REACHES_MANY = frozenset({"proxy", "gateway", "router", "litellm", "portkey", "helicone"})
_MEANS = {
    **{word: provider for provider, words in _CALLED.items() for word in words.split()},
    **{word: word for word in _CALLED_SO.split()},
    **{f"huggingface-{word}": f"huggingface_{word}" for word in _BEHIND_HUB.split()},
}
_OWN_WORDS = frozenset(_OWN.split())
_NOTHING_WORDS = frozenset(_SAYS_NOTHING.split())
_WEIGHTS_ORGS = frozenset(
    {"mistralai", "microsoft", "moonshotai", "perplexity-ai", "amazon", "meta"}
)  # not a seller when written before a model
_LIKE = re.compile(
    r"(openai|open-ai|anthropic)-?(like|compatible|compat)|custom-(openai|openai-like)|compatible"
)
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")  # words written as one
_ADDRESS = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?([a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d+)?(?:/.*)?$")
_OWN_HOST = re.compile(
    r"^(localhost|[\w-]+|\[.*\]|127\.[\d.]+|10\.[\d.]+|192\.168\.[\d.]+|172\.(1[6-9]|2\d|3[01])\.[\d.]+|0\.0\.0\.0"
    r"|.*\.(local|localhost|internal|lan|corp|home|svc|intranet|cluster\.local))$"
)
LONGEST_WORD = 200


@dataclass(frozen=True)
class Seller:
    """A seller: `kind` says whether it is given; `name` is the price list's provider, or the word found."""

    kind: str
    name: str = ""


NOBODY = Seller(NOT_TOLD)


def seller(word: str) -> Seller:
    """Return the seller for a word: a provider's name in any spelling.

    >>> seller("bedrock_converse").name, seller("AzureOpenAI").name, seller("google.vertex.chat").name
    ('aws', 'azure', 'google')
    >>> seller("hosted_vllm").kind, seller("http://10.0.0.7:8000/v1").kind, seller("litellm").kind, seller("deepinfra").kind
    ('own servers', 'own servers', 'not told', 'unlisted')
    """
    apart = _JOINED.sub("-", word)
    if apart != word and word.strip().lower() not in _MEANS and (whole := seller(apart)).kind == TOLD:
        return whole
    plain = word.strip().strip("\"'").lower()[:LONGEST_WORD]
    if is_address(plain):
        return _of_address(plain)
    plain = re.sub(r"[\s_.]+", "-", plain).strip("-@")
    if not plain or plain in _NOTHING_WORDS:
        return NOBODY
    if plain in _OWN_WORDS:
        return Seller(OWN, plain)
    if _LIKE.search(plain):
        return Seller(UNLISTED, plain)
    parts = plain.split("-")
    for length in range(
        len(parts), 0, -1
    ):  # "openai-responses-v2" starts with a name; take the longest match
        if (found := "-".join(parts[:length])) in _MEANS:
            return Seller(TOLD, _MEANS[found])
        if found in _OWN_WORDS and length < len(parts):
            return Seller(OWN, found)
    if _REACHES_MANY & set(parts):
        return NOBODY
    inside = [part for part in parts if part in _MEANS]
    return Seller(TOLD, _MEANS[inside[0]]) if len(set(inside)) == 1 else Seller(UNLISTED, plain)


def known_seller(word: str) -> Seller | None:
    """Return the seller with exactly this name, or None; for prefixes before a model.

    >>> known_seller("vertex_ai").name, known_seller("meta-llama")
    ('google', None)
    """
    plain = re.sub(r"[\s_.]+", "-", word.strip().lower()[:LONGEST_WORD])
    if plain in _MEANS and plain not in _WEIGHTS_ORGS:
        return Seller(TOLD, _MEANS[plain])
    if plain in _OWN_WORDS:
        return Seller(OWN, plain)
    return NOBODY if plain in _NOTHING_WORDS - {"default", "chat", "-", "?"} else None


def is_address(word: str) -> bool:
    """Say whether a word is the address of a server rather than the name of one.

    >>> is_address("https://api.openai.com/v1"), is_address("10.0.0.7:8000"), is_address("azure.ai.openai")
    (True, True, False)
    """
    return (
        "://" in word
        or re.match(r"^[\w.-]+:\d{2,5}(/|$)", word) is not None
        or (re.match(r"^(\d+\.){3}\d+|localhost", word) is not None)
    )


def _of_address(address: str) -> Seller:
    found = _ADDRESS.match(address)
    host = found.group(1) if found else address
    return Seller(OWN, host) if _OWN_HOST.match(host) else Seller(UNLISTED, address)
