"""`litellm._logging`: its loggers are Trunkline's one."""

import logging

from trunkline.sdk.verbose import turn_on_debug

verbose_logger = verbose_proxy_logger = verbose_router_logger = logging.getLogger("trunkline")
_turn_on_debug = turn_on_debug

__all__ = ["verbose_logger", "verbose_proxy_logger", "verbose_router_logger"]
