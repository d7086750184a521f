"""The texts between the parentheses of USING module(...)."""

from __future__ import annotations


def unquoted(text: str) -> str:
    """An argument without the quotes around it: '...', "...", `...` or [...]."""
    if len(text) < 2 or text[0] not in "'\"`[":
        return text
    end = "]" if text[0] == "[" else text[0]
    inner = text[1:-1] if text.endswith(end) else text[1:]
    return inner.replace(end + end, end)
