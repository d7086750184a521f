"""TEXT values and their bytes.

A TEXT value is a `str`. Bytes that are no valid UTF-8 live in it as surrogate escapes (U+DC80..U+DCFF), so that
every byte string has exactly one `str` and comes back unchanged.

1. `text_of_bytes(bytes_of_text(text))` is the canonical form of `text`: two canonical texts are equal if and only
   if their bytes are. Joining two pieces may give a form that is not canonical; `canonical` mends it.
2. SQLite's character is a lead byte with the continuation bytes after it, whatever they spell. For valid UTF-8
   that is the code point, so `str` indexing serves; texts with escapes take the slow way by `split_characters`.

Twin: core/kernel/value/text_bytes. Spec: https://sqlite.org/c3ref/value_blob.html.
"""

from __future__ import annotations


def bytes_of_text(text: str) -> bytes:
    """The UTF-8 bytes of a TEXT value, escapes turned back into the bytes they stand for."""
    return text.encode("utf-8", "surrogateescape")


def text_of_bytes(data: bytes) -> str:
    """The TEXT value of the given UTF-8 bytes, valid or not."""
    return data.decode("utf-8", "surrogateescape")


def has_escapes(text: str) -> bool:
    """Whether the text holds bytes that are no valid UTF-8."""
    if text.isascii():
        return False
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def canonical(text: str) -> str:
    """The text with neighbouring escapes that spell a character together replaced by that character."""
    if not has_escapes(text):
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def split_characters(data: bytes, first_lead: int = 0xC0) -> list[bytes]:
    """The bytes cut into SQLite's characters: a byte, and its continuation bytes when it is `first_lead` or above.

    SQLite has two ideas of which stray continuation bytes belong together: most functions take 0xC0, length() and
    the forward walk of substr() take 0x80.
    """
    characters: list[bytes] = []
    position = 0
    size = len(data)
    while position < size:
        end = position + 1
        if data[position] >= first_lead:
            while end < size and data[end] & 0xC0 == 0x80:
                end += 1
        characters.append(data[position:end])
        position = end
    return characters
