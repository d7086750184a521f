"""Text to JSONB: the parser of JSON and JSON5.

1. It knows JSON5 and SQLite's additions (NaN, Infinity, control characters in strings); `is_nonstandard` tells whether
   any of that was used.
2. Numbers and strings keep the bytes that they are written with; only their kind says which dialect they need.
3. It goes through the text once, with a stack of open containers; nesting beyond MAXIMUM_DEPTH is malformed.
4. `error_position` is the byte at which SQLite gives up, which json_error_position() shows. Behind a sound value that
   is the last place at which SQLite was in doubt (often 0), so that is kept up to date too.

Knows nothing of SQL. Spec: https://sqlite.org/json1.html, https://spec.json5.org.
Twin: core/kernel/vm/functions/json_text.
"""

from __future__ import annotations

from .json_binary import (
    ARRAY,
    FALSE,
    INTEGER,
    INTEGER5,
    MAXIMUM_DEPTH,
    NULL,
    OBJECT,
    REAL,
    TEXT,
    TEXT5,
    TEXT_ESCAPED,
    TEXT_RAW,
    TRUE,
    element,
    header,
)
from .json_space import LINE_ENDS, json5_space

_SPACES = b" \t\n\r"
_DIGITS = b"0123456789"
_HEX = b"0123456789abcdefABCDEF"
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ALPHANUMERIC = _LETTERS + _DIGITS
_LABEL_START = _LETTERS + b"_$" + bytes(range(0x80, 0x100))
_LABEL_REST = _LABEL_START + _DIGITS
_SIMPLE_ESCAPES = b'"\\/bfnrt'
# What a string may hold that needs no thought, for a look at a whole string at once.
PLAIN_STRING_BYTES = bytes(byte for byte in range(0x20, 0x100) if byte not in b'"\\')
_WORDS = (
    (b"infinity", REAL, b"9e999"),
    (b"inf", REAL, b"9e999"),
    (b"qnan", NULL, b""),
    (b"snan", NULL, b""),
    (b"nan", NULL, b""),
)


def _is_hex(data: bytes, at: int, count: int) -> bool:
    return all(data[position] in _HEX for position in range(at, at + count))


class _Container:
    """An array or object that is open: the elements so far, and where the one being read (or white space) began."""

    __slots__ = ("item_start", "kind", "pieces", "wants_label")

    def __init__(self, kind: int) -> None:
        self.kind = kind
        self.pieces: list[bytes] = []
        self.item_start = 0
        self.wants_label = kind == OBJECT


class JsonParser:
    """One text being parsed: `parse` gives the JSONB, or None with `error_position` set."""

    __slots__ = ("data", "error_position", "is_nonstandard", "position")

    def __init__(self, text: bytes) -> None:
        # What follows a NUL does not count; the padding lets every look-ahead stay inside.
        self.data = text.partition(b"\0")[0] + bytes(8)
        self.position = 0
        self.error_position = 0
        self.is_nonstandard = False

    def parse(self) -> bytes | None:
        """The JSONB of the whole text."""
        result = self._parse_value()
        if result is None:
            return None
        self._skip_spaces()
        if self.data[self.position]:
            self._skip()
            if self.data[self.position]:
                return None
        return result

    def _fail(self, position: int) -> None:
        self.error_position = position

    def _skip_spaces(self) -> None:
        while self.data[self.position] in _SPACES:
            self.position += 1

    def _skip(self) -> None:
        """White space of JSON5; more than JSON's is a mark of JSON5."""
        self._skip_spaces()
        count = json5_space(self.data, self.position)
        if count:
            self.is_nonstandard = True
            self.position += count

    def _parse_value(self) -> bytes | None:
        """The tree, with a stack instead of recursion."""
        stack: list[_Container] = []
        while True:
            start = self.position
            if stack:
                stack[-1].item_start = start
            self._skip()
            byte = self.data[self.position]
            if byte == 0x7B or byte == 0x5B:
                if len(stack) >= MAXIMUM_DEPTH:
                    self._fail(self.position)
                    return None
                stack.append(_Container(OBJECT if byte == 0x7B else ARRAY))
                self.position += 1
                continue
            if stack and byte == (0x7D if stack[-1].kind == OBJECT else 0x5D) and self._may_close(stack[-1]):
                self.is_nonstandard = self.is_nonstandard or bool(stack[-1].pieces)
                self.error_position = self.position
                self.position += 1
                done: bytes | None = self._close(stack)
            else:
                done = self._parse_item(stack[-1] if stack else None, start)
            # A finished value may finish the containers around it.
            while True:
                if done is None:
                    return None
                if not stack:
                    return done
                outcome = self._after_value(stack[-1], done)
                if outcome < 0:
                    return None
                if outcome == 0:
                    break
                done = self._close(stack)

    def _may_close(self, container: _Container) -> bool:
        """Where an element or a label may begin the container may end; where a value must follow it may not."""
        return container.kind == ARRAY or container.wants_label

    def _close(self, stack: list[_Container]) -> bytes:
        container = stack.pop()
        payload = b"".join(container.pieces)
        return header(container.kind, len(payload)) + payload

    def _parse_item(self, container: _Container | None, start: int) -> bytes | None:
        """A scalar or a bare label at the position; `start` is where the white space before it began."""
        data = self.data
        at = self.position
        byte = data[at]
        if byte in b"}],:\0":
            if container is not None:
                self._fail(at if container.wants_label else start)
            else:
                self._fail(at if byte else 0)
            return None
        result = self._parse_scalar()
        if result is not None or container is None or not container.wants_label:
            return result
        is_escape = byte == 0x5C and data[at + 1] == 0x75 and _is_hex(data, at + 2, 4)
        if is_escape or byte in _LABEL_START:
            return self._parse_bare_label(at)
        return None

    def _parse_bare_label(self, at: int) -> bytes:
        data = self.data
        kind = TEXT
        end = at
        while True:
            byte = data[end]
            if byte == 0x5C and data[end + 1] == 0x75 and _is_hex(data, end + 2, 4):
                kind = TEXT_ESCAPED
            elif byte not in _LABEL_REST or (byte >= 0x80 and json5_space(data, end)):
                break
            end += 1
        self.is_nonstandard = True
        self.position = end
        return element(kind, data[at:end])

    def _after_value(self, container: _Container, value: bytes) -> int:
        """Take the value in and read the punctuation after it: 0 go on, 1 the container ends, -1 error."""
        data = self.data
        if container.wants_label:
            if not TEXT <= value[0] & 0x0F <= TEXT_RAW:
                self._fail(container.item_start)
                return -1
            container.pieces.append(value)
            container.wants_label = False
            self._skip_spaces()
            place = self.position
            if data[place] != 0x3A:
                self._skip()
                if data[self.position] != 0x3A:
                    return self._fail_after_label(place)
                self.error_position = self.position
            self.position += 1
            return 0
        container.pieces.append(value)
        self._skip_spaces()
        place = self.position
        close = 0x7D if container.kind == OBJECT else 0x5D
        if data[place] not in (0x2C, close):
            self._skip()
            self.error_position = self.position
        byte = data[self.position]
        self.position += 1
        if byte == 0x2C:
            container.wants_label = container.kind == OBJECT
            return 0
        if byte == close:
            return 1
        self._fail(place)
        return -1

    def _fail_after_label(self, place: int) -> int:
        """No colon after a label: SQLite reads a value there, and complains of that if it is bad too."""
        self._fail(place)
        if self.data[self.position] not in b"{[}],:\0" and self._parse_scalar() is not None:
            self._fail(place)
        return -1

    def _parse_scalar(self) -> bytes | None:
        data = self.data
        at = self.position
        byte = data[at]
        if byte == 0x22 or byte == 0x27:
            return self._parse_string(at)
        if byte in b"-+.0123456789":
            return self._parse_number(at)
        for word, kind in ((b"true", TRUE), (b"false", FALSE), (b"null", NULL)):
            if data.startswith(word, at) and data[at + len(word)] not in _ALPHANUMERIC:
                self.position = at + len(word)
                return bytes((kind,))
        if byte in b"iInNqQsS":
            lowered = data[at : at + 8].lower()
            for word, kind, payload in _WORDS:
                if lowered.startswith(word) and data[at + len(word)] not in _ALPHANUMERIC:
                    self.is_nonstandard = True
                    self.position = at + len(word)
                    return element(kind, payload)
        self._fail(at)
        return None

    def _parse_string(self, at: int) -> bytes | None:
        data = self.data
        quote = data[at]
        kind = TEXT
        if quote == 0x27:
            self.is_nonstandard = True
        else:
            end = data.find(b'"', at + 1)
            if end > 0 and not data[at + 1 : end].translate(None, PLAIN_STRING_BYTES):
                self.position = end + 1
                return element(TEXT, data[at + 1 : end])
        position = at + 1
        while True:
            byte = data[position]
            if byte == quote:
                break
            if byte == 0x5C:
                position += 1
                escape = self._escape_kind(position)
                if escape < 0:
                    self._fail(position)
                    return None
                if escape == TEXT5:
                    kind = TEXT5
                    self.is_nonstandard = True
                    if data[position] == 0x0D and data[position + 1] == 0x0A:
                        position += 1
                elif kind == TEXT:
                    kind = TEXT_ESCAPED
            elif byte <= 0x1F:
                if byte == 0:
                    self._fail(position)
                    return None
                kind = TEXT5
                self.is_nonstandard = True
            elif byte == 0x22:
                kind = TEXT5
            position += 1
        self.position = position + 1
        return element(kind, data[at + 1 : position])

    def _escape_kind(self, at: int) -> int:
        """What the escape whose letter is at `at` asks of the string's kind; -1 for none that exists."""
        data = self.data
        byte = data[at]
        if byte in _SIMPLE_ESCAPES or (byte == 0x75 and _is_hex(data, at + 1, 4)):
            return TEXT_ESCAPED
        if byte in b"'v\n\r" or (byte == 0x78 and _is_hex(data, at + 1, 2)):
            return TEXT5
        if byte == 0x30 and data[at + 1] not in _DIGITS:
            return TEXT5
        if data.startswith(LINE_ENDS, at):
            return TEXT5
        return -1

    def _parse_number(self, at: int) -> bytes | None:
        """A number; SQLite's kinds: integer or real, each plain or JSON5."""
        data = self.data
        byte = data[at]
        is_json5 = False
        is_real = False
        if byte == 0x2E:
            if data[at + 1] not in _DIGITS:
                self._fail(at)
                return None
            self.is_nonstandard = True
            return self._parse_decimal(at, True, True)
        first = at
        if byte in b"+-":
            if byte == 0x2B:
                self.is_nonstandard = True
            first = at + 1
            if data[first] not in _DIGITS:
                if data[first : first + 3].lower() == b"inf":
                    self.is_nonstandard = True
                    self.position = at + (9 if data[at + 4 : at + 9].lower() == b"inity" else 4)
                    return element(REAL, b"-9e999" if byte == 0x2D else b"9e999")
                if data[first] == 0x2E:
                    self.is_nonstandard = True
                    return self._parse_decimal(at, True, is_real)
                self._fail(at)
                return None
        if data[first] == 0x30:
            if data[first + 1] in b"xX" and data[first + 2] in _HEX:
                self.is_nonstandard = True
                end = first + 3
                while data[end] in _HEX:
                    end += 1
                self.position = end
                return element(INTEGER5, data[at:end].lstrip(b"+"))
            if data[first + 1] in _DIGITS:
                self._fail(at + 1)
                return None
        return self._parse_decimal(at, is_json5, is_real)

    def _parse_decimal(self, at: int, is_json5: bool, is_real: bool) -> bytes | None:
        data = self.data
        has_exponent = False
        position = at
        while True:
            position += 1
            byte = data[position]
            if byte in _DIGITS:
                continue
            if byte == 0x2E:
                if is_real:
                    self._fail(position)
                    return None
                is_real = True
            elif byte in b"eE":
                if data[position - 1] not in _DIGITS:
                    if not self._ends_with_point(at, position):
                        self._fail(position)
                        return None
                    is_json5 = True
                if has_exponent:
                    self._fail(position)
                    return None
                is_real = True
                has_exponent = True
                if data[position + 1] in b"+-":
                    position += 1
                if data[position + 1] not in _DIGITS:
                    self._fail(position)
                    return None
            else:
                break
        if data[position - 1] not in _DIGITS:
            if not self._ends_with_point(at, position):
                self._fail(position)
                return None
            is_json5 = True
        if is_json5:
            self.is_nonstandard = True
        self.position = position
        start = at + 1 if data[at] == 0x2B else at
        return element((REAL if is_real else INTEGER) + (1 if is_json5 else 0), data[start:position])

    def _ends_with_point(self, at: int, position: int) -> bool:
        """Whether the number is so far a digit and a point."""
        data = self.data
        return data[position - 1] == 0x2E and position - 2 >= at and data[position - 2] in _DIGITS
