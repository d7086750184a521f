"""File names as sqlite3_open takes them: plain paths, ":memory:", "" and file: URIs.

Spec: https://sqlite.org/uri.html. Must not know: storage.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

OPEN_READONLY = 0x01
OPEN_READWRITE = 0x02
OPEN_CREATE = 0x04
OPEN_URI = 0x40
OPEN_MEMORY = 0x80
OPEN_TEMP_DB = 0x200
OPEN_SHARED_CACHE = 0x20000
# As storage knows it (immutable_vfs.py); sqlite3_open_v2 has no such flag.
OPEN_IMMUTABLE = 0x4000000

_MODES = {
    "ro": OPEN_READONLY,
    "rw": OPEN_READWRITE,
    "rwc": OPEN_READWRITE | OPEN_CREATE,
    "memory": OPEN_MEMORY,
}
_HEX_DIGITS = "0123456789abcdefABCDEF"


class FileName:
    """What to open: path ("" for a temporary database or one in memory, unless it is shared by that name), flags, the
    options of a URI.
    """

    __slots__ = ("path", "flags", "options")

    def __init__(self, path: str, flags: int, options: dict[str, str]) -> None:
        self.path = path
        self.flags = flags
        self.options = options

    @property
    def is_in_memory(self) -> bool:
        """True when there is no file to open."""
        return not self.path or self.flags & OPEN_MEMORY != 0


def parse_file_name(name: str, flags: int) -> FileName:
    """Resolve a file name under the open flags. SqlError ERROR for a bad authority, mode or vfs."""
    if flags & OPEN_URI and name.startswith("file:"):
        parsed = _parse_uri(name, flags)
    else:
        parsed = FileName(name.partition("\0")[0], flags, {})
    if parsed.path == ":memory:":
        parsed.flags |= OPEN_MEMORY
    if parsed.flags & OPEN_MEMORY and not parsed.flags & OPEN_SHARED_CACHE:
        parsed.path = ""
    return parsed


def unknown_vfs(name: str) -> SqlError:
    """The error of a file system that nobody knows."""
    return SqlError(ERROR, "no such vfs: " + name)


def _parse_uri(name: str, flags: int) -> FileName:
    rest = name[5:].partition("#")[0]
    rest, _, query = rest.partition("?")
    if rest.startswith("//"):
        authority, slash, path = rest[2:].partition("/")
        if authority not in ("", "localhost"):
            raise SqlError(ERROR, "invalid uri authority: " + authority)
        rest = slash + path
    options: dict[str, str] = {}
    for part in query.split("&"):
        if part:
            key, _, value = part.partition("=")
            options[_unescape(key)] = _unescape(value)
    mode = options.get("mode")
    if mode is not None:
        if mode not in _MODES:
            raise SqlError(ERROR, "no such access mode: " + mode)
        wanted = _MODES[mode]
        if wanted & ~OPEN_MEMORY & 7 > flags & 7:
            raise SqlError(3, "access mode not allowed: " + mode)
        flags = (
            (flags & ~(OPEN_READONLY | OPEN_READWRITE | OPEN_CREATE) | wanted)
            if wanted != OPEN_MEMORY
            else flags | wanted
        )
    cache = options.get("cache")
    if cache is not None and cache not in ("shared", "private"):
        raise SqlError(ERROR, "no such cache mode: " + cache)
    if cache == "shared":
        flags |= OPEN_SHARED_CACHE
    if _is_true(options.get("immutable", "")):
        flags |= OPEN_IMMUTABLE
    return FileName(_unescape(rest), flags, options)


def _is_true(text: str) -> bool:
    """As sqlite3_uri_boolean: a number that is not 0, or a word."""
    digits = text[: len(text) - len(text.lstrip("0123456789"))]
    return int(digits) != 0 if digits else text.lower() in ("on", "yes", "true", "full", "extra")


def _unescape(text: str) -> str:
    """Percent escapes; what follows a NUL is cut off."""
    if "%" not in text:
        return text
    data = bytearray()
    position = 0
    raw = text.encode("utf-8", "surrogateescape")
    while position < len(raw):
        pair = raw[position + 1 : position + 3].decode("latin-1")
        if raw[position] == 0x25 and len(pair) == 2 and pair[0] in _HEX_DIGITS and pair[1] in _HEX_DIGITS:
            byte = int(pair, 16)
            if byte == 0:
                break
            data.append(byte)
            position += 3
        else:
            data.append(raw[position])
            position += 1
    return bytes(data).decode("utf-8", "surrogateescape")
