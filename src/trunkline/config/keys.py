"""Every key that LiteLLM's configuration knows, and what becomes of it here. Data, and the look-ups in it.

Source: docs.litellm.ai/docs/proxy/config_settings and /configs, `litellm/types/router.py`, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from trunkline.config import keys_idle
from trunkline.config.refuse import nearest

Fate = Literal["used", "later", "unsupported", "moot", "protects"]
"""`used`: it does what it says. `later`: read, but without effect in this version. `unsupported`: LiteLLM has it, we
do not. `moot`: there is nothing here that it could change. `protects`: it guards something and is not implemented, so
that running without it must be insisted on."""


def _table(**fates: str) -> dict[str, Fate]:
    return {key: fate for fate, keys in fates.items() for key in keys.split()}  # type: ignore[misc]


TOP = _table(
    used="""model_list litellm_settings router_settings general_settings environment_variables trunkline include
        credential_list""",
    unsupported="""callback_settings mcp_servers mcp_tools mcp_semantic_tool_filter search_tools
        assistant_settings files_settings finetune_settings batch_settings vector_store_registry
        vector_store_indexes prompts default_vertex_config agents health_check_settings litellm_params
        worker_registry skills sso_settings""",
    protects="guardrails policies policy_attachments",
)

GENERAL = _table(
    used="""max_budget master_key completion_model max_request_size_mb max_response_size_mb
        global_max_parallel_requests allow_client_side_credentials maximum_spend_logs_retention_period
        background_health_checks health_check_interval database_url enforce_user_param""",
    unsupported="""max_parallel_requests alerting alerting_threshold alert_types alerting_args alert_to_webhook_url
        spend_report_frequency image_generation_model embedding_model moderation_model store_model_in_db
        supported_db_objects key_management_system key_management_settings use_azure_key_vault use_google_kms
        pass_through_endpoints use_client_credentials_pass_through_routes custom_sso custom_key_generate
        custom_key_update user_mcp_management_mode forward_openai_org_id
        default_team_disabled litellm_key_header_name use_shared_health_check
        health_check_concurrency store_prompts_in_spend_logs user_header_name user_header_mappings
        default_provider_configs response_format custom_ui_sso_sign_in_handler allow_user_auth alert_to_email
        mcp_internal_ip_ranges cloudzero_settings""",
    moot="""maximum_spend_logs_retention_interval maximum_spend_logs_cleanup_cron disable_spend_logs
        disable_spend_updates disable_master_key_return disable_reset_budget
        disable_retry_on_max_parallel_request_limit_error disable_adding_master_key_hash_to_db
        database_connection_pool_limit database_connection_timeout allow_requests_on_db_unavailable
        infer_model_from_keys health_check_details proxy_budget_rescheduler_min_time proxy_batch_write_at
        proxy_budget_rescheduler_max_time proxy_batch_polling_interval user_api_key_cache_ttl
        disable_prisma_schema_update litellm_license forward_client_headers_to_llm_api ui_access_mode
        disable_responses_id_security otel use_redis_transaction_buffer disable_error_logs ui_theme
        proxy_admin_email proxy_base_url control_plane_url database_type port host""",
    protects="""custom_auth custom_auth_settings enable_jwt_auth litellm_jwtauth allowed_ips
        enforced_params enable_oauth2_auth enable_oauth2_proxy_auth oauth2_config_mappings allowed_routes
        admin_only_routes public_routes reject_clientside_metadata_tags service_account_settings
        block_robots use_x_forwarded_for
        custom_auth_run_common_checks""",
)

LITELLM = _table(
    used="""drop_params num_retries request_timeout fallbacks default_fallbacks callbacks success_callback
        failure_callback model_group_alias stream_timeout default_key_generate_params
        upperbound_key_generate_params context_window_fallbacks content_policy_fallbacks
        allowed_fails cooldown_time retry_policy max_fallbacks retry_after require_auth_for_metrics_endpoint
        max_budget budget_duration max_end_user_budget timezone cache cache_params
        include_cost_in_streaming_usage""",
    unsupported="""service_callbacks langfuse_default_tags mcp_aliases key_generation_settings default_team_settings
        default_internal_user_params default_team_params priority_reservation custom_provider_map modify_params
        enable_json_schema_validation model_alias_map cost_discount_config cost_margin_config s3_callback_params
        datadog_params gcs_pub_sub_use_v1 callback_settings token_counter public_model_groups enable_preview_features
        additional_drop_params tag_budget_config prometheus_metrics_config custom_prometheus_metadata_labels
        custom_prometheus_tags default_max_internal_user_budget budget_reset_time
        input_callback global_bitbucket_config audit_log_callbacks store_audit_logs extra_spend_tag_headers
        max_user_budget_duration ssl_verify ssl_certificate ssl_security_level""",
    moot="""set_verbose json_logs turn_off_message_logging redact_user_api_key_info force_ipv4 telemetry
        redact_messages_in_exceptions disable_end_user_cost_tracking disable_hf_tokenizer_download suppress_debug_info
        disable_end_user_cost_tracking_prometheus_only disable_add_transform_inline_image_block log_raw_request_response
        disable_copilot_system_to_assistant enable_key_alias_format_validation disable_stop_sequence_limit
        use_chat_completions_url_for_anthropic_messages LITELLM_DISABLE_STOP_SEQUENCE_LIMIT use_litellm_proxy
        aiohttp_trust_env disable_aiohttp_transport forward_traceparent_to_llm_provider add_function_to_prompt
        drop_unknown_params check_provider_endpoint return_response_headers
        use_aiohttp_transport disable_token_counter compress_request""",
    protects="""guardrails max_internal_user_budget internal_user_budget_duration max_end_user_budget_id
        banned_keywords_list blocked_user_list llm_guard_mode presidio_ad_hoc_recognizers output_parse_pii
        google_moderation_confidence_threshold disallowed_models""",
)

TOP |= _table(**keys_idle.TOP)
GENERAL |= _table(**keys_idle.GENERAL)
LITELLM |= _table(**keys_idle.LITELLM)

ROUTER = _table(
    used="""num_retries timeout stream_timeout fallbacks default_fallbacks model_group_alias routing_strategy
        routing_strategy_args allowed_fails allowed_fails_policy cooldown_time disable_cooldowns retry_policy
        model_group_retry_policy retry_after max_fallbacks context_window_fallbacks content_policy_fallbacks
        provider_budget_config""",
    later="redis_host redis_port redis_password redis_url",
    unsupported="""enable_tag_filtering tag_filtering_match_any
        default_max_parallel_requests default_priority polling_interval default_litellm_params cache_responses
        caching_groups alerting_config assistants_config optional_pre_call_checks
        search_tools router_general_settings redis_db deployment_affinity_ttl_seconds routing_groups weights
        model_group_affinity_config tag_routing_prefix redis_ssl enable_health_check_routing
        health_check_staleness_threshold""",
    # Whether a conversation fits, and whether a limit has room, is looked at before every call: no need to ask for it.
    moot="""enable_pre_call_checks enable_pre_call_check set_verbose debug_level client_ttl cache_kwargs
        ignore_invalid_deployments enable_weighted_failover""",
    protects="guardrail_list",
)

TRUNKLINE = _table(
    used="""ping_after limits provider_limits prices default_model client_keys vision_model queue unpriced budget_wait
        budget_bound budget_count max_session_budget model_group_budgets resume cache loop_guard
        cost_in_usage client_key cors_origins error_codes max_messages validate
        port log_level cheapest no_fallback_on demo""",
    later="recorder on_store_down",
)

LIMITS = _table(used="body headers answer streams connect first_byte idle deadline drain ping_after")

LOOP_GUARD = _table(used="action repeats max_usd_per_hour")

QUEUE = _table(used="max wait")

MODEL = _table(
    used="model_name litellm_params model_info rpm tpm",
    unsupported="guardrails access_groups",
    moot="id created_at updated_at",
)

INFO = frozenset(
    _table(
        used="""base_model mode max_tokens max_input_tokens max_output_tokens supports_vision health_check_model
            supports_function_calling supports_reasoning supports_prompt_caching supports_response_schema
            supports_tool_choice team_id disable_background_health_check access_via_team_ids"""
    )
)
"""Keys of `model_info` that are found beside it."""

SECTIONS: Mapping[str, Mapping[str, Fate]] = {
    "general_settings": GENERAL,
    "litellm_settings": LITELLM,
    "router_settings": ROUTER,
    "trunkline": TRUNKLINE,
}

RENAMED: Mapping[tuple[str, str], str] = {
    ("router_settings", "max_retries"): "num_retries",
    ("router_settings", "request_timeout"): "timeout",
    ("router_settings", "strategy"): "routing_strategy",
    ("litellm_settings", "timeout"): "request_timeout",
    ("litellm_settings", "max_retries"): "num_retries",
    ("litellm_settings", "callback"): "callbacks",
    ("litellm_settings", "verbose"): "set_verbose",
    ("general_settings", "api_key"): "master_key",
    ("general_settings", "default_model"): "completion_model",
}
"""Keys that LiteLLM does not know where they stand, and what their writer wanted there."""

GUARDS = {key for table in (TOP, *SECTIONS.values()) for key, fate in table.items() if fate == "protects"}
GUARDS |= {"master_key", "upperbound_key_generate_params", "max_budget", "budget_duration", "max_end_user_budget"}
GUARDS |= {"max_session_budget", "provider_budget_config", "model_group_budgets", "enforce_user_param"}
GUARDS |= {"client_key"}
"""Keys that must not be overlooked when they stand in a wrong place."""


def home_of(key: str, section: str) -> str:
    """The section that a key belongs to when it does not belong to this one; empty when no section knows it."""
    for name, table in SECTIONS.items():
        if name != section and key in table and table[key] != "moot":
            return name
    return next((name for name, table in SECTIONS.items() if name != section and key in table), "")


def nearest_key(key: str, section: str) -> tuple[str, str]:
    """The key that was most likely meant and its section; this section is asked first."""
    if near := nearest(key, SECTIONS.get(section, TOP)):
        return near, section
    for name, table in SECTIONS.items():
        if near := nearest(key, table):
            return near, name
    return "", ""
