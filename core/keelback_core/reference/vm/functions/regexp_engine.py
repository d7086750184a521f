r"""Regular expressions in the syntax of SQLite's regexp extension, matched without backtracking.

    e*  e+  e?  e{m} e{m,n} e{m,} e{,n}   ab   a|b   (e)   ^  $   .   [abc] [^a-z]   \b \d \D \s \S \w \W
    \a \f \n \r \t \v   \xHH  \uHHHH  and a backslash before a sign that would mean something

1. A pattern becomes a program of small instructions with relative jumps, so that a repeated part is a copy of itself.
2. Matching keeps the set of all places in the program at once, so its time is program length times text length.
3. A pattern's program has at most LARGEST_PROGRAM instructions.

Knows nothing of SQL values. Spec: https://sqlite.org/src/file/ext/misc/regexp.c.
Twin: core/kernel/vm/functions/regexp_engine.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

LARGEST_PROGRAM = 20000

# Instructions: (kind, argument, second argument). Jumps are relative.
_CHARACTER, _ANY, _SET, _CLASS, _START, _END, _BOUNDARY, _JUMP, _SPLIT, _MATCH = range(10)

_ESCAPES = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_PLAIN_ESCAPES = "\\()*.+?[$^{|}]-"
_HEX = "0123456789abcdefABCDEF"

TYPE_CHECKING = False
if TYPE_CHECKING:
    Instruction = tuple[int, object, int]
    Fragment = list[Instruction]


class CharacterSet:
    """The characters between brackets."""

    __slots__ = ("is_inverted", "ranges")

    def __init__(self, ranges: tuple[tuple[str, str], ...], is_inverted: bool) -> None:
        self.ranges = ranges
        self.is_inverted = is_inverted

    def contains(self, character: str) -> bool:
        """Whether the character is one of them."""
        return any(low <= character <= high for low, high in self.ranges) != self.is_inverted


def _is_word(character: str) -> bool:
    return character.isascii() and (character.isalnum() or character == "_") and character != ""


def _in_class(name: str, character: str) -> bool:
    kind = name.lower()
    if kind == "d":
        found = "0" <= character <= "9"
    elif kind == "w":
        found = _is_word(character)
    else:
        found = character in " \t\n\v\f\r"
    return found != name.isupper()


def fold(text: str) -> str:
    """The text with A-Z in lower case, for matching without case."""
    return text.lower() if text.isascii() else "".join([c.lower() if c.isascii() else c for c in text])


def _error(message: str) -> SqlError:
    return SqlError(ERROR, message)


class _Group:
    """A parenthesis that is open: its finished branches and the parts of the one being read."""

    __slots__ = ("branches", "can_repeat", "parts")

    def __init__(self) -> None:
        self.branches: list[Fragment] = []
        self.parts: list[Fragment] = []
        self.can_repeat = False

    def add(self, fragment: Fragment, can_repeat: bool = True) -> None:
        """The next part."""
        self.parts.append(fragment)
        self.can_repeat = can_repeat

    def end_branch(self) -> None:
        """A `|` or the end."""
        self.branches.append([instruction for part in self.parts for instruction in part])
        self.parts = []
        self.can_repeat = False

    def finish(self) -> Fragment:
        """The whole group as one fragment."""
        self.end_branch()
        joined = self.branches[-1]
        for branch in reversed(self.branches[:-1]):
            joined = [(_SPLIT, 1, len(branch) + 2), *branch, (_JUMP, len(joined) + 1, 0), *joined]
        return joined


class _Reader:
    """The pattern being read."""

    __slots__ = ("ignores_case", "pattern", "position", "size")

    def __init__(self, pattern: str, ignores_case: bool) -> None:
        self.pattern = pattern
        self.ignores_case = ignores_case
        self.position = 0
        self.size = 0

    def _peek(self) -> str:
        return self.pattern[self.position : self.position + 1]

    def read(self) -> Fragment:
        """The program of the whole pattern."""
        groups = [_Group()]
        while self.position < len(self.pattern):
            character = self.pattern[self.position]
            self.position += 1
            group = groups[-1]
            if character == "(":
                groups.append(_Group())
            elif character == ")":
                if len(groups) == 1:
                    raise _error("unrecognized character")
                groups.pop()
                groups[-1].add(group.finish())
            elif character == "|":
                group.end_branch()
            elif character in "*+?{":
                self._repeat(group, character)
            else:
                self._read_part(group, character)
            self._count(1)
        if len(groups) > 1:
            raise _error("unmatched '('")
        return [*groups[0].finish(), (_MATCH, None, 0)]

    def _count(self, instructions: int) -> None:
        self.size += instructions
        if self.size > LARGEST_PROGRAM:
            raise _error("REGEXP pattern too big")

    def _read_part(self, group: _Group, character: str) -> None:
        if character == ".":
            group.add([(_ANY, None, 0)])
        elif character == "^":
            group.add([(_START, None, 0)], self.position > 1)
        elif character == "$":
            group.add([(_END, None, 0)])
        elif character == "[":
            group.add([(_SET, self._read_set(), 0)])
        elif character == "\\":
            following = self._peek()
            if following and following in "bdDsSwW":
                self.position += 1
                group.add([(_BOUNDARY, None, 0) if following == "b" else (_CLASS, following, 0)])
            else:
                group.add([(_CHARACTER, self._fold(self._read_escape()), 0)])
        else:
            group.add([(_CHARACTER, self._fold(character), 0)])

    def _fold(self, character: str) -> str:
        return fold(character) if self.ignores_case else character

    def _read_escape(self) -> str:
        """The character that the escape at the position stands for."""
        kind = self._peek()
        self.position += 1
        if kind in ("x", "u"):
            count = 2 if kind == "x" else 4
            digits = self.pattern[self.position : self.position + count]
            if len(digits) == count and all(digit in _HEX for digit in digits):
                self.position += count
                return chr(int(digits, 16))
        elif kind in _ESCAPES:
            return _ESCAPES[kind]
        elif kind and kind in _PLAIN_ESCAPES:
            return kind
        raise _error("unknown \\ escape")

    def _read_set_character(self) -> str:
        character = self._peek()
        if not character:
            raise _error("unclosed '['")
        self.position += 1
        return self._read_escape() if character == "\\" else character

    def _read_set(self) -> CharacterSet:
        is_inverted = self._peek() == "^"
        if is_inverted:
            self.position += 1
        ranges: list[tuple[str, str]] = []
        is_first = True
        while is_first or self._peek() != "]":
            is_first = False
            if self._peek() == "[" and self.pattern[self.position + 1 : self.position + 2] == ":":
                raise _error("POSIX character classes not supported")
            low = high = self._read_set_character()
            if self._peek() == "-":
                self.position += 1
                high = self._read_set_character()
            ranges.append((low, high))
        self.position += 1
        if self.ignores_case:
            ranges += [(fold(low), fold(high)) for low, high in ranges if "A" <= low <= high <= "Z"]
        return CharacterSet(tuple(ranges), is_inverted)

    def _read_number(self) -> int:
        number = 0
        while self._peek() and self._peek() in "0123456789":
            number = min(number * 10 + ord(self._peek()) - 48, LARGEST_PROGRAM)
            self.position += 1
        return number

    def _repeat(self, group: _Group, sign: str) -> None:
        """A repetition sign behind the last part."""
        if not group.can_repeat:
            raise _error(("'{m,n}'" if sign == "{" else f"'{sign}'") + " without operand")
        body = group.parts.pop()
        size = len(body)
        if sign == "*":
            group.add([(_SPLIT, 1, size + 2), *body, (_JUMP, -size - 1, 0)])
        elif sign == "+":
            group.add([*body, (_SPLIT, -size, 1)])
        elif sign == "?":
            group.add([(_SPLIT, 1, size + 1), *body])
        else:
            group.add(self._counted(body))

    def _counted(self, body: Fragment) -> Fragment:
        """The body between `m` and `n` times; the position is behind the brace."""
        least = self._read_number()
        most = least
        is_open = False
        if self._peek() == ",":
            self.position += 1
            is_open = not (self._peek() and self._peek() in "0123456789")
            most = 0 if is_open else self._read_number()
        if self._peek() != "}":
            raise _error("unmatched '{'")
        if not is_open and most == 0 and least == 0:
            raise _error("both m and n are zero in '{m,n}'")
        if not is_open and most < least:
            raise _error("n less than m in '{m,n}'")
        self.position += 1
        size = len(body)
        self._count((least + 1 if is_open else most) * (size + 1))
        if is_open:
            return [*(body * least), (_SPLIT, 1, size + 2), *body, (_JUMP, -size - 1, 0)]
        optional: Fragment = []
        for _ in range(most - least):
            optional = [(_SPLIT, 1, size + len(optional) + 1), *body, *optional]
        return [*(body * least), *optional]


class Pattern:
    """A compiled pattern. Texts are to be folded before by the caller if the pattern ignores case."""

    __slots__ = ("program",)

    def __init__(self, pattern: str, ignores_case: bool = False) -> None:
        self.program = _Reader(pattern, ignores_case).read()

    def _close(self, places: list[int], text: str, position: int) -> tuple[list[int], bool]:
        """All places reached without reading a character, and whether the end of the program is among them."""
        program = self.program
        before = text[position - 1 : position] if position else ""
        after = text[position : position + 1]
        reached: list[int] = []
        known: set[int] = set()
        waiting = places[::-1]
        is_match = False
        while waiting:
            place = waiting.pop()
            if place in known:
                continue
            known.add(place)
            kind, argument, second = program[place]
            if kind <= _CLASS:
                reached.append(place)
            elif kind == _MATCH:
                is_match = True
            elif kind == _JUMP:
                assert isinstance(argument, int)
                waiting.append(place + argument)
            elif kind == _SPLIT:
                assert isinstance(argument, int)
                waiting.append(place + second)
                waiting.append(place + argument)
            elif self._holds(kind, position, before, after):
                waiting.append(place + 1)
        return reached, is_match

    def _holds(self, kind: int, position: int, before: str, after: str) -> bool:
        """Whether the assertion is true between these two characters."""
        if kind == _START:
            return position == 0
        return not after if kind == _END else _is_word(before) != _is_word(after)

    def _advance(self, places: list[int], character: str) -> list[int]:
        """The places after the character is read."""
        program = self.program
        found = []
        for place in places:
            kind, argument, _ = program[place]
            if kind == _CHARACTER:
                is_read = argument == character
            elif kind == _SET:
                assert isinstance(argument, CharacterSet)
                is_read = argument.contains(character)
            else:
                is_read = kind == _ANY or _in_class(str(argument), character)
            if is_read:
                found.append(place + 1)
        return found

    def matches(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text."""
        places: list[int] = []
        for position in range(len(text) + 1):
            places, is_match = self._close([*places, 0], text, position)
            if is_match:
                return True
            if position < len(text):
                places = self._advance(places, text[position])
        return False

    def find(self, text: str, start: int = 0) -> tuple[int, int] | None:
        """The first match from `start` on, the longest of those that begin there: where it begins and ends."""
        for first in range(start, len(text) + 1):
            end = self._longest(text, first)
            if end >= 0:
                return first, end
        return None

    def _longest(self, text: str, first: int) -> int:
        places, is_match = self._close([0], text, first)
        end = first if is_match else -1
        position = first
        while places and position < len(text):
            places = self._advance(places, text[position])
            position += 1
            places, is_match = self._close(places, text, position)
            if is_match:
                end = position
        return end
