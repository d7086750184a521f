"""Rows of a text in CSV (RFC 4180): the records and fields of it, as SQLite's csv extension reads them.

1. A field in double quotes may hold commas, line ends and doubled quotes; `\\r\\n` and `\\n` end a record.
2. A quoted field that is never closed, or is followed by other than a comma or a line end, is an error.
3. The text is bytes; fields are handed out as bytes. An UTF-8 byte order mark at the start is left out.

Must not know: tables. Source: https://www.rfc-editor.org/rfc/rfc4180, https://sqlite.org/csv.html
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

QUOTE = 0x22
COMMA = 0x2C
LINE_FEED = 0x0A
CARRIAGE_RETURN = 0x0D
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class CsvReader:
    """Reads a text from `place` on; line: the number of the line, for errors. end: what stood behind the last field:
    a comma, a line feed, or -1 for the end of the text."""

    __slots__ = ("text", "place", "line", "end")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self.place = 3 if text.startswith(BYTE_ORDER_MARK) else 0
        self.line = 1
        self.end = -1

    def field(self) -> bytes | None:
        """The next field; None at the end of the text. SqlError for bad quotes."""
        if self.place >= len(self.text):
            self.end = -1
            return None
        if self.text[self.place] == QUOTE:
            return self._quoted()
        start = self.place
        while self.place < len(self.text) and self.text[self.place] not in (COMMA, LINE_FEED):
            self.place += 1
        found = self.text[start : self.place]
        self._take_end()
        if self.end == LINE_FEED and found.endswith(b"\r"):
            found = found[:-1]
        return found

    def _take_end(self) -> None:
        """Step over the character behind a field."""
        self.end = self.text[self.place] if self.place < len(self.text) else -1
        self.place += 1
        if self.end == LINE_FEED:
            self.line += 1

    def _quoted(self) -> bytes:
        """A field in quotes."""
        start_line = self.line
        text = self.text
        parts = bytearray()
        place = self.place + 1
        while True:
            close = text.find(b'"', place)
            if close < 0:
                raise SqlError(ERROR, f'line {start_line}: unterminated "-quoted field')
            self.line += text.count(b"\n", place, close)
            parts += text[place:close]
            if text[close + 1 : close + 2] == b'"':
                parts.append(QUOTE)
                place = close + 2
                continue
            place = close + 1
            if text[place : place + 2] == b"\r\n":
                place += 1
            if place >= len(text) or text[place] in (COMMA, LINE_FEED):
                self.place = place
                self._take_end()
                return bytes(parts)
            raise SqlError(ERROR, f'line {self.line}: unescaped " character')

    def record(self) -> list[bytes] | None:
        """The fields of the next record; None at the end of the text."""
        fields: list[bytes] = []
        while True:
            found = self.field()
            if found is None:
                # A comma at the very end has an empty field behind it.
                return [*fields, b""] if fields else None
            fields.append(found)
            if self.end != COMMA:
                return fields
