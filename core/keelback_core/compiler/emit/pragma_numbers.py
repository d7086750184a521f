"""Numbers in the values of pragmas, read as SQLite reads them."""

from __future__ import annotations


def integer_32(text: str) -> int | None:
    """The 32-bit integer at the start of a text (sqlite3GetInt32): no blanks before it; None if none or too big."""
    sign = -1 if text[:1] == "-" else 1
    digits = ""
    if text[:2].lower() == "0x":
        for character in text[2:]:
            if character not in "0123456789abcdefABCDEF":
                break
            digits += character
        number = int(digits, 16) if digits and len(digits.lstrip("0")) <= 8 else -1
        return number if 0 <= number < 1 << 31 else None
    for character in text[1:] if text[:1] in ("+", "-") else text:
        if character not in "0123456789":
            break
        digits += character
    if not digits or len(digits.lstrip("0")) > 10:
        return None
    number = sign * int(digits)
    return number if -(1 << 31) <= number < 1 << 31 else None


def is_whole_number(text: str) -> bool:
    """Whether nothing but an integer stands in the text."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    return digits[:2].lower() == "0x" or (digits.isascii() and digits.isdigit())
