"""Trunkline: one line to every model.

The package's version and, later, its public SDK names. Nothing is imported here, so that
`import trunkline` stays far below 50 ms.
"""

__version__ = "0.1.0"
