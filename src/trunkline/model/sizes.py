"""Sizes as people read them."""

from __future__ import annotations


def said(size: int) -> str:
    """`32 MB`, `300 KB`, `900 bytes`: the largest unit that divides it well, rounded down."""
    if size >= 1 << 20:
        whole = size / (1 << 20)
        return f"{whole:.0f} MB" if whole == int(whole) else f"{int(whole * 10) / 10} MB"
    return f"{size >> 10} KB" if size >= 1 << 10 else f"{size} bytes"
