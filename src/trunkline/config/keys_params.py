"""Every key that LiteLLM's `litellm_params` knows, and what becomes of it here. Data only.

Source: `GenericLiteLLMParams` and `LiteLLMParamsTypedDict` in litellm/types/router.py, docs.litellm.ai/docs/completion/
input, the vendors' request references; read 2026-11.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


OURS = _words(
    """
    model api_key api_base base_url api_version organization custom_llm_provider headers extra_headers extra_body
    additional_drop_params drop_params timeout stream_timeout max_retries num_retries weight order rpm tpm
    max_parallel_requests cooldown_time tags plan region input_cost_per_token output_cost_per_token
    input_cost_per_audio_token output_cost_per_audio_token
    cache_read_input_token_cost cache_creation_input_token_cost cache_creation_input_token_cost_above_1hr
    max_budget budget_duration litellm_credential_name
    """
)
"""Read into fields of the deployment; never sent."""

REQUEST = _words(
    """
    temperature top_p top_k min_p n stop stop_sequences max_tokens max_completion_tokens max_output_tokens
    presence_penalty frequency_penalty repetition_penalty repeat_penalty logit_bias logprobs top_logprobs user
    response_format seed tools tool_choice functions function_call parallel_tool_calls thinking reasoning_effort
    reasoning stream_options modalities audio prediction service_tier safety_identifier prompt_cache_key
    prompt_cache_retention store verbosity web_search_options system dimensions encoding_format
    input_type num_ctx num_predict num_gpu num_thread keep_alive mirostat mirostat_eta mirostat_tau format think
    options raw template suffix echo best_of safety_settings include truncation background text output_config
    cache_control context_management mcp_servers container anthropic_version do_sample tool_stream request_id
    user_id sensitive_word_check meta watermark_enabled clear_thinking chat_template_kwargs guided_json
    guided_choice guided_regex provider transforms models route plugins usage voice speed language quality size
    style instructions previous_response_id enable_thinking thinking_budget ignore_eos
    """
)
"""Members of some provider's request: put in where the request has none."""

NUMBERS = _words(
    """temperature top_p top_k min_p n max_tokens max_completion_tokens max_output_tokens presence_penalty
    frequency_penalty repetition_penalty repeat_penalty top_logprobs seed dimensions num_ctx num_predict"""
)
"""Of `REQUEST`: numbers, that may be written as strings or come from a variable, but must not be sent so."""

MOOT = _words(
    """
    allowed_openai_params use_in_pass_through use_litellm_proxy merge_reasoning_content_in_choices
    input_cost_per_second output_cost_per_second use_chat_completions_api litellm_trace_id max_file_size_mb id
    verbose force_timeout preset_cache_key stream_chunk_size supports_system_message
    disable_add_transform_inline_image_block allow_client_keepalive_override keepalive_seconds logger_fn
    base_model model_info mode no-log ttl metadata
    """
)
"""LiteLLM's own, with nothing here that they could change; never sent."""

UNSUPPORTED = _words(
    """
    stream configurable_clientside_auth_params mock_response mock_timeout fallbacks
    context_window_fallback_dict cache_control_injection_points tag_regex prompt_id prompt_variables roles
    initial_prompt_value final_prompt_value bos_token eos_token hf_model_name custom_prompt_dict
    auto_router_config auto_router_config_path auto_router_default_model auto_router_embedding_model
    complexity_router_config complexity_router_default_model itpm otpm default_api_key_tpm_limit
    default_api_key_rpm_limit retry_policy provider_affinity_header client_id client_secret tenant_id
    azure_ad_token azure_ad_token_provider azure_scope azure_username azure_password vertex_project
    vertex_location vertex_credentials region_name aws_access_key_id aws_secret_access_key aws_session_token
    aws_region_name aws_session_name aws_profile_name aws_role_name aws_web_identity_token aws_sts_endpoint
    aws_bedrock_runtime_endpoint aws_external_id watsonx_region_name gcs_bucket_name bucket_name s3_bucket_name
    vector_store_id ssl_verify caching cache caching_groups proxy_server_request hosted_vllm_api_base
    use_xai_oauth provider_specific_header rpd tpd daily_reset_time timeout_by_service_tier
    stream_timeout_by_service_tier responses_api_version adaptive_router_config adaptive_router_default_model
    quality_router_config quality_router_default_model switchyard_router_config auto_router_max_input_chars
    auto_router_model_compression auto_router_routing_compression kubernetes_pod_discovery
    """
)
"""LiteLLM's own, which Trunkline lacks; never sent."""

_CLOUDS = _words(
    """
    allow_legacy_cloud_file_ids anthropic_disable_workload_identity_federation anthropic_federation_rule_id
    anthropic_federation_workspace_id anthropic_identity_source anthropic_identity_token
    anthropic_identity_token_file anthropic_issuer_audience anthropic_issuer_signing_key_ref
    anthropic_issuer_subject anthropic_issuer_ttl_seconds anthropic_issuer_url anthropic_keycloak_auth_method
    anthropic_keycloak_client_id anthropic_keycloak_client_secret_ref anthropic_keycloak_scope
    anthropic_keycloak_token_url anthropic_organization_id anthropic_service_account_id aws_batch_role_arn
    aws_bedrock_control_plane_endpoint aws_bedrock_project_id aws_session_tags bedrock_tags chatgpt_auth_file
    fireworks_forward_user_id milvus_db_name milvus_partition_names milvus_text_field openai_identity_provider_id
    openai_identity_token_file openai_service_account_id s3_access_key_id s3_bucket_owner s3_encryption_key_id
    s3_endpoint_url s3_output_bucket_name s3_region_name s3_secret_access_key thought_signature_in_tool_call_id
    token_exchange_audience token_exchange_endpoint token_exchange_profile token_exchange_scope
    valkey_embedding_field valkey_host valkey_password valkey_port valkey_ssl valkey_text_field index_name
    vector_bucket_name vertex_ai_project vertex_ai_location vertex_ai_credentials
    """
)
"""Credentials and places of clouds and stores, which LiteLLM's SDK acts on and nobody else."""

UNSUPPORTED |= _CLOUDS

SDK = _CLOUDS | _words(
    """
    client_id client_secret tenant_id azure_ad_token azure_scope azure_username azure_password vertex_project
    vertex_location vertex_credentials region_name aws_access_key_id aws_secret_access_key aws_session_token
    aws_region_name aws_session_name aws_profile_name aws_role_name aws_web_identity_token aws_sts_endpoint
    aws_bedrock_runtime_endpoint aws_external_id watsonx_region_name gcs_bucket_name bucket_name s3_bucket_name
    ssl_verify roles initial_prompt_value final_prompt_value bos_token eos_token hf_model_name custom_prompt_dict
    cache_control_injection_points provider_specific_header allowed_openai_params supports_system_message
    merge_reasoning_content_in_choices
    """
)
"""Of `UNSUPPORTED` and `MOOT`: what LiteLLM's SDK acts on, and is handed where a deployment goes through it."""

LATER = _words("tags")
"""Of `OURS`: read, but this version does not act on them yet."""

PROTECTS = _words(
    """
    guardrails
    """
)
"""Guards that Trunkline lacks: to run without them must be insisted on."""

KNOWN = OURS | REQUEST | MOOT | UNSUPPORTED | PROTECTS

ELSEWHERE = {
    "model_name": "beside `litellm_params`",
    "master_key": "under `general_settings`",
    "routing_strategy": "under `router_settings`",
    "model_group_alias": "under `router_settings`",
    "default_fallbacks": "under `litellm_settings`",
    "request_timeout": "here as `timeout`",
    "max_input_tokens": "under `model_info`",
    "supports_vision": "under `model_info`",
    "supports_function_calling": "under `model_info`",
}
"""Keys of other places that are found here, and where each belongs."""

LITELLM_PROVIDERS = _words(
    """
    a2a a2a_agent abliteration ai21 ai21_chat aiand aihubmix aiml aiohttp_openai aleph_alpha amazon_nova
    anthropic_text anyscale apertis assemblyai auto_router aws_polly aws_textract azure_ai azure_speech azure_text
    baseten bedrock bedrock_converse bedrock_mantle bespoke black_forest_labs bytez cerebras charity_engine chatgpt
    chutes clarifai clf_ai_gateway cloudflare codestral cognition cohere cohere_chat cometapi compactifai
    coralbricks cortecs crusoe cursor custom darkbloom dashscope databricks databricks_agent datarobot deepgram
    deepinfra docker_model_runner dotprompt edenai elevenlabs empiriolabs empower eu_jev fal_ai featherless_ai
    fireworks_ai friendliai galadriel gdc gigachat github github_copilot gmi gradient_ai helicone heroku
    hostinger_router huggingface humanloop hyperbolic inception inferenceapis infinity jina_ai kyma lambda_ai
    langflow langfuse langgraph laya lemonade libertai litellm_agent litellm_proxy llamafile llamagate manus
    maritalk meta meta_llama microsoft_365_copilot milvus minimax modelscope mongodb morph nace nadir nano-gpt
    nebius neosantara nlp_cloud novita nscale nvidia_nim nvidia_riva oci oobabooga opencode_go openinfer opensearch
    ovhcloud parallel_ai parasail perplexity petals pg_vector pinstripes poe predibase prism publicai
    qwen_ai_platform qwencloud ragflow recraft reducto refuseless reka replicate runwayml s3_vectors sagemaker
    sagemaker_chat sagemaker_nova sail sambanova sap sarvam scaledown scaleway scx-ai snowflake soniox stability
    strands_decider streamlake synthetic tencent tensormesh text-completion-codestral text-completion-inception
    text-completion-openai topaz transcribe triton typesafe v0 valkey veniceai vercel_ai_gateway vertex_ai
    vertex_ai_beta volcengine voyage wally wandb watsonx watsonx_text xiaomi_mimo xinference zerogpu
    """
)
"""Prefixes that LiteLLM knows and the catalog does not (LiteLLM 1.110.2): its SDK is asked, where it is installed."""
