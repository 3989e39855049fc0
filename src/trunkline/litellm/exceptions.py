"""`litellm.exceptions`."""

from trunkline.exceptions import *  # noqa: F403 - all of it, by definition
from trunkline.exceptions import LITELLM_EXCEPTION_TYPES as LITELLM_EXCEPTION_TYPES
