"""White space and comments of JSON5, in UTF-8.

Spec: https://spec.json5.org/#white-space. Twin: core/kernel/vm/functions/json_space.
"""

from __future__ import annotations

LINE_ENDS = (b"\xe2\x80\xa8", b"\xe2\x80\xa9")
_LONG_SPACES = (
    b"\xc2\xa0",
    b"\xe1\x9a\x80",
    *(bytes((0xE2, 0x80, last)) for last in range(0x80, 0x8B)),
    b"\xe2\x80\xa8",
    b"\xe2\x80\xa9",
    b"\xe2\x80\xaf",
    b"\xe2\x81\x9f",
    b"\xe3\x80\x80",
    b"\xef\xbb\xbf",
)


def json5_space(data: bytes, at: int) -> int:
    """How many bytes of JSON5 white space and comments begin at `at`. `data` ends with a NUL."""
    position = at
    while True:
        byte = data[position]
        if byte in b" \t\n\r\v\f":
            position += 1
        elif byte == 0x2F and data[position + 1] == 0x2A:
            end = data.find(b"*/", position + 2)
            if end < 0:
                return position - at
            position = end + 2
        elif byte == 0x2F and data[position + 1] == 0x2F:
            position += 2
            while data[position] not in b"\n\r\0" and data[position : position + 3] not in (
                b"\xe2\x80\xa8",
                b"\xe2\x80\xa9",
            ):
                position += 1
            if data[position]:
                position += 1 if data[position] in b"\n\r" else 3
        elif byte >= 0xC2 and data.startswith(_LONG_SPACES, position):
            position += 2 if byte == 0xC2 else 3
        else:
            return position - at
