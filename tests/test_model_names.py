"""Names of models: each way in which logs and plans write them finds its own seller's price, or none at all."""

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.catalog import sellers
from planner.catalog.api_offers import NotListed, Offer, find_offer, look_up, offers
from planner.catalog.model_names import readings
from planner.errors import ScenarioError


@pytest.mark.parametrize(
    ("name", "seller", "listed"),
    [
        ("openai/gpt-4o-mini", "", "openai:gpt-4o-mini"),
        ("openai/responses/gpt-5.4", "", "openai:gpt-5.4"),
        ("azure/eu/gpt-4o-2024-08-06", "", "azure:gpt-4o"),
        ("azure/global-standard/gpt-4o", "", "azure:gpt-4o"),
        ("xai/grok-4-latest", "", "x-ai:grok-4-0709"),
        ("@anthropic-prod/claude-opus-4-5", "", "anthropic:claude-opus-4-5"),
        ("openai:gpt-5.4", "", "openai:gpt-5.4"),
        ("google-gla:gemini-2.5-pro", "", "google:gemini-2.5-pro"),
        ("gpt-5.4", "openai.responses", "openai:gpt-5.4"),
        ("gpt-4o", "https://acme.openai.azure.com/openai", "azure:gpt-4o"),
        ("gpt-4o", "litellm_proxy", "openai:gpt-4o"),
    ],
)
def test_the_seller_is_read_from_a_prefix_a_word_or_an_address(name, seller, listed):
    assert find_offer(name, seller).name == listed


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("anthropic.claude-3-haiku-20240307-v1:0", "aws:regional.anthropic.claude-3-haiku-20240307-v1:0"),
        ("jp.anthropic.claude-sonnet-4-5-20250929-v1:0", "aws:regional.anthropic.claude-sonnet-4-5-20250929-v1:0"),
        ("global.anthropic.claude-sonnet-4-6", "aws:global.anthropic.claude-sonnet-4-6-v1:0"),
        ("anthropic.claude-3-sonnet-20240229-v1:0:200k", "aws:regional.anthropic.claude-3-sonnet-20240229-v1:0"),
        ("bedrock/converse/eu-west-3/amazon.nova-lite-v1:0", "aws:amazon.nova-lite-v1:0"),
        ("arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0", "aws:amazon.nova-pro-v1:0"),
        ("arn:aws-us-gov:bedrock:us-gov-west-1:1:inference-profile/us-gov.amazon.nova-pro-v1:0", "aws:amazon.nova-pro-v1:0"),
        ("projects/p/locations/us/publishers/google/models/gemini-2.5-flash", "google:gemini-2.5-flash"),
        ("publishers/anthropic/models/claude-sonnet-4-5@20250929", "google:claude-sonnet-4-5"),
        ("models/gemini-2.5-pro", "google:gemini-2.5-pro"),
        ("workers-ai/@cf/meta/llama-3.1-8b-instruct", "cloudflare:@cf/meta/llama-3.1-8b-instruct"),
    ],
)  # fmt: skip
def test_names_of_a_cloud_find_the_price_of_that_cloud(name, listed):
    assert find_offer(name).name == listed


@pytest.mark.parametrize(
    ("name", "listed"),
    [
        ("claude-sonnet-4-5@20250929", "anthropic:claude-sonnet-4-5"),
        ("claude-sonnet-4-5-20250929[1m]", "anthropic:claude-sonnet-4-5"),
        ("claude-4.5-sonnet-thinking", "anthropic:claude-sonnet-4-5"),
        ("Claude Opus 4.5", "anthropic:claude-opus-4-5"),
        ("GPT-4o mini", "openai:gpt-4o-mini"),
        ("gpt-5-high", "openai:gpt-5"),
        ("gpt-4-1-mini", "openai:gpt-4.1-mini"),
        ("gpt-35-turbo", "openai:gpt-3.5-turbo"),
        ("gpt-4o:2024-08-06", "openai:gpt-4o"),
        ("gemini-2.0-flash-001", "google:gemini-2.0-flash"),
        ("chatgpt-4o-latest", "openai:chatgpt-4o-latest"),
        ("ft:gpt-4o-mini-2024-07-18:acme::AbC123", "openai:ft:gpt-4o-mini"),
    ],
)
def test_versions_settings_and_shown_names_find_their_model(name, listed):
    assert find_offer(name).name == listed


@pytest.mark.parametrize(
    ("name", "seller", "words"),
    [
        ("gpt-4o-mini", "deepinfra", "list of deepinfra"),
        ("google/gemini-2.5-pro", "some-reseller", "list of some-reseller"),
        ("openai/gpt-oss-120b", "", "several providers"),
        ("mistralai/Mistral-Small-3.1-24B-Instruct-2503", "", "not on the price list"),
        ("prod-gpt4o", "azure", "list of azure"),
        ("ft:gpt-4.1-2025-04-14:acme::x", "", "not on the price list"),
        ("ft:gpt-4-0613:acme::1", "", "not on the price list"),
        ("deepseek-r1-distill-llama-70b", "deepseek", "not on the price list"),
        ("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc", "", "names no model"),
        ("projects/p/locations/us/endpoints/12", "", "names no model"),
        ("accounts/acme/deployments/x", "", "names no model"),
    ],
)
def test_a_name_never_takes_the_price_of_another_seller_or_another_model(name, seller, words):
    found = look_up(name, seller)
    assert isinstance(found, NotListed)
    assert words in found.what


@pytest.mark.parametrize(
    ("name", "seller"),
    [
        ("meta-llama/Llama-3.1-8B-Instruct", "hosted_vllm"),
        ("hosted_vllm/gpt-oss-120b", ""),
        ("gpt-4o", "http://10.1.2.3:8000/v1"),
        ("gpt-4o", "localhost:11434"),
        ("llama3.1:8b", ""),
        ("./models/qwen.gguf", ""),
        ("ollama/qwen2.5:7b-instruct-q4_K_M", ""),
    ],
)
def test_a_model_on_own_servers_has_no_list_price(name, seller):
    found = look_up(name, seller)
    assert isinstance(found, NotListed)
    assert "own servers" in found.what


def test_the_name_is_tried_whole_with_its_seller_first():
    first = readings("openai/gpt-oss-120b", "groq")[0]
    assert (first.seller.name, first.model) == ("groq", "openai/gpt-oss-120b")
    assert (
        find_offer("deepseek/deepseek-chat-v3.1", "openrouter").name
        == "openrouter:deepseek/deepseek-chat-v3.1"
    )


def test_a_region_without_a_price_of_its_own_is_told():
    assert "region eu" in find_offer("azure/eu/gpt-4o").notes[-1]


def test_every_name_of_the_list_finds_itself_again():
    assert all(find_offer(offer.name).model is offer.model for offer in offers())


def test_every_seller_of_the_list_is_known_by_its_own_name():
    unknown = [
        one.id
        for one in get_snapshot().providers
        if sellers.seller(one.id) != sellers.Seller(sellers.TOLD, one.id)
    ]
    assert not unknown, genai_prices.__version__


def test_a_plan_is_told_what_is_close():
    with pytest.raises(ScenarioError, match=r"openai:gpt-5\.4"):
        find_offer("openai:gpt-5.44")


@settings(max_examples=300, deadline=None)
@given(name=st.text(alphabet="agpt4-o./:@ |claude[]v1arn", max_size=60), seller=st.text(max_size=20))
def test_any_name_is_an_offer_or_a_reason(name, seller):
    assert isinstance(look_up(name, seller), Offer | NotListed)
