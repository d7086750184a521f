"""Normalised keys: tuples that Python compares in the order of a KeyInfo.

    column        element
    NULL          (0,)            or (4,) where NULLs count as biggest
    number        (1, number)     Python compares int and float exactly
    TEXT          (2, bytes)      the UTF-8 bytes, folded by the collation, or the UTF-16 bytes for BINARY in a UTF-16
                                  database; (2, CollatedText) for a user's collation
    BLOB          (3, bytes)
    descending    Descending(element)

1. Two keys compare as KeyComparator compares the values, so lists of keys can be sorted and bisected.
2. A prefix sorts before every key that it begins; a prefix followed by AFTER_ALL sorts after them.

Must not know: cursors. The kernel's twin is memcmp-able bytes: core/kernel/vm/normal_key.
"""

from __future__ import annotations

from keelback_core.value.key import compare_binary, compare_nocase, compare_rtrim
from keelback_core.value.key_info import SORT_DESCENDING, SORT_NULLS_BIGGEST
from keelback_core.value.key_utf16 import compare_binary_utf16be, compare_binary_utf16le
from keelback_core.value.record import UTF16BE, UTF16LE, encode_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from keelback_core.value import Value
    from keelback_core.value.key import Collation
    from keelback_core.value.key_info import KeyInfo

    Element = Any
    ElementMaker = Callable[[Value], Element]

_NULL = (0,)
_NULL_BIGGEST = (4,)
AFTER_ALL = (5,)


class CollatedText:
    """A text that compares by a user's collation."""

    __slots__ = ("collation", "text")

    def __init__(self, text: str, collation: Collation) -> None:
        self.text = text
        self.collation = collation

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CollatedText) and self.collation(self.text, other.text) == 0

    def __lt__(self, other: CollatedText) -> bool:
        return self.collation(self.text, other.text) < 0

    def __hash__(self) -> int:
        return 0


class Descending:
    """An element in reverse order; smaller than AFTER_ALL like every other."""

    __slots__ = ("element",)

    def __init__(self, element: Element) -> None:
        self.element = element

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Descending) and bool(self.element == other.element)

    def __lt__(self, other: object) -> bool:
        return not isinstance(other, Descending) or bool(other.element < self.element)

    def __gt__(self, other: object) -> bool:
        return isinstance(other, Descending) and bool(self.element < other.element)

    def __hash__(self) -> int:
        return hash(self.element)


def _binary_element(value: Value) -> Element:
    if value is None:
        return _NULL
    if isinstance(value, str):
        return (2, value.encode("utf-8", "surrogateescape"))
    if isinstance(value, bytes):
        return (3, value)
    return (1, value)


def _nocase_element(value: Value) -> Element:
    if not isinstance(value, str):
        return _binary_element(value)
    folded = value.encode("utf-8", "surrogateescape").lower()
    end = folded.find(b"\0")
    # Behind a NUL character NOCASE looks at the length only.
    return (2, folded) if end < 0 else (2, folded[: end + 1], len(folded))


def _rtrim_element(value: Value) -> Element:
    if not isinstance(value, str):
        return _binary_element(value)
    return (2, value.rstrip(" ").encode("utf-8", "surrogateescape"))


def _utf16le_element(value: Value) -> Element:
    return (2, encode_text(value, UTF16LE)) if isinstance(value, str) else _binary_element(value)


def _utf16be_element(value: Value) -> Element:
    return (2, encode_text(value, UTF16BE)) if isinstance(value, str) else _binary_element(value)


def _collated_maker(collation: Collation) -> ElementMaker:
    if collation is compare_binary:
        return _binary_element
    if collation is compare_nocase:
        return _nocase_element
    if collation is compare_rtrim:
        return _rtrim_element
    if collation is compare_binary_utf16le:
        return _utf16le_element
    if collation is compare_binary_utf16be:
        return _utf16be_element

    def collated_element(value: Value) -> Element:
        return (2, CollatedText(value, collation)) if isinstance(value, str) else _binary_element(value)

    return collated_element


def column_maker(collation: Collation, nulls_biggest: bool) -> ElementMaker:
    """The function that makes the ascending element of a column."""
    make = _collated_maker(collation)
    if not nulls_biggest:
        return make

    def element_with_nulls_biggest(value: Value) -> Element:
        return _NULL_BIGGEST if value is None else make(value)

    return element_with_nulls_biggest


class KeyNormaliser:
    """Makes the normalised keys of one KeyInfo. Columns beyond it compare ascending, BINARY."""

    __slots__ = ("_makers", "_only_binary")

    def __init__(self, key_info: KeyInfo, collations: Sequence[Collation]) -> None:
        makers: list[tuple[ElementMaker, bool]] = []
        self._only_binary = True
        for position, flags in enumerate(key_info.sort_flags):
            maker = column_maker(collations[position], bool(flags & SORT_NULLS_BIGGEST))
            makers.append((maker, bool(flags & SORT_DESCENDING)))
            if flags or maker is not _binary_element:
                self._only_binary = False
        self._makers = makers

    def key(self, values: Sequence[Value]) -> tuple[Element, ...]:
        """The key of a whole record or of a prefix."""
        if self._only_binary:
            return tuple([_binary_element(value) for value in values])
        makers = self._makers
        elements = []
        for position, value in enumerate(values):
            if position >= len(makers):
                elements.append(_binary_element(value))
                continue
            make, is_descending = makers[position]
            element = make(value)
            elements.append(Descending(element) if is_descending else element)
        return tuple(elements)
