"""Paths into JSONB: looking up, and changing what a path names.

    path = $ { .label | ."label" | [number] | [#] | [#-number] }

1. A look-up walks down one step at a time; the way it went is a list of the containers' places, so that an edit can
   mend their sizes from the inside out. Nothing recurses: a path may be long.
2. An edit changes the bytearray in place; what it does not touch keeps its bytes.
3. As in SQLite, a step's text is checked only when the element is of the kind that the step is for.

Spec: https://sqlite.org/json1.html#path_arguments. Twin: core/kernel/vm/functions/json_path.
"""

from __future__ import annotations

from .json_binary import (
    ARRAY,
    OBJECT,
    TEXT,
    TEXT5,
    TEXT_RAW,
    count_elements,
    element,
    element_bounds,
    overwrite,
    resize,
)
from .json_string import same_label

# What a look-up answers instead of a place.
NOT_FOUND = -1
BAD_PATH = -2
DAMAGED = -3
NOT_AN_ARRAY = -4

# What to do at the end of the path.
LOOK, DELETE, REPLACE, INSERT, SET, ARRAY_INSERT = range(6)

_DIGITS = b"0123456789"


class Label:
    """One `.label` step: the bytes, whether they have no escapes, and where the path goes on."""

    __slots__ = ("after", "is_raw", "name")

    def __init__(self, name: bytes, is_raw: bool, after: int) -> None:
        self.name = name
        self.is_raw = is_raw
        self.after = after


def read_label(path: bytes, at: int) -> Label | None:
    """The label that begins at `at`, after the point; None if there is none."""
    end = at
    if path[at : at + 1] == b'"':
        end = at + 1
        while end < len(path) and path[end] != 0x22:
            end += 2 if path[end] == 0x5C and end + 1 < len(path) else 1
        if end >= len(path):
            return None
        name = path[at + 1 : end]
        return Label(name, b"\\" not in name, end + 1)
    while end < len(path) and path[end] not in b".[":
        end += 1
    return Label(path[at:end], True, end) if end > at else None


def read_number(path: bytes, at: int) -> tuple[int, int]:
    """The digits at `at` as a number, held at 32 bits, and where they end."""
    number = 0
    while at < len(path) and path[at] in _DIGITS:
        if number < 0xFFFFFFFF:
            number = number * 10 + path[at] - 48
        at += 1
    return number, at


class Walk:
    """One path being followed through one JSONB, with what is to be done at its end."""

    __slots__ = ("data", "edit", "insertion", "label_place", "path", "way")

    def __init__(self, data: bytearray | bytes, path: bytes, edit: int = LOOK, insertion: bytes = b"") -> None:
        self.data = data
        self.path = path
        self.edit = edit
        self.insertion = insertion
        self.way: list[int] = []
        # Of an element that was found, and is a member of an object: the place of its label, else 0.
        self.label_place = 0

    def follow(self, at: int = 1) -> int:
        """Walk from the root along the path from its character `at`; the place of the element or what went wrong."""
        place = 0
        label_place = 0
        while at < len(self.path):
            byte = self.path[at]
            if byte == 0x2E:
                place, label_place, at = self._step_label(place, at + 1)
            elif byte == 0x5B:
                place, at = self._step_index(place, at)
                label_place = 0
            else:
                return BAD_PATH
            if place < 0:
                return place
            if at < 0:
                return place
        return self._finish(place, label_place)

    def _finish(self, place: int, label_place: int) -> int:
        """The path has ended at an element that exists."""
        self.label_place = label_place
        if self.edit == LOOK:
            return place
        if self.edit == INSERT:
            return NOT_FOUND
        if self.edit == ARRAY_INSERT:
            return NOT_AN_ARRAY
        end = element_bounds(self.data, place)[1]
        start = place
        if self.edit == DELETE and label_place > 0:
            start = label_place
        if not end:
            return DAMAGED
        self._splice(start, end, b"" if self.edit == DELETE else overwrite(end - start, self.insertion))
        return place

    def _splice(self, start: int, end: int, replacement: bytes) -> None:
        """Replace these bytes and mend the sizes of the containers around them."""
        data = self.data
        assert isinstance(data, bytearray)
        data[start:end] = replacement
        growth = len(replacement) - (end - start)
        for container in reversed(self.way):
            if growth == 0:
                return
            # The old size is still in the header, though the bytes no longer are.
            code = data[container] >> 4
            size = (
                code if code <= 11 else int.from_bytes(data[container + 1 : container + 1 + (1 << (code - 12))], "big")
            )
            growth += resize(data, container, size + growth)

    def _step_label(self, place: int, at: int) -> tuple[int, int, int]:
        """Into an object: the place of the value, of its label, and where the path goes on (-1: all is done)."""
        label = read_label(self.path, at)
        if label is None:
            return BAD_PATH, 0, 0
        data = self.data
        if data[place] & 0x0F != OBJECT:
            return NOT_FOUND, 0, 0
        position, end = element_bounds(data, place)
        while position < end:
            kind = data[position] & 0x0F
            start, stop = element_bounds(data, position)
            if not TEXT <= kind <= TEXT_RAW or not start or stop >= end:
                return DAMAGED, 0, 0
            value_stop = element_bounds(data, stop)[1]
            name = bytes(data[start:stop])
            if same_label(label.name, label.is_raw, name, kind in (TEXT, TEXT_RAW)):
                if data[stop] & 0x0F > OBJECT or not value_stop or value_stop > end:
                    return DAMAGED, 0, 0
                self.way.append(place)
                return stop, position, label.after
            if not value_stop:
                return DAMAGED, 0, 0
            position = value_stop
        if position > end:
            return DAMAGED, 0, 0
        if self.edit < INSERT:
            return NOT_FOUND, 0, 0
        if self._is_array_insert_elsewhere():
            return NOT_AN_ARRAY, 0, 0
        built = self._build(label.after)
        if isinstance(built, int):
            return built, 0, 0
        self.way.append(place)
        name_element = element(TEXT_RAW if label.is_raw else TEXT5, label.name)
        self._splice(position, position, name_element + built)
        return position, 0, -1

    def _index(self, place: int, at: int) -> tuple[int, int]:
        """The number between the brackets, counted from the start, and the place of what must be the bracket."""
        path = self.path
        number, end = read_number(path, at + 1)
        if end > at + 1:
            return number, end
        if path[at + 1 : at + 2] != b"#":
            return BAD_PATH, end
        count = count_elements(self.data, place)
        end = at + 2
        if path[end : end + 1] == b"-" and path[end + 1 : end + 2].isdigit():
            back, end = read_number(path, end + 1)
            if back > count:
                return NOT_FOUND, end
            count -= back
        return count, end

    def _step_index(self, place: int, at: int) -> tuple[int, int]:
        """Into an array: the place of the element and where the path goes on (-1: all is done)."""
        data = self.data
        if data[place] & 0x0F != ARRAY:
            return NOT_FOUND, 0
        number, bracket = self._index(place, at)
        if number < 0:
            return number, 0
        if self.path[bracket : bracket + 1] != b"]":
            return BAD_PATH, 0
        at = bracket + 1
        position, end = element_bounds(data, place)
        while position < end:
            if number == 0:
                self.way.append(place)
                if self.edit == ARRAY_INSERT and at == len(self.path):
                    self._splice(position, position, self.insertion)
                    return position, -1
                return position, at
            number -= 1
            stop = element_bounds(data, position)[1]
            if not stop:
                return DAMAGED, 0
            position = stop
        if position > end:
            return DAMAGED, 0
        if number > 0 or self.edit < INSERT:
            return NOT_FOUND, 0
        built = self._build(at)
        if isinstance(built, int):
            return built, 0
        self.way.append(place)
        self._splice(position, position, built)
        return position, -1

    def _is_array_insert_elsewhere(self) -> bool:
        """Whether json_array_insert is to make a label though the path does not end in an index."""
        path = self.path
        return self.edit == ARRAY_INSERT and not (path.endswith(b"]") and path.rfind(b"[") > path.rfind(b"."))

    def _build(self, at: int) -> bytes | int:
        """The insertion inside the containers that the rest of the path asks for; or what is wrong with the rest."""
        path = self.path
        labels: list[bytes | None] = []
        while at < len(path):
            if path[at] == 0x2E:
                label = read_label(path, at + 1)
                if label is None:
                    return BAD_PATH
                if self._is_array_insert_elsewhere():
                    return NOT_AN_ARRAY
                labels.append(element(TEXT_RAW if label.is_raw else TEXT5, label.name))
                at = label.after
                continue
            if path[at] != 0x5B:
                return BAD_PATH
            number, bracket = self._new_index(at)
            if number != 0:
                return number if number < 0 else NOT_FOUND
            labels.append(None)
            at = bracket + 1
        built = self.insertion
        for name in reversed(labels):
            built = element(ARRAY, built) if name is None else element(OBJECT, name + built)
        return built

    def _new_index(self, at: int) -> tuple[int, int]:
        """The index in the brackets at `at`, into an array that is still empty, and where the closing bracket is."""
        path = self.path
        number, end = read_number(path, at + 1)
        if end == at + 1:
            if path[end : end + 1] != b"#":
                return BAD_PATH, end
            end += 1
            if path[end : end + 1] == b"-" and path[end + 1 : end + 2].isdigit():
                number, end = read_number(path, end + 1)
                if number > 0:
                    return NOT_FOUND, end
        return (number if path[end : end + 1] == b"]" else BAD_PATH), end
