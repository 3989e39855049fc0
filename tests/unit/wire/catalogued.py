"""A dialect with what the catalog says of the efforts of its model, as a request meets it."""

from __future__ import annotations

from dataclasses import replace

from trunkline.catalog.models import efforts
from trunkline.model.dialect import Dialect


def catalogued(dialect: Dialect) -> Dialect:
    """The same, with the efforts of the model that it names."""
    taken = efforts(dialect.provider, dialect.model)
    if taken and dialect.always_thinks:
        taken = tuple(each for each in taken if each != "none")
    return replace(dialect, efforts=taken)
