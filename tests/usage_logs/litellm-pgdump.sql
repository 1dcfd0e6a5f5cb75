--
-- PostgreSQL database dump
--

SET statement_timeout = 0;

COPY public."LiteLLM_SpendLogs" (request_id, call_type, api_key, spend, total_tokens, prompt_tokens, completion_tokens, "startTime", "endTime", model, model_group, custom_llm_provider, cache_hit, status, metadata) FROM stdin;
r0	acompletion	k	0.0035	1100	1000	100	2026-11-20 10:00:00.100	2026-11-20 10:00:00.900	gpt-4o-2024-08-06	gpt-4o	openai	\N	success	{}
r1	acompletion	k	0.0035	1100	1000	100	2026-11-20 10:01:00.100	2026-11-20 10:01:00.900	gpt-4o-2024-08-06	gpt-4o	openai	\N	success	{}
r2	acompletion	k	0.0035	1100	1000	100	2026-11-20 10:02:00.100	2026-11-20 10:02:00.900	gpt-4o-2024-08-06	gpt-4o	openai	\N	success	{}
r3	acompletion	k	0.0035	1100	1000	100	2026-11-20 10:03:00.100	2026-11-20 10:03:00.900	gpt-4o-2024-08-06	gpt-4o	openai	\N	success	{}
r4	acompletion	k	0.0035	1100	1000	100	2026-11-20 10:04:00.100	2026-11-20 10:04:00.900	gpt-4o-2024-08-06	gpt-4o	openai	\N	success	{}
\.

