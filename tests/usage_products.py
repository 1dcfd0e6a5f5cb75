"""Small logs in the shapes of many products, with what is right: for the tests of the import and for its fuzzing."""

import json
from dataclasses import dataclass, field
from typing import Any

SECRET = "Dear doctor, my sister's passport is X1234567"
Wanted = dict[str, Any]


@dataclass(frozen=True)
class Product:
    """A log of a product: its bytes, the end of its name, what an import must say, and the user's columns."""

    data: bytes
    extension: str
    wanted: Wanted
    columns: dict[str, str] = field(default_factory=dict)


PRODUCTS: dict[str, Product] = {}


def wanted(**values: Any) -> Wanted:
    """Totals `reasoning`, `read`, `write`, `write1h`, means `prompt` and `output`, and what else is told."""
    return values


def lines(name: str, rows: list[Any], want: Wanted) -> None:
    """Add a log of JSON lines."""
    PRODUCTS[name] = Product("".join(json.dumps(row) + "\n" for row in rows).encode(), "jsonl", want)


def document(name: str, value: Any, want: Wanted) -> None:
    """Add a log of one JSON document."""
    PRODUCTS[name] = Product(json.dumps(value, indent=1).encode(), "json", want)


def table(
    name: str, text: str, want: Wanted, columns: dict[str, str] | None = None, ext: str = "csv"
) -> None:
    """Add a table."""
    PRODUCTS[name] = Product(text.encode(), ext, want, columns or {})


# --- tracers
document(
    "braintrust",
    {
        "events": [
            {
                "id": "e1",
                "span_id": "s1",
                "root_span_id": "s1",
                "span_parents": [],
                "created": "2026-11-20T10:00:00Z",
                "metrics": {"start": 1795168800.1, "end": 1795168803},
                "span_attributes": {"name": "task", "type": "task"},
            },
            {
                "id": "e2",
                "span_id": "s2",
                "root_span_id": "s1",
                "span_parents": ["s1"],
                "created": "2026-11-20T10:00:01Z",
                "metadata": {"model": "gpt-4o-2024-08-06"},
                "metrics": {
                    "start": 1795168801.1,
                    "end": 1795168803,
                    "prompt_tokens": 1000,
                    "completion_tokens": 100,
                    "tokens": 1100,
                    "prompt_cached_tokens": 200,
                    "completion_reasoning_tokens": 0,
                },
                "span_attributes": {"name": "Chat Completion", "type": "llm"},
            },
        ],
        "cursor": None,
    },
    wanted(requests=1, prompt=1000, output=100, read=200),
)
lines(
    "weave",
    [
        {
            "id": "c1",
            "op_name": "openai.chat.completions.create",
            "started_at": "2026-11-20T10:00:00Z",
            "trace_id": "t",
            "parent_id": None,
            "inputs": {"model": "gpt-4o", "messages": []},
            "summary": {
                "usage": {
                    "gpt-4o-2024-08-06": {
                        "requests": 1,
                        "prompt_tokens": 1000,
                        "completion_tokens": 100,
                        "total_tokens": 1100,
                    }
                },
                "status": "success",
            },
        }
    ],
    wanted(requests=1, prompt=1000, output=100),
)
lines(
    "datadog",
    [
        {
            "span_id": "1",
            "trace_id": "t",
            "parent_id": "undefined",
            "name": "agent",
            "start_ns": 1795168800000000000,
            "duration": 10,
            "status": "ok",
            "meta": {"kind": "agent"},
            "metrics": {"input_tokens": 2000, "output_tokens": 200, "total_tokens": 2200},
        },
        {
            "span_id": "2",
            "trace_id": "t",
            "parent_id": "1",
            "name": "chat",
            "start_ns": 1795168801000000000,
            "duration": 10,
            "status": "ok",
            "meta": {"kind": "llm", "model_name": "gpt-4o", "model_provider": "openai"},
            "metrics": {"input_tokens": 2000, "output_tokens": 200, "total_tokens": 2200},
        },
    ],
    wanted(requests=1, prompt=2000, output=200),
)
lines(
    "newrelic",
    [
        {
            "timestamp": 1795168800000,
            "vendor": "openai",
            "request.model": "gpt-4o",
            "response.model": "gpt-4o-2024-08-06",
            "response.usage.prompt_tokens": 1000,
            "response.usage.completion_tokens": 100,
            "response.usage.total_tokens": 1100,
            "error": False,
            "span_id": "x",
            "request_id": "r1",
        },
        {
            "timestamp": 1795168801000,
            "vendor": "openai",
            "request.model": "gpt-4o",
            "error": True,
            "span_id": "y",
            "request_id": "r2",
        },
    ],
    wanted(requests=1, prompt=1000, output=100, failed=0.5),
)
table(
    "sentry",
    """span_id,parent_span,timestamp,span.op,gen_ai.request.model,gen_ai.usage.input_tokens,gen_ai.usage.input_tokens.cached,gen_ai.usage.output_tokens,gen_ai.usage.output_tokens.reasoning,gen_ai.usage.total_tokens,gen_ai.cost.total_tokens
a,,2026-11-20T10:00:00+00:00,gen_ai.invoke_agent,gpt-5,10000,8000,1000,600,11000,0.0135
b,a,2026-11-20T10:00:01+00:00,gen_ai.chat,gpt-5,10000,8000,1000,600,11000,0.0135
""",
    wanted(requests=1, prompt=10000, output=1000, read=8000, reasoning=600),
)
table(
    "honeycomb",
    """Timestamp,trace.trace_id,trace.span_id,trace.parent_id,name,duration_ms,gen_ai.request.model,gen_ai.system,gen_ai.usage.input_tokens,gen_ai.usage.output_tokens,error
2026-11-20T10:00:00Z,t,1,,POST /chat,900,,,,,
2026-11-20T10:00:00.1Z,t,2,1,chat gpt-4o,800,gpt-4o,openai,1000,100,false
2026-11-20T10:01:00Z,t,3,1,chat gpt-4o,800,gpt-4o,openai,2000,200,
""",
    wanted(requests=2, prompt=1500, output=150, failed=0),
)
lines(
    "mlflow",
    [
        {
            "info": {"trace_id": "tr-1", "request_time": "2026-11-20T10:00:00Z", "state": "OK"},
            "data": {
                "spans": [
                    {
                        "name": "root",
                        "span_id": "a",
                        "parent_id": None,
                        "start_time_ns": 1795168800000000000,
                        "attributes": {
                            "mlflow.spanType": '"CHAIN"',
                            "mlflow.chat.tokenUsage": '{"input_tokens": 3000, "output_tokens": 300, "total_tokens": 3300}',
                        },
                    },
                    {
                        "name": "llm",
                        "span_id": "b",
                        "parent_id": "a",
                        "start_time_ns": 1795168801000000000,
                        "attributes": {
                            "mlflow.spanType": '"CHAT_MODEL"',
                            "mlflow.chat.model": "gpt-4o",
                            "mlflow.chat.tokenUsage": '{"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}',
                        },
                    },
                    {
                        "name": "llm",
                        "span_id": "c",
                        "parent_id": "a",
                        "start_time_ns": 1795168802000000000,
                        "attributes": {
                            "mlflow.spanType": '"CHAT_MODEL"',
                            "mlflow.chat.tokenUsage": '{"input_tokens": 2000, "output_tokens": 200, "total_tokens": 2200}',
                        },
                    },
                ]
            },
        }
    ],
    wanted(requests=2, prompt=1500, output=150),
)
document(
    "langsmith-runs",
    {
        "runs": [
            {
                "id": "1",
                "run_type": "chain",
                "parent_run_id": None,
                "start_time": "2026-11-20T10:00:00",
                "status": "success",
                "prompt_tokens": 3000,
                "completion_tokens": 300,
                "total_tokens": 3300,
                "inputs": {"x": SECRET},
                "outputs": {},
            },
            {
                "id": "2",
                "run_type": "llm",
                "parent_run_id": "1",
                "start_time": "2026-11-20T10:00:01",
                "status": "success",
                "prompt_tokens": 3000,
                "completion_tokens": 300,
                "total_tokens": 3300,
                "extra": {"metadata": {"ls_model_name": "claude-sonnet-4-5", "ls_provider": "anthropic"}},
                "prompt_token_details": {"cache_read": 1000},
            },
        ]
    },
    wanted(requests=1, prompt=3000, output=300, read=1000),
)
lines(
    "langfuse-v2",
    [
        {
            "id": "o1",
            "traceId": "t",
            "type": "GENERATION",
            "startTime": "2026-11-20T10:00:00Z",
            "model": "gpt-4o",
            "usage": {"input": 1000, "output": 100, "total": 1100, "unit": "TOKENS"},
            "calculatedTotalCost": 0.0035,
            "level": "DEFAULT",
        },
        {
            "id": "o2",
            "traceId": "t",
            "type": "SPAN",
            "startTime": "2026-11-20T10:00:00Z",
            "level": "DEFAULT",
            "usage": {},
        },
    ],
    wanted(requests=1, prompt=1000, output=100, logged=0.0035),
)
document(
    "phoenix-json",
    {
        "data": [
            {
                "context": {"span_id": "b", "trace_id": "t"},
                "parent_id": None,
                "span_kind": "LLM",
                "start_time": "2026-11-20T10:00:00Z",
                "status_code": "OK",
                "attributes": {
                    "llm.model_name": "gpt-4o",
                    "llm.token_count.prompt": 1000,
                    "llm.token_count.completion": 100,
                    "llm.token_count.total": 1100,
                    "llm.input_messages": [{"message.content": SECRET}],
                },
            }
        ]
    },
    wanted(requests=1, prompt=1000, output=100),
)
document(
    "otlp-openinference",
    {
        "resourceSpans": [
            {
                "scopeSpans": [
                    {
                        "spans": [
                            {
                                "traceId": "t",
                                "spanId": "1",
                                "startTimeUnixNano": "1795168800000000000",
                                "name": "x",
                                "status": {"code": "STATUS_CODE_ERROR"},
                                "attributes": [
                                    {"key": "llm.model_name", "value": {"stringValue": "gpt-4o"}},
                                    {"key": "openinference.span.kind", "value": {"stringValue": "LLM"}},
                                ],
                            },
                            {
                                "traceId": "t",
                                "spanId": "2",
                                "startTimeUnixNano": "1795168801000000000",
                                "name": "x",
                                "status": {"code": 1},
                                "attributes": [
                                    {"key": "llm.model_name", "value": {"stringValue": "gpt-4o"}},
                                    {"key": "openinference.span.kind", "value": {"stringValue": "LLM"}},
                                    {"key": "llm.token_count.prompt", "value": {"intValue": "1000"}},
                                    {"key": "llm.token_count.completion", "value": {"intValue": 100}},
                                    {
                                        "key": "llm.token_count.prompt_details.cache_read",
                                        "value": {"intValue": "300"},
                                    },
                                ],
                            },
                        ]
                    }
                ]
            }
        ]
    },
    wanted(requests=1, prompt=1000, output=100, read=300, failed=0.5),
)
# --- gateways
lines(
    "kong",
    [
        {
            "started_at": 1795168800123,
            "response": {"status": 200},
            "ai": {
                "proxy": {
                    "meta": {
                        "request_model": "gpt-4o",
                        "response_model": "gpt-4o-2024-08-06",
                        "provider_name": "openai",
                        "plugin_id": "x",
                    },
                    "usage": {
                        "prompt_tokens": 1000,
                        "completion_tokens": 100,
                        "total_tokens": 1100,
                        "cost": 0.0035,
                        "time_per_token": 9.1,
                    },
                }
            },
        }
    ],
    wanted(requests=1, prompt=1000, output=100, logged=0.0035),
)
table(
    "apim",
    """TimeGenerated [UTC],OperationName,DeploymentName,ModelName,PromptTokens,CompletionTokens,TotalTokens,IsStreamCompletion,CorrelationId,Region
"11/20/2026, 10:00:00.123 AM",x,prod,gpt-4o,1000,100,1100,True,a,eastus
""",
    wanted(requests=1, prompt=1000, output=100),
)
lines(
    "bifrost",
    [
        {
            "id": "l1",
            "object": "chat.completion",
            "timestamp": "2026-11-20T10:00:00Z",
            "provider": "openai",
            "model": "gpt-4o",
            "token_usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
            "cost": 0.0035,
            "status": "success",
            "latency": 900,
        }
    ],
    wanted(requests=1, prompt=1000, output=100, logged=0.0035),
)
lines(
    "vercel-gateway",
    [
        {
            "generationId": "g1",
            "createdAt": "2026-11-20T10:00:00Z",
            "model": "anthropic/claude-sonnet-4.5",
            "providerName": "anthropic",
            "totalCost": 0.0045,
            "promptTokens": 1000,
            "completionTokens": 100,
            "cachedInputTokens": 0,
            "reasoningTokens": 0,
        }
    ],
    wanted(requests=1, prompt=1000, output=100, logged=0.0045),
)
document(
    "openrouter-generation",
    {
        "data": {
            "id": "gen-1",
            "total_cost": 0.0035,
            "created_at": "2026-11-20T10:00:00Z",
            "model": "openai/gpt-4o",
            "provider_name": "OpenAI",
            "tokens_prompt": 900,
            "tokens_completion": 90,
            "native_tokens_prompt": 1000,
            "native_tokens_completion": 100,
            "native_tokens_reasoning": 0,
            "native_tokens_cached": 0,
            "cancelled": False,
            "streamed": True,
        }
    },
    wanted(requests=1, prompt=1000, output=100, logged=0.0035),
)
table(
    "litellm-daily-model",
    """date,model,custom_llm_provider,api_requests,successful_requests,failed_requests,prompt_tokens,completion_tokens,cache_read_input_tokens,cache_creation_input_tokens,spend
2026-11-18,gpt-4o,openai,1010,1000,10,1000000,100000,200000,0,3.5
2026-11-19,gpt-4o,openai,2000,2000,0,2000000,200000,0,0,7
""",
    wanted(requests=3000, prompt=1000, output=100, failed=10 / 3010, logged=10.5, read=200000),
)
lines(
    "portkey2",
    [
        {
            "id": "a",
            "created_at": "Fri Nov 20 2026 10:00:00 GMT+0000 (Coordinated Universal Time)",
            "is_success": False,
            "ai_org": "anthropic",
            "ai_model": "claude-sonnet-4-5",
            "req_units": 0,
            "res_units": 0,
            "response_status_code": 529,
            "cost": 0,
        },
        {
            "id": "b",
            "created_at": "Fri Nov 20 2026 10:01:00 GMT+0000 (Coordinated Universal Time)",
            "is_success": True,
            "ai_org": "anthropic",
            "ai_model": "claude-sonnet-4-5",
            "req_units": 1000,
            "res_units": 100,
            "response_status_code": 200,
            "cost": 0.45,
        },
    ],
    wanted(requests=1, prompt=1000, output=100, failed=0.5),
)
# --- vendors raw
lines(
    "cohere",
    [
        {
            "id": "c1",
            "timestamp": "2026-11-20T10:00:00Z",
            "model": "command-r-plus-08-2024",
            "usage": {
                "billed_units": {"input_tokens": 1000, "output_tokens": 100},
                "tokens": {"input_tokens": 1200, "output_tokens": 120},
            },
        }
    ],
    wanted(requests=1, prompt=1000, output=100),
)
lines(
    "mistral",
    [
        {
            "id": "m",
            "object": "chat.completion",
            "created": 1795168800,
            "model": "mistral-large-latest",
            "usage": {"prompt_tokens": 1000, "total_tokens": 1100, "completion_tokens": 100},
        }
    ],
    wanted(requests=1, prompt=1000, output=100),
)
lines(
    "groq",
    [
        {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1795168800,
            "model": "llama-3.3-70b-versatile",
            "usage": {
                "queue_time": 0.03,
                "prompt_tokens": 1000,
                "prompt_time": 0.01,
                "completion_tokens": 100,
                "completion_time": 0.2,
                "total_tokens": 1100,
                "total_time": 0.21,
            },
            "x_groq": {
                "id": "req_1",
                "usage": {"queue_time": 0.03, "prompt_tokens": 1000, "completion_tokens": 100},
            },
            "service_tier": "on_demand",
        }
    ],
    wanted(requests=1, prompt=1000, output=100),
)
lines(
    "perplexity",
    [
        {
            "id": "p",
            "created": 1795168800,
            "model": "sonar-pro",
            "usage": {
                "prompt_tokens": 1000,
                "completion_tokens": 100,
                "total_tokens": 1100,
                "search_context_size": "low",
                "num_search_queries": 2,
                "cost": {
                    "input_tokens_cost": 0.003,
                    "output_tokens_cost": 0.0015,
                    "request_cost": 0.006,
                    "total_cost": 0.0105,
                },
            },
        }
    ],
    wanted(requests=1, prompt=1000, output=100, logged=0.0105),
)
lines(
    "xai-responses",
    [
        {
            "id": "x",
            "created_at": 1795168800,
            "model": "grok-4",
            "usage": {
                "input_tokens": 1000,
                "input_tokens_details": {"cached_tokens": 500},
                "output_tokens": 400,
                "output_tokens_details": {"reasoning_tokens": 300},
                "total_tokens": 1400,
                "num_sources_used": 0,
                "cost_in_usd_ticks": 90000000,
            },
        }
    ],
    wanted(requests=1, prompt=1000, output=400, reasoning=300, read=500, logged=0.009),
)
lines(
    "deepseek-reasoner",
    [
        {
            "id": "x",
            "created": 1795168800,
            "model": "deepseek-reasoner",
            "usage": {
                "prompt_tokens": 1000,
                "completion_tokens": 400,
                "total_tokens": 1400,
                "prompt_tokens_details": {"cached_tokens": 640},
                "completion_tokens_details": {"reasoning_tokens": 300},
                "prompt_cache_hit_tokens": 640,
                "prompt_cache_miss_tokens": 360,
            },
        }
    ],
    wanted(requests=1, prompt=1000, output=400, reasoning=300, read=640),
)
lines(
    "qwen-dashscope",
    [
        {
            "request_id": "q",
            "timestamp": "2026-11-20 10:00:00",
            "model": "qwen-plus",
            "usage": {
                "input_tokens": 1000,
                "output_tokens": 100,
                "total_tokens": 1100,
                "prompt_tokens_details": {"cached_tokens": 300},
            },
        }
    ],
    wanted(requests=1, prompt=1000, output=100, read=300),
)
lines(
    "anthropic-nototal-inside?",
    [
        {
            "timestamp": "2026-11-20T10:00:00Z",
            "model": "claude-sonnet-4-5",
            "usage": {
                "input_tokens": 5000,
                "cache_read_input_tokens": 3000,
                "cache_creation_input_tokens": 0,
                "output_tokens": 10,
            },
        }
    ],
    wanted(requests=1, prompt=8000, output=10, read=3000),
)
lines(
    "gemini-tooluse",
    [
        {
            "createTime": "2026-11-20T10:00:00Z",
            "modelVersion": "gemini-2.5-flash",
            "responseId": "r",
            "usageMetadata": {
                "promptTokenCount": 1000,
                "candidatesTokenCount": 100,
                "toolUsePromptTokenCount": 50,
                "thoughtsTokenCount": 30,
                "totalTokenCount": 1180,
                "promptTokensDetails": [
                    {"modality": "TEXT", "tokenCount": 900},
                    {"modality": "AUDIO", "tokenCount": 100},
                ],
            },
        }
    ],
    wanted(requests=1, prompt=1050, output=130, reasoning=30),
)
lines(
    "bedrock-converse-ttl",
    [
        {
            "timestamp": "2026-11-20T10:00:00Z",
            "modelId": "anthropic.claude-sonnet-4-5-20250929-v1:0",
            "usage": {
                "inputTokens": 100,
                "outputTokens": 20,
                "totalTokens": 10120,
                "cacheReadInputTokens": 0,
                "cacheWriteInputTokens": 10000,
                "cacheDetails": [{"ttl": "1h", "inputTokens": 4000}, {"ttl": "5m", "inputTokens": 6000}],
            },
        }
    ],
    wanted(requests=1, prompt=10100, output=20, write=10000, write1h=4000),
)
lines(
    "ollama",
    [
        {
            "model": "llama3.2",
            "created_at": "2026-11-20T10:00:00.123456789Z",
            "response": "hi there",
            "done": True,
            "total_duration": 1,
            "prompt_eval_count": 26,
            "prompt_eval_duration": 1,
            "eval_count": 290,
            "eval_duration": 1,
        }
    ],
    wanted(requests=1, prompt=26, output=290),
)
lines(
    "tgi",
    [
        {
            "timestamp": "2026-11-20T10:00:00Z",
            "model_id": "meta-llama/Llama-3.1-8B-Instruct",
            "details": {"finish_reason": "length", "generated_tokens": 100, "prefill_tokens": 1000},
        }
    ],
    wanted(requests=1, prompt=1000, output=100),
)
lines(
    "sglang",
    [
        {
            "time": 1795168800.5,
            "model": "qwen3",
            "meta_info": {
                "id": "a",
                "prompt_tokens": 1000,
                "completion_tokens": 100,
                "cached_tokens": 600,
                "e2e_latency": 1.2,
            },
        }
    ],
    wanted(requests=1, prompt=1000, output=100, read=600),
)
lines(
    "llamacpp",
    [
        {
            "created": 1795168800,
            "model": "q",
            "timings": {"prompt_n": 1000, "prompt_ms": 4, "predicted_n": 100, "predicted_ms": 900},
        }
    ],
    wanted(requests=1, prompt=1000, output=100),
)
table(
    "databricks",
    """request_id,request_time,status_code,served_entity_name,input_token_count,output_token_count,input_character_count
a,2026-11-20 10:00:00,200,llama,1000,100,4000
b,2026-11-20 10:00:01,429,llama,,,
""",
    wanted(requests=1, prompt=1000, output=100, failed=0.5),
)
# --- CLI agents
document(
    "opencode",
    [
        {
            "id": "msg_1",
            "role": "assistant",
            "modelID": "claude-sonnet-4-5",
            "providerID": "anthropic",
            "sessionID": "s",
            "time": {"created": 1795168800000, "completed": 1795168809000},
            "tokens": {"input": 100, "output": 50, "reasoning": 0, "cache": {"read": 8000, "write": 2000}},
            "cost": 0.0112,
        }
    ],
    wanted(requests=1, prompt=10100, output=50, read=8000, write=2000, logged=0.0112),
)
document(
    "cline",
    [
        {
            "ts": 1795168800000,
            "type": "say",
            "say": "api_req_started",
            "text": json.dumps(
                {
                    "request": SECRET,
                    "tokensIn": 100,
                    "tokensOut": 50,
                    "cacheWrites": 2000,
                    "cacheReads": 8000,
                    "cost": 0.01,
                }
            ),
        },
        {"ts": 1795168801000, "type": "say", "say": "text", "text": SECRET},
    ],
    wanted(requests=1, prompt=10100, output=50, read=8000, write=2000, logged=0.01),
)
lines(
    "aider",
    [
        {"event": "launched", "properties": {"python_version": "3.12"}, "user_id": "u", "time": 1795168800},
        {
            "event": "message_send",
            "properties": {
                "main_model": "claude-sonnet-4-5",
                "edit_format": "diff",
                "prompt_tokens": 1000,
                "completion_tokens": 100,
                "total_tokens": 1100,
                "cost": 0.0045,
                "total_cost": 0.0045,
            },
            "user_id": "u",
            "time": 1795168801,
        },
        {
            "event": "message_send",
            "properties": {
                "main_model": "claude-sonnet-4-5",
                "prompt_tokens": 1000,
                "completion_tokens": 100,
                "total_tokens": 1100,
                "cost": 0.0045,
                "total_cost": 0.009,
            },
            "user_id": "u",
            "time": 1795168803,
        },
    ],
    wanted(requests=2, prompt=1000, output=100, logged=0.009),
)
document(
    "gemini-cli",
    {
        "sessionId": "s",
        "startTime": "2026-11-20T10:00:00Z",
        "messages": [
            {"id": "1", "timestamp": "2026-11-20T10:00:00Z", "type": "user", "content": SECRET},
            {
                "id": "2",
                "timestamp": "2026-11-20T10:00:05Z",
                "type": "gemini",
                "content": "x",
                "tokens": {
                    "input": 1000,
                    "output": 100,
                    "cached": 400,
                    "thoughts": 50,
                    "tool": 0,
                    "total": 1150,
                },
                "model": "gemini-2.5-pro",
            },
        ],
    },
    wanted(requests=1, prompt=1000, output=150, reasoning=50, read=400),
)
document(
    "claude-code-result",
    {
        "type": "result",
        "subtype": "success",
        "session_id": "s",
        "total_cost_usd": 0.05,
        "timestamp": "2026-11-20T10:00:00Z",
        "modelUsage": {
            "claude-sonnet-4-5-20250929": {
                "inputTokens": 100,
                "outputTokens": 500,
                "cacheReadInputTokens": 8000,
                "cacheCreationInputTokens": 2000,
                "webSearchRequests": 0,
                "costUSD": 0.0177,
                "contextWindow": 200000,
            }
        },
    },
    wanted(requests=1, prompt=10100, output=500, read=8000, write=2000, logged=0.0177),
)
# --- streams
PRODUCTS["anthropic-sse"] = Product(
    b'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4-5-20250929","usage":{"input_tokens":25,"cache_creation_input_tokens":0,"cache_read_input_tokens":100,"output_tokens":1}}}\n\nevent: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}\n\nevent: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n',
    "txt",
    wanted(requests=1, prompt=125, output=15, read=100),
)
lines(
    "gemini-chunks",
    [
        {
            "responseId": "r",
            "modelVersion": "gemini-2.5-flash",
            "createTime": "2026-11-20T10:00:00Z",
            "usageMetadata": {
                "promptTokenCount": 1000,
                "candidatesTokenCount": n,
                "totalTokenCount": 1000 + n,
            },
        }
        for n in (5, 50, 100)
    ],
    wanted(requests=1, prompt=1000, output=100),
)
lines(
    "responses-stream",
    [
        {
            "type": "response.created",
            "response": {"id": "resp_1", "model": "gpt-5", "created_at": 1795168800, "usage": None},
        },
        {"type": "response.output_text.delta", "delta": "x"},
        {
            "type": "response.completed",
            "response": {
                "id": "resp_1",
                "model": "gpt-5-2025-08-07",
                "created_at": 1795168800,
                "status": "completed",
                "usage": {
                    "input_tokens": 1000,
                    "input_tokens_details": {"cached_tokens": 100},
                    "output_tokens": 100,
                    "output_tokens_details": {"reasoning_tokens": 64},
                    "total_tokens": 1100,
                },
            },
        },
    ],
    wanted(requests=1, prompt=1000, output=100, read=100, reasoning=64),
)
lines(
    "running-total",
    [
        {
            "timestamp": f"2026-11-20T10:00:0{i}Z",
            "type": "event_msg",
            "payload": {
                "type": "token_count",
                "info": {
                    "total_token_usage": {
                        "input_tokens": 1000 * i,
                        "cached_input_tokens": 0,
                        "output_tokens": 100 * i,
                        "total_tokens": 1100 * i,
                    }
                },
            },
        }
        for i in (1, 2, 2, 3)
    ],
    wanted(requests=3, prompt=1000, output=100),
)
# --- tables
table(
    "agg-calls",
    """day;modell;anfragen;eingabe_tokens;ausgabe_tokens;kosten_eur
20.11.2026;gpt-4o;1.000;1.000.000;100.000;3,50
21.11.2026;gpt-4o;2.000;2.000.000;200.000;7,00
""",
    wanted(requests=3000, prompt=1000, output=100, currency="EUR"),
)
table(
    "hourly",
    """hour,model,calls,prompt_tokens,completion_tokens
2026-11-20T10:00:00Z,gpt-4o,100,100000,10000
2026-11-20T11:00:00Z,gpt-4o,200,200000,20000
""",
    wanted(requests=300, prompt=1000, output=100, rpm=150 * 730),
)
table(
    "epoch-ms-end",
    """start_time,end_time,model,count,input_tokens,output_tokens
1795132800000,1795219200000,gpt-4o,50,50000,5000
""",
    wanted(requests=50, prompt=1000, output=100, rpm=50 * 730 / 24),
)
table(
    "cents",
    """created_at,model,input_tokens,output_tokens,cost_cents
2026-11-20 10:00:00,gpt-4o,1000,100,0.35
""",
    wanted(requests=1, logged=0.0035),
)
table(
    "euro-amount",
    """Zeitstempel;Modell;Eingabe Tokens;Ausgabe Tokens;Kosten
20.11.2026 10:00;gpt-4o;1.000;100;0,0035 €
21.11.2026 10:00;gpt-4o;12.000;100;0,0035 €
""",
    wanted(requests=2, prompt=6500, output=100, currency="EUR"),
)
table(
    "headless-by-number",
    "2026-11-20T10:00:00Z,gpt-4o,1000,100\n2026-11-20T11:00:00Z,gpt-4o,2000,200\n",
    wanted(requests=2, prompt=1500, output=150),
    {"time": "1", "model": "2", "prompt_tokens": "3", "output_tokens": "4"},
)
table(
    "comment-preamble",
    "# exported by x\n# 2026\ntime\tmodel\tin_tokens\tout_tokens\n2026-11-20 10:00\tgpt-4o\t1000\t100\n",
    wanted(requests=1, prompt=1000, output=100),
    ext="tsv",
)
table(
    "json-cell-usage",
    'time,model,usage\n2026-11-20T10:00:00Z,gpt-4o,"{""prompt_tokens"": 1000, ""completion_tokens"": 100, ""prompt_tokens_details"": {""cached_tokens"": 400}}"\n',
    wanted(requests=1, prompt=1000, output=100, read=400),
)
table(
    "json-cell-response",
    'ts,endpoint,response_body\n2026-11-20T10:00:00Z,/v1/chat/completions,"{""model"": ""gpt-4o"", ""choices"": [], ""usage"": {""prompt_tokens"": 1000, ""completion_tokens"": 100}}"\n',
    wanted(requests=1, prompt=1000, output=100),
)
table(
    "date+time ampm",
    "Date,Time,Model,Input Tokens,Output Tokens\n11/20/2026,10:00:00 AM,gpt-4o,1000,100\n11/20/2026,1:30:00 PM,gpt-4o,1000,100\n",
    wanted(requests=2, first=1795168800, last=1795181400),
)
table(
    "duration col",
    "timestamp,time,model,prompt_tokens,completion_tokens\n2026-11-20 10:00:00,00:00:03,gpt-4o,1000,100\n",
    wanted(requests=1, first=1795168800),
)
table(
    "dayfirst",
    "date,model,prompt_tokens,completion_tokens\n03/11/2026 10:00,gpt-4o,1000,100\n20/11/2026 10:00,gpt-4o,1000,100\n",
    wanted(requests=2, last=1795168800, first=1795168800 - 17 * 86400),
)
table(
    "excel",
    "Date,Model,Prompt Tokens,Completion Tokens\n46346,gpt-4o,1000,100\n46347.5,gpt-4o,1000,100\n",
    wanted(requests=2, first=1795132800),
)
table(
    "fast tier",
    "date,model,speed,input_tokens,output_tokens\n2026-11-20,claude-opus-4-6,fast,1000,100\n",
    wanted(requests=1, tier="fast"),
)
table(
    "batch yes",
    "date,model,is_batch,input_tokens,output_tokens\n2026-11-20,gpt-4o,yes,1000,100\n2026-11-20,gpt-4o,no,1000,100\n",
    wanted(requests=2, tier="batch"),
)
table("tokentype", "date,model,token_type,tokens,requests\n2026-11-20,gpt-4o,input,1000,1\n", wanted())
table(
    "longform-count",
    "date,model,metric,value\n2026-11-20,gpt-4o,requests,100\n2026-11-20,gpt-4o,prompt_tokens,100000\n2026-11-20,gpt-4o,cached_tokens,20000\n2026-11-20,gpt-4o,completion_tokens,10000\n",
    wanted(requests=100, prompt=1000, output=100, read=20000),
)
table(
    "aws-cur",
    "lineItem/UsageStartDate,lineItem/UsageAmount,lineItem/UnblendedCost,product/model\n2026-11-20,100,3,x\n",
    wanted(refuse="bill"),
)
table(
    "gcp-bill",
    "Billing account name,SKU description,Usage amount,Cost ($)\nx,Gemini input,100,3\n",
    wanted(refuse="bill"),
)
table(
    "azure-bill",
    "Date,MeterCategory,MeterName,Quantity,CostInBillingCurrency\n2026-11-20,Azure OpenAI,gpt4o-inp,100,3\n",
    wanted(refuse="bill"),
)
table(
    "nginx",
    '127.0.0.1 - - [20/Nov/2026:10:00:00 +0000] "POST /v1/chat/completions HTTP/1.1" 200 123\n' * 3,
    wanted(refuse="server"),
    ext="log",
)
table(
    "prom",
    "# HELP vllm:prompt_tokens_total x\n# TYPE vllm:prompt_tokens_total counter\nvllm:prompt_tokens_total 3\n",
    wanted(refuse="metrics"),
    ext="txt",
)
table(
    "two currencies",
    "timestamp,model,prompt_tokens,completion_tokens,cost\n2026-11-20 10:00:00,gpt-4o,1000,100,$0.0035\n2026-11-20 11:00:00,gpt-4o,1000,100,€0.0030\n",
    wanted(requests=2, logged=0.0035),
)
table(
    "refund pos",
    "timestamp,type,model,prompt_tokens,completion_tokens,cost\n2026-11-20 10:00:00,usage,gpt-4o,1000,100,0.0035\n2026-11-20 11:00:00,refund,gpt-4o,,,-0.0035\n",
    wanted(requests=1, logged=0.0),
)
table(
    "http codes",
    "timestamp,model,prompt_tokens,completion_tokens,http_status\n2026-11-20 10:00:00,gpt-4o,1000,100,200\n2026-11-20 10:00:01,gpt-4o,0,0,429\n2026-11-20 10:00:02,gpt-4o,0,0,503\n2026-11-20 10:00:03,gpt-4o,0,0,499\n",
    wanted(requests=1, failed=0.75),
)
table(
    "cached gateway",
    "timestamp,model,prompt_tokens,completion_tokens,cache_status\n2026-11-20 10:00:00,gpt-4o,1000,100,MISS\n2026-11-20 10:00:01,gpt-4o,1000,100,HIT\n",
    wanted(list=0.0035),
)
PRODUCTS["k8s-prefix"] = Product(
    b'2026-11-20T10:00:00.123Z stdout F {"level":"info","model":"gpt-4o","prompt_tokens":1000,"completion_tokens":100}\n2026-11-20T10:00:01.123Z stdout F {"level":"info","model":"gpt-4o","prompt_tokens":1000,"completion_tokens":100}\n',
    "log",
    wanted(requests=2, prompt=1000, output=100),
)
lines(
    "cloudwatch",
    [
        {
            "timestamp": 1795168800000,
            "message": json.dumps(
                {
                    "timestamp": "2026-11-20T10:00:00Z",
                    "schemaType": "ModelInvocationLog",
                    "modelId": "amazon.nova-pro-v1:0",
                    "operation": "Converse",
                    "input": {"inputTokenCount": 1000},
                    "output": {"outputTokenCount": 100},
                }
            ),
        }
    ],
    wanted(requests=1, prompt=1000, output=100),
)
document(
    "wrapped-odd",
    {
        "ok": True,
        "payload": {
            "page": 1,
            "calls": [
                {
                    "when": "x",
                    "ts": 1795168800,
                    "model": "gpt-4o",
                    "usage": {"prompt_tokens": 1000, "completion_tokens": 100},
                }
            ],
        },
    },
    wanted(requests=1, prompt=1000, output=100, first=1795168800),
)
document(
    "openai-images",
    {
        "object": "page",
        "data": [
            {
                "object": "bucket",
                "start_time": 1795132800,
                "end_time": 1795219200,
                "results": [
                    {
                        "object": "organization.usage.images.result",
                        "images": 5,
                        "num_model_requests": 5,
                        "model": "dall-e-3",
                        "size": "1024x1024",
                    }
                ],
            }
        ],
    },
    wanted(requests=5, prompt=0),
)
document(
    "openai-embeddings",
    {
        "object": "page",
        "data": [
            {
                "object": "bucket",
                "start_time": 1795132800,
                "end_time": 1795219200,
                "results": [
                    {
                        "object": "organization.usage.embeddings.result",
                        "input_tokens": 1000,
                        "num_model_requests": 5,
                        "model": "text-embedding-3-small",
                    }
                ],
            }
        ],
    },
    wanted(requests=5, prompt=200, output=0),
)
lines(
    "realtime",
    [
        {
            "type": "response.done",
            "event_id": "e",
            "response": {
                "id": "resp_1",
                "model": "gpt-4o-realtime-preview",
                "usage": {
                    "total_tokens": 1100,
                    "input_tokens": 1000,
                    "output_tokens": 100,
                    "input_token_details": {"text_tokens": 100, "audio_tokens": 900, "cached_tokens": 0},
                    "output_token_details": {"text_tokens": 20, "audio_tokens": 80},
                },
            },
        }
    ],
    wanted(requests=1, prompt=1000, output=100),
)
table(
    "go time",
    "time,model,prompt_tokens,completion_tokens\n2026-11-20 10:00:00.123456 +0100 CET m=+0.5,gpt-4o,1000,100\n",
    wanted(first=1795165200.12),
)
table(
    "retries-same-id",
    "request_id,startTime,model,prompt_tokens,completion_tokens,status\na,2026-11-20 10:00:00,gpt-4o,0,0,failure\na,2026-11-20 10:00:01,gpt-4o,1000,100,success\nb,2026-11-20 10:05:00,gpt-4o,1000,100,success\n",
    wanted(requests=2, prompt=1000, failed=0),
)
table(
    "time unreadable",
    "timestamp,model,prompt_tokens,completion_tokens\nsoon,gpt-4o,1000,100\n2026-11-20 10:05:00,gpt-4o,1000,100\n",
    wanted(requests=2, first=1795169100, warn="time"),
)
table(
    "huge rows",
    "date,model,input_tokens,output_tokens\n2026-11-20,gpt-4o,50000000,100000\n2026-11-21,gpt-4o,60000000,100000\n",
    wanted(refuse="requests"),
)
