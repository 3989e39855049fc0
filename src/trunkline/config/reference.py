"""Every setting that is acted on, in a line each: type, default, meaning. Data, and its look-up.

`tools/settings.py` writes `docs/settings.md` from it, `trunkline check --keys` shows it, and a test holds it against
the keys that are read (`keys`, `keys_params`, `caching`). Default `–`: nothing where nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Setting:
    """One key. `section` is the path that it stands under; `the file` is the top."""

    section: str
    name: str
    type: str
    default: str
    meaning: str


TABLES: dict[str, str] = {
    "the file": """
model_list              | list of models | –   | what is offered; without it, the models of the keys in the environment
litellm_settings        | mapping        | –   | settings of calls
router_settings         | mapping        | –   | settings of routes; where a key is in both, these count
general_settings        | mapping        | –   | settings of the gateway
environment_variables   | mapping        | –   | laid over the process's environment
credential_list         | list           | –   | `credential_name` and `credential_values`: settings that models share, see `litellm_credential_name`
include                 | list of files  | –   | more files, each beside the one that names it; lists are joined, other sections replace
trunkline               | mapping        | –   | what LiteLLM has no word for
""",
    "model_list": """
model_name              | name           | must be | what clients ask for; may hold `*`. Several of one name are one group
litellm_params          | mapping        | must be | where it goes, and how
model_info              | mapping        | –   | what is said of it: `id`, `mode`, `base_model` (whose price an Azure deployment has), limits, abilities, prices, `disable_background_health_check`
rpm                     | number         | –   | as in `litellm_params`
tpm                     | number         | –   | as in `litellm_params`
""",
    "litellm_params": """
model                   | name           | must be | `provider/model`; `*` stands for the rest of the asked name
api_key                 | text           | the provider's variable | the key; `os.environ/NAME`
api_base                | URL            | the provider's | where it is; a bare origin gets the provider's own paths
base_url                | URL            | –   | another name of `api_base`
api_version             | text           | –   | Azure's
organization            | text           | –   | OpenAI's; sent as a header
custom_llm_provider     | name           | –   | the provider, where the model's name does not say it
litellm_credential_name | name           | –   | one of `credential_list`: what it says counts where this model says nothing
headers                 | mapping        | –   | headers of each request
extra_headers           | mapping        | –   | the same; these win
extra_body              | mapping        | –   | members that replace those of each request
additional_drop_params  | list of names  | –   | members that are taken out of each request
drop_params             | true or false  | the configuration's | members that the model does not take are left out
timeout                 | seconds        | the configuration's | until the first token, or a whole answer's headers
stream_timeout          | seconds        | `timeout` | until the first token of a stream
max_retries             | number         | the configuration's | further attempts
num_retries             | number         | –   | another name of `max_retries`; this one wins
weight                  | number         | –   | its share of the group's calls
order                   | number         | 0   | lower ones are asked first
rpm                     | number         | –   | requests a minute, over all workers
tpm                     | number         | –   | tokens a minute, over all workers
max_parallel_requests   | number         | –   | calls at once; more wait in a line
cooldown_time           | seconds        | the configuration's | how long it rests after failures
tags                    | list of names  | –   | read, and not acted on yet
max_budget              | dollars        | –   | what may be spent on it in a period
budget_duration         | period         | for ever | `24h`, `7d`, `1mo`
input_cost_per_token    | dollars        | the catalog's | and its kin (`output_cost_per_token`, `…_above_200k_tokens`)
output_cost_per_token   | dollars        | the catalog's | the same of what is written
input_cost_per_audio_token | dollars     | the catalog's | the same of sound that is read
output_cost_per_audio_token | dollars    | the catalog's | the same of sound that is said
cache_read_input_token_cost | dollars    | the catalog's | the same of what a cache gave
cache_creation_input_token_cost | dollars | the catalog's | the same of what was put into a cache
cache_creation_input_token_cost_above_1hr | dollars | the catalog's | the same, for an hour
plan                    | `coding` or `payg` | learned | which pot of Z.AI's pays
region                  | `intl` or `cn` | `intl` | which of Z.AI's addresses
""",
    "litellm_settings": """
drop_params             | true or false  | false | members that a model does not take are left out, else it is a 400
num_retries             | number         | 2   | further attempts of a call in its group
request_timeout         | seconds        | see [routing](routing.md#how-long-is-waited) | until the first token, or a whole answer's headers
stream_timeout          | seconds        | `request_timeout` | until the first token of a stream
fallbacks               | list of `name: [names]` | – | who is asked when a group fails
default_fallbacks       | list of names  | –   | the same for every group without its own
context_window_fallbacks | list of `name: [names]` | – | who is asked when a conversation is too long
content_policy_fallbacks | list of `name: [names]` | – | who is asked when a provider refuses the content
max_fallbacks           | number         | 5   | groups that are tried at most
retry_policy            | mapping        | –   | further attempts by sort of error: `RateLimitErrorRetries`, `ServiceUnavailableErrorRetries`, …, `DefaultRetries`
retry_after             | seconds        | 0   | least wait before a retry
allowed_fails           | number         | 3   | failures in a row within a minute before a deployment rests
cooldown_time           | seconds        | 5   | how long it rests, twice as long each time up to 30
model_group_alias       | mapping        | –   | other names of groups: `alias: name`, or `{model: name, hidden: true}`
callbacks               | list of names  | –   | `prometheus` is always there; others are reported
success_callback        | list of names  | –   | the same
failure_callback        | list of names  | –   | the same
require_auth_for_metrics_endpoint | true or false | true | `/metrics` asks for the master key
include_cost_in_streaming_usage | true or false | – | false: as `cost_in_usage: off`
default_key_generate_params | mapping    | –   | what a new key has where nothing is said, [keys](keys.md)
upperbound_key_generate_params | mapping | –   | the most that a key may be given
max_budget              | dollars        | –   | what may be spent in all in a period
budget_duration         | period         | for ever | the period of `max_budget`
max_end_user_budget     | dollars        | –   | what may be spent for each end user
timezone                | name           | UTC | whose midnights, Mondays and months budgets begin at: `Europe/Berlin`
cache                   | true or false  | false | answers are kept and told again, [the cache](configuration.md#the-cache)
cache_params            | mapping        | –   | how they are kept
""",
    "litellm_settings.cache_params": """
type                    | `local`        | `local` | each worker's own memory; other kinds are reported
ttl                     | seconds        | 600 | how long an answer is kept
default_in_memory_ttl   | seconds        | –   | the same, where there is no `ttl`
namespace               | text           | –   | answers of different namespaces are kept apart
mode                    | `default_on` or `default_off` | `default_on` | off: only for requests that ask for it
supported_call_types    | list of names  | all | whose answers are kept: `acompletion`, `aresponses`, `atext_completion`, `aembedding`
""",
    "router_settings": """
num_retries             | number         | 2   | further attempts of a call in its group
timeout                 | seconds        | see [routing](routing.md#how-long-is-waited) | until the first token, or a whole answer's headers
stream_timeout          | seconds        | `timeout` | until the first token of a stream
fallbacks               | list of `name: [names]` | – | who is asked when a group fails
default_fallbacks       | list of names  | –   | the same for every group without its own
context_window_fallbacks | list of `name: [names]` | – | who is asked when a conversation is too long
content_policy_fallbacks | list of `name: [names]` | – | who is asked when a provider refuses the content
max_fallbacks           | number         | 5   | groups that are tried at most
retry_policy            | mapping        | –   | further attempts by sort of error: `RateLimitErrorRetries`, `ServiceUnavailableErrorRetries`, …, `DefaultRetries`
model_group_retry_policy | mapping       | –   | the same by group
retry_after             | seconds        | 0   | least wait before a retry
allowed_fails           | number         | 3   | failures in a row within a minute before a deployment rests
allowed_fails_policy    | mapping        | –   | the same by sort of error: `TimeoutErrorAllowedFails`, …
cooldown_time           | seconds        | 5   | how long it rests, twice as long each time up to 30
disable_cooldowns       | true or false  | false | nothing rests
routing_strategy        | name           | `simple-shuffle` | or `least-busy`, `latency-based-routing`, `usage-based-routing` (`-v2`), `cost-based-routing`
routing_strategy_args   | mapping        | –   | `lowest_latency_buffer`
model_group_alias       | mapping        | –   | other names of groups: `alias: name`, or `{model: name, hidden: true}`
provider_budget_config  | mapping        | –   | provider → `{budget_limit, time_period}`
""",
    "general_settings": """
master_key              | text           | `LITELLM_MASTER_KEY` | the gateway's own key, [its key](configuration.md#the-gateways-own-key)
database_url            | URL            | –   | PostgreSQL; this version keeps its record in SQLite, and says so
completion_model        | name           | –   | the model of a request that names none
max_request_size_mb     | number         | 32  | the largest request
max_response_size_mb    | number         | 32  | the largest whole answer
global_max_parallel_requests | number    | 2000 | requests at once in a process
allow_client_side_credentials | true or false | false | as `client_keys: beside`
background_health_checks | true or false | false | providers are asked for the list of their models
health_check_interval   | seconds        | 30  | how often
maximum_spend_logs_retention_period | length of time | – | older rows of the ledger are pruned: `90d`
max_budget              | dollars        | –   | as in `litellm_settings`
enforce_user_param      | true or false  | false | a call that names no end user (`user`, `metadata.user_id`) is refused
""",
    "trunkline": """
default_model           | name           | –   | the model of a request that names none
cheapest                | mapping        | –   | name → models, of which [the cheapest](routing.md#who-is-asked) that can be asked answers
no_fallback_on          | list of kinds  | –   | after a failure of these [kinds](routing.md#what-an-error-means) no fallback is gone on to: `[timeout, rate]`
port                    | number         | 4000 | what is listened on where no flag and no `PORT` says otherwise
log_level               | `debug`, `info`, `warning` or `error` | `info` | likewise; `LITELLM_LOG` and `LITELLM_LOG_LEVEL` win over it
demo                    | true or false  | true | whether the built-in demo's models are there
vision_model            | name           | –   | who is asked instead when a request shows what its model cannot see
prices                  | file           | –   | prices of your own, in the shape of LiteLLM's price file
client_key              | key            | –   | lets its holder ask models, and administer nothing
client_keys             | `deny`, `beside` or `allow` | `deny` | whether callers may bring [their own key](browser.md#request-headers) for the provider, beside the gateway's or in its place
cors_origins            | list of origins | –  | [pages](browser.md#which-pages-may-ask) that may ask
error_codes             | `wire` or `upper` | `wire` | how [errors](browser.md#errors) of the gateway's own are named
validate                | `short`, `always` or `off` | `short` | which conversations are [looked through](browser.md#what-is-looked-at-before-anything-is-sent) before anything is sent
max_messages            | number         | –   | how many messages a conversation may have
resume                  | `off`, `text` or `always` | `text` | what becomes of a stream that breaks, [architecture](architecture.md#when-a-stream-breaks)
ping_after              | seconds        | 25  | silence before a stream's first ping
limits                  | mapping        | –   | bounds, see below
provider_limits         | mapping        | –   | provider → `{rpm, tpm, parallel}`, over all its deployments, and `retry_delay`: seconds before it is asked again, doubled each time
queue                   | mapping        | –   | the line of calls that wait for a place at a provider
cache                   | mapping        | –   | more of [the cache](configuration.md#the-cache)
loop_guard              | mapping        | –   | [agents that run away](configuration.md#runaway-agents)
cost_in_usage           | `off`, `chat` or `on` | `chat` | where a stream tells [what it cost](configuration.md#what-an-answer-cost)
unpriced                | `refuse` or `allow` | `refuse` | calls of a model without a known price, where a budget counts them
budget_wait             | seconds        | 5   | how long a call waits for budget that others hold
budget_bound            | `learned` or `bytes` | `learned` | how what a request may cost is bounded
budget_count            | `billed` or `value` | `billed` | whether traffic of a flat plan counts, at list price
max_session_budget      | dollars        | –   | what a session may spend
model_group_budgets     | mapping        | –   | group → `{max_budget, budget_duration, fallback_at}`; from `fallback_at` percent on, its calls take the fallback
recorder                | mapping        | –   | read, and not acted on yet
on_store_down           | text           | –   | read, and not acted on yet
""",
    "trunkline.limits": """
body                    | bytes          | 33554432 | the largest request
headers                 | bytes          | 65536 | the largest headers
answer                  | bytes          | 33554432 | the largest whole answer
streams                 | number         | 2000 | requests at once in a process
connect                 | seconds        | 10  | for a connection
first_byte              | seconds        | see [routing](routing.md#how-long-is-waited) | until a whole answer's headers
idle                    | seconds        | see [routing](routing.md#how-long-is-waited) | silence in the middle of a stream
deadline                | seconds        | –   | for a whole call
drain                   | seconds        | 10  | for calls under way, when the gateway ends
ping_after              | seconds        | 25  | silence before a stream's first ping
""",
    "trunkline.loop_guard": """
action                  | `header`, `answer`, `refuse` or `off` | `header` | what is done
repeats                 | number         | 5   | so often in a row is a circle
max_usd_per_hour        | dollars        | –   | of a session
""",
    "trunkline.cache": """
shared                  | true or false  | false | callers with different keys are told each other's answers
streamed_tools          | true or false  | false | streams of requests that offer tools are kept, too
bytes                   | bytes          | 67108864 | what a worker keeps in all
entry                   | bytes          | 1048576 | the largest answer that is kept
""",
    "trunkline.queue": """
max                     | number         | 100 | calls in the line
wait                    | seconds        | 30  | how long each waits
""",
}


def settings(word: str = "") -> Iterator[Setting]:
    """All of them, or those whose name, section or meaning has that word."""
    for section, table in TABLES.items():
        for line in table.strip().splitlines():
            setting = Setting(section, *(cell.strip() for cell in line.split("|")))
            if word.lower() in f"{section} {setting.name} {setting.meaning}".lower():
                yield setting
