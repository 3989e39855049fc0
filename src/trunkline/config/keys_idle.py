"""LiteLLM's newer keys that nothing here acts on, by section. Data; `keys` adds them to its tables.

Source: `ConfigGeneralSettings` in `litellm/proxy/_types.py`, the attributes of its module, and what its proxy asks of
`general_settings` and `litellm_settings`; LiteLLM 1.110.2, read 2026-11.
"""

from __future__ import annotations

TOP = {
    "unsupported": """
        agent_list default_litellm_params sandbox_tools
    """,
}

GENERAL = {
    "unsupported": """
        admission_queue_timeout_seconds agent_access_default_deny alert_type_config
        allow_public_health_readiness_details allow_unmanaged_response_ids allowed_client_side_s3_buckets
        allowed_client_side_s3_endpoint_urls always_include_stream_usage apply_user_budget_to_team_keys
        background_health_check_model_groups claude_code_gateway_managed_settings coordination_redis
        custom_team_metadata_validate dangerously_permit_weak_or_unset_master_key
        disable_auto_add_proxy_admin_to_teams disable_bedrock_agent_runtime_passthrough
        disable_fallbacks_on_per_model_rate_limits disable_key_generate_for_org_admin
        disable_requester_ip_address_logging drain_endpoint_token enable_claude_code_gateway
        enable_drain_endpoint enable_health_check_routing enable_mcp_registry
        enable_openai_websocket_passthrough enable_public_model_hub expose_fallback_errors_to_caller
        health_check_ignore_transient_errors health_check_skip_disabled_background_models
        health_check_staleness_threshold include_call_id_in_error_body max_batch_file_records
        max_batch_file_size_mb max_batch_file_uploads_per_day max_file_downloads_per_minute max_file_size_mb
        max_in_flight_requests_per_worker max_queued_requests_per_worker
        maximum_daily_tag_spend_retention_period maximum_health_check_retention_period maximum_spend_logs_size
        mcp_advertised_versions mcp_allowed_clients mcp_client_id_header mcp_client_side_auth_header_name
        mcp_disabled_capabilities mcp_prefer_client_id_metadata_document mcp_require_explicit_server_scope
        mcp_required_fields mcp_session_token_signing mcp_trusted_proxy_ranges mcp_xff_num_trusted_hops
        missing_session_id model_list_healthy_only pass_through_request_timeout passthrough_managed_object_ids
        plugins request_tag_mappings require_end_user_mcp_access_defined require_key_mcp_access_defined
        responses_websocket_session_limit_seconds return_wildcard_routes search_tool_deny_by_default
        search_tools self_serve_budget_policy skill_scanner spend_capture_rate_check spend_logs_metadata_fields
        spend_logs_prompt_storage team_metadata_schema team_metadata_validation_error_message
        team_metadata_validation_timeout token_rate_limit_type tracing track_unmanaged_batch_cost
        transcribe_media_buckets use_team_public_model_name vector_store_deny_by_default
        vertex_ai_pass_through_drop_anthropic_betas
    """,
    "moot": """
        allow_cli_sso_verification_uri_complete auto_redirect_ui_login_to_sso cancel_on_disconnect
        claude_code_marketplace_auth_required database_args database_connect_timeout
        database_connection_pool_timeout database_disable_prepared_statements database_extra_connection_params
        database_max_idle_connection_lifetime database_socket_timeout disable_batch_input_file_rate_limiting
        disable_budget_reservation disable_env_credential_login disable_model_info_refresh
        disable_password_login_when_sso_enabled fail_closed_budget_enforcement
        fail_closed_rate_limit_enforcement failed_login_block_seconds failed_login_window_seconds
        hide_default_credentials_hint max_failed_login_attempts_per_source
        max_failed_login_attempts_per_source_overrides maximum_autorouter_session_retention_period
        maximum_spend_logs_cleanup_batch_size maximum_spend_logs_cleanup_batch_timeout
        maximum_spend_logs_cleanup_max_batches maximum_spend_logs_cleanup_run_budget
        maximum_spend_logs_cleanup_target_size maximum_spend_logs_size_check_interval
        mcp_allow_all_keys_respects_mcp_scope password_policy_check_breached_passwords
        password_policy_min_length password_policy_require_lowercase password_policy_require_numbers
        password_policy_require_special_characters password_policy_require_uppercase
        proxy_config_reload_interval_seconds scheduled_job_stagger
        skip_batch_input_file_rate_limiting_for_models skip_batch_input_file_rate_limiting_for_providers
        use_spend_logs_ledger use_spend_logs_partitioning user_api_key_cache_max_size
    """,
    "protects": """
        allowed_file_extensions blocked_file_extensions custom_key_policy disable_custom_api_keys
        enforce_fallback_model_access enforce_rbac provider_url_destination_allowed_hosts role_permissions
        trusted_proxy_ranges user_url_allowed_hosts user_url_validation
    """,
}

LITELLM = {
    "unsupported": """
        add_user_information_to_llm_headers allow_dynamic_callback_disabling anthropic_prompt_caching_ttl
        anthropic_sse_ping_interval_seconds api_base api_key api_version aws_sqs_callback_params
        bedrock_request_metadata_fields budget_exceeded_status_code budget_exceeded_throttle_percentage
        budget_rollover caching code_interpreter_interception_params cold_storage_custom_logger
        compression_interception_params credential_list custom_prompt_dict datadog_llm_observability_params
        default_key_max_budget_alert_emails default_soft_budget enable_anthropic_prompt_caching
        enable_gemini_default_thinking_level_low enable_loadbalancing_on_batch_endpoints
        enable_model_config_credential_overrides enable_redis_auth_cache expose_router_debug_in_errors
        gemini_include_thoughts_default global_gitlab_config key_alias_pattern
        longer_context_model_fallback_dict max_tokens max_ui_session_budget mcp_semantic_tool_filter
        mcp_tool_search model_group_settings newrelic_params num_retries_per_request openai_key
        openai_system_messages_first overwrite_user_with_key_hash personal_key_model_access_from_teams
        post_call_rules pre_call_rules prometheus_deployment_and_latency_caller_identity
        prometheus_emit_stream_label prometheus_exclude_labels prometheus_exclude_metrics
        prometheus_initialize_budget_metrics prometheus_latency_buckets public_agent_groups public_mcp_servers
        public_model_groups_links reasoning_auto_summary reasoning_effort_rounding request_correlation_in_logs
        require_managed_files responses route_all_chat_openai_to_responses s3_audit_callback_params
        scim_admin_group scim_upsert_user service_callback sse_keepalive_ping_interval_seconds
        standard_logging_payload_excluded_fields vector_store_registry vector_store_search_failure_mode
        vertex_ai_safety_settings vertex_location vertex_project websearch_interception_params
    """,
    "moot": """
        disable_add_prefix_to_prompt disable_add_user_agent_to_request_tags disable_aiohttp_trust_env
        disable_streaming_logging enable_end_user_cost_tracking_prometheus_only filter_invalid_headers
        force_redis_hash_tag_grouping global_disable_no_log_param http2 log_auth_failure_key_identity
        log_client_error_tracebacks model_cost_map_url safe_memory_mode ssl_ecdh_curve suppress_startup_output
    """,
    "protects": """
        azure_content_safety_params block_requests_for_models_without_pricing max_user_budget
        openai_moderations_model_name presidio_logging_only prompt_injection_params
        provider_url_destination_allowed_hosts user_url_allowed_hosts user_url_validation
        validate_end_user_id_in_db
    """,
}
