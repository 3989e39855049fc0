"""Stands before an installed LiteLLM where `trunkline run` put its folder into PYTHONPATH: `litellm` is Trunkline then.

A folder in PYTHONPATH and not a hook of this process, so that programs that the program starts see the same.
"""

import sys

import trunkline.litellm

sys.modules[__name__] = trunkline.litellm
