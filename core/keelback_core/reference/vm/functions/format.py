"""printf() and format().

    %[flags][width][.precision][l|ll]conversion      flags: - + space # ! 0 ,

1. A conversion takes the next argument under the conversion's own cast; a missing argument is NULL. NULL is 0 for
   numbers, empty for %s, %c and %j, (NULL) for %q and %w, NULL for %Q, null for %J.
2. The format and every text end at their first NUL character. An unknown conversion ends the output.
3. Widths and precisions of texts count bytes, with `!` characters. The output holds to SQLITE_LIMIT_LENGTH.

The texts here are bytes until the end, since widths may cut characters apart.
Spec: https://sqlite.org/printf.html. Twin: core/kernel/vm/functions/format.
"""

from __future__ import annotations

from math import isinf

from keelback_core.value.cast import to_integer, to_real, to_text
from keelback_core.value.decimal_real import decimal_digits
from keelback_core.value.text_bytes import bytes_of_text, split_characters, text_of_bytes

from .context import too_big

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from keelback_core.value import Value

    from .context import FunctionContext, ScalarTable

_MASK31 = 0x7FFFFFFF
_MASK64 = 0xFFFFFFFFFFFFFFFF
_MOST_REAL_PRECISION = 100000000
_JSON_ESCAPES = {8: b"\\b", 9: b"\\t", 10: b"\\n", 12: b"\\f", 13: b"\\r", 34: b'\\"', 92: b"\\\\"}


class Directive:
    """One % of the format, as parsed, and what is left of the arguments."""

    __slots__ = (
        "alternate",
        "characters",
        "left",
        "limit",
        "precision",
        "sign",
        "thousands",
        "width",
        "zero",
    )

    def __init__(self, limit: int) -> None:
        self.left = False
        self.sign = ""
        self.alternate = False
        self.characters = False
        self.zero = False
        self.thousands = False
        self.width = 0
        self.precision = -1
        self.limit = limit

    def check(self, size: int) -> None:
        """SqlError TOOBIG if a piece of that size cannot be part of a result."""
        if size > self.limit:
            raise too_big()


class Arguments:
    """The values a format consumes, from the left."""

    __slots__ = ("position", "values")

    def __init__(self, values: Sequence[Value]) -> None:
        self.values = values
        self.position = 0

    def next(self) -> Value:
        """The next value; NULL when none is left."""
        if self.position >= len(self.values):
            return None
        self.position += 1
        return self.values[self.position - 1]


def _as_int32(value: int) -> int:
    value &= 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def _read_number(template: bytes, position: int) -> tuple[int, int]:
    number = 0
    while position < len(template) and 48 <= template[position] <= 57:
        number = (number * 10 + template[position] - 48) & 0xFFFFFFFF
        position += 1
    return number & _MASK31, position


def _read_directive(template: bytes, position: int, arguments: Arguments, directive: Directive) -> int:
    """Flags, width, precision and length from `position` on; returns where the conversion character is."""
    size = len(template)
    while position < size:
        letter = template[position : position + 1]
        if letter == b"-":
            directive.left = True
        elif letter == b"+":
            directive.sign = "+"
        elif letter == b" ":
            directive.sign = " "
        elif letter == b"#":
            directive.alternate = True
        elif letter == b"!":
            directive.characters = True
        elif letter == b"0":
            directive.zero = True
        elif letter == b",":
            directive.thousands = True
        else:
            break
        position += 1
    if template[position : position + 1] == b"*":
        width = _as_int32(to_integer(arguments.next()))
        if width < 0:
            directive.left = True
            width = -width if width >= -_MASK31 else 0
        directive.width = width
        position += 1
    elif position < size and 49 <= template[position] <= 57:
        directive.width, position = _read_number(template, position)
    if template[position : position + 1] == b".":
        position += 1
        if template[position : position + 1] == b"*":
            precision = _as_int32(to_integer(arguments.next()))
            if precision < 0:
                precision = -precision if precision >= -_MASK31 else -1
            directive.precision = precision
            position += 1
        else:
            directive.precision, position = _read_number(template, position)
    if template[position : position + 1] == b"l":
        position += 2 if template[position + 1 : position + 2] == b"l" else 1
    return position


def _group_thousands(digits: str) -> str:
    head = len(digits) % 3
    groups = [digits[:head]] if head else []
    groups.extend(digits[start : start + 3] for start in range(head, len(digits), 3))
    return ",".join(groups)


def _format_integer(conversion: str, value: int, directive: Directive) -> bytes:
    prefix = ""
    thousands = directive.thousands and conversion in "diu"
    if conversion in "dir":
        if value < 0:
            prefix = "-"
            value = -value
        elif directive.sign:
            prefix = directive.sign
    else:
        value &= _MASK64
    precision = directive.precision
    if directive.zero and precision < directive.width - (1 if prefix else 0):
        precision = directive.width - (1 if prefix else 0)
    directive.check(precision)
    if conversion in "xp":
        digits, radix_mark = format(value, "x"), "0x"
    elif conversion == "X":
        digits, radix_mark = format(value, "X"), "0X"
    elif conversion == "o":
        digits, radix_mark = format(value, "o"), "0"
    else:
        digits, radix_mark = str(value), ""
    if conversion == "p":
        digits, radix_mark = digits.upper(), "0x"
    if conversion == "r":
        digits += _ordinal_suffix(value)
    if precision > len(digits):
        digits = "0" * (precision - len(digits)) + digits
    if thousands:
        digits = _group_thousands(digits)
    if not directive.alternate or value == 0:
        radix_mark = ""
    return (radix_mark + prefix + digits).encode("ascii")


def _ordinal_suffix(value: int) -> str:
    if value % 10 >= 4 or value // 10 % 10 == 1:
        return "th"
    return ("th", "st", "nd", "rd")[value % 10]


def _format_special(value: float, directive: Directive) -> bytes | None:
    """Infinity, unless it is to be padded with zeros and so written as a number."""
    if not isinf(value) or directive.zero:
        return None
    if value < 0:
        return b"-Inf"
    return directive.sign.encode("ascii") + b"Inf"


def _format_real(conversion: str, value: float, directive: Directive) -> bytes:
    special = _format_special(value, directive)
    if special is not None:
        return special
    kind = conversion.lower()
    precision = 6 if directive.precision < 0 else min(directive.precision, _MOST_REAL_PRECISION)
    if kind == "f":
        wanted = -precision
    elif kind == "g":
        precision = max(precision, 1)
        wanted = precision
    else:
        wanted = precision + 1
    is_negative = value < 0
    if isinf(value):
        digits, point = "9", 1000
    else:
        digits, point = decimal_digits(abs(value), wanted, 20 if directive.characters else 16)
    prefix = directive.sign
    if is_negative:
        hides_sign = directive.alternate and not directive.sign and kind == "f" and point <= wanted
        prefix = "" if hides_sign else "-"
    exponent = point - 1
    strip_zeros = directive.characters
    if kind == "g":
        strip_zeros = not directive.alternate
        precision -= 1
        if exponent < -4 or exponent > precision:
            kind = "e"
        else:
            kind = "f"
            precision -= exponent
    directive.check(max(exponent if kind == "f" else 0, 0) + precision + directive.width)
    has_point = precision > 0 or directive.alternate or directive.characters
    if kind == "e":
        whole, fraction = digits[:1], digits[1:]
    elif exponent < 0:
        whole, fraction = "0", "0" * (-exponent - 1) + digits
    else:
        whole, fraction = digits[:point].ljust(point, "0"), digits[point:]
    if directive.thousands:
        whole = _group_thousands(whole)
    precision = max(precision, 0)
    text = prefix + whole
    if has_point:
        text += "." + fraction[:precision].ljust(precision, "0")
        if strip_zeros:
            text = text.rstrip("0")
            if text.endswith("."):
                text = text + "0" if directive.characters else text[:-1]
    if kind == "e":
        text += f"{'E' if conversion in 'EG' else 'e'}{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if directive.zero and not directive.left and len(text) < directive.width:
        text = prefix + "0" * (directive.width - len(text)) + text[len(prefix) :]
    return text.encode("ascii")


def _cut(data: bytes, directive: Directive) -> bytes:
    """The text held to the precision: bytes, or characters with the flag `!`."""
    if directive.precision < 0:
        return data
    if directive.characters:
        return b"".join(split_characters(data)[: directive.precision])
    return data[: directive.precision]


def _cut_between_leads(data: bytes, count: int) -> bytes:
    """The bytes up to the lead byte that would be one too many; stray continuation bytes cost nothing."""
    if count < 0:
        return data
    for position, byte in enumerate(data):
        if byte & 0xC0 != 0x80:
            if count == 0:
                return data[:position]
            count -= 1
    return data


def _escape_json(data: bytes) -> bytes:
    result = bytearray()
    for byte in data:
        if byte in _JSON_ESCAPES:
            result += _JSON_ESCAPES[byte]
        elif byte < 0x20:
            result += b"\\u%04x" % byte
        else:
            result.append(byte)
    return bytes(result)


def _escape_controls(data: bytes) -> bytes:
    result = bytearray()
    for byte in data:
        if byte == 92:
            result += b"\\\\"
        elif byte < 0x20:
            result += b"\\u%04x" % byte
        else:
            result.append(byte)
    return bytes(result)


def _format_escaped(conversion: str, text: bytes | None, directive: Directive) -> bytes:
    """%q, %Q, %w: quotes doubled; with the flag `#`, control characters of %q and %Q as unistr() reads them."""
    if text is None:
        return _cut(b"NULL" if conversion == "Q" else b"(NULL)", directive)
    data = _cut(text, directive)
    mark = b'"' if conversion == "w" else b"'"
    # %#Q needs unistr() only for control characters; %#q stands inside of it and so always escapes.
    escapes = directive.alternate and (conversion == "q" or (conversion == "Q" and any(byte < 0x20 for byte in data)))
    data = (_escape_controls(data) if escapes else data).replace(mark, mark + mark)
    if conversion != "Q":
        return data
    return b"unistr('" + data + b"')" if escapes else b"'" + data + b"'"


def _format_json(conversion: str, text: bytes | None, directive: Directive) -> bytes:
    """%j and %J: a text as the inside of a JSON string, or as one."""
    if text is None:
        return b"null" if conversion == "J" else b""
    data = _escape_json(
        _cut_between_leads(text, directive.precision) if directive.characters else _cut(text, directive)
    )
    return b'"' + data + b'"' if conversion == "J" else data


def _text_argument(arguments: Arguments) -> bytes | None:
    text = to_text(arguments.next())
    return None if text is None else bytes_of_text(text.partition("\0")[0])


def _pad(data: bytes, directive: Directive, counts_characters: bool) -> bytes:
    width = directive.width
    if counts_characters and directive.characters and width > 0:
        width += sum(1 for byte in data if byte & 0xC0 == 0x80)
    if width <= len(data):
        return data
    directive.check(width)
    return data.ljust(width) if directive.left else data.rjust(width)


def _format_character(text: bytes | None, directive: Directive) -> bytes:
    """%c: the first character, as often as the precision says; the width counts characters."""
    character = split_characters(text)[0][:4] if text else b"\0"
    count = max(directive.precision, 1)
    directive.check(max(count * len(character), directive.width))
    spaces = directive.width - count
    if character[0] & 0xC0 == 0x80 and (count == 1 or directive.left) and spaces >= 0:
        # A stray continuation byte has no width.
        spaces += 1
    padding = b" " * max(spaces, 0)
    return character * count + padding if directive.left else padding + character * count


def _convert(conversion: str, directive: Directive, arguments: Arguments) -> bytes | None:
    """The output of one conversion; None if there is no such conversion."""
    if conversion in "diuxXopr":
        return _pad(_format_integer(conversion, to_integer(arguments.next()), directive), directive, False)
    if conversion in "feEgG":
        return _pad(_format_real(conversion, to_real(arguments.next()), directive), directive, False)
    if conversion in "sz":
        return _pad(_cut(_text_argument(arguments) or b"", directive), directive, True)
    if conversion == "c":
        return _format_character(_text_argument(arguments), directive)
    if conversion in "qQw":
        return _pad(_format_escaped(conversion, _text_argument(arguments), directive), directive, True)
    if conversion in "jJ":
        return _pad(_format_json(conversion, _text_argument(arguments), directive), directive, True)
    if conversion == "%":
        return _pad(b"%", directive, False)
    if conversion == "n":
        return b""
    return None


def format_values(template_text: str, values: Sequence[Value], limit_length: int) -> str:
    """The format with the values put in. SqlError TOOBIG beyond `limit_length` bytes."""
    template = bytes_of_text(template_text.partition("\0")[0])
    arguments = Arguments(values)
    output = bytearray()
    position = 0
    while position < len(template):
        percent = template.find(b"%", position)
        if percent < 0:
            output += template[position:]
            break
        output += template[position:percent]
        if percent + 1 == len(template):
            output += b"%"
            break
        directive = Directive(limit_length)
        position = _read_directive(template, percent + 1, arguments, directive)
        piece = None
        if position < len(template) and template[position] < 0x80:
            piece = _convert(chr(template[position]), directive, arguments)
        if piece is None:
            break
        position += 1
        output += piece
        directive.check(len(output))
    if len(output) > limit_length:
        raise too_big()
    return text_of_bytes(bytes(output))


def printf(context: FunctionContext, arguments: list[Value]) -> Value:
    """printf(format, ...), format(format, ...)."""
    template = to_text(arguments[0]) if arguments else None
    if template is None:
        return None
    return format_values(template, arguments[1:], context.host.limit_length)


SCALARS: ScalarTable = {
    ("printf", -1): printf,
    ("format", -1): printf,
}
