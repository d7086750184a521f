"""json_each, json_tree, jsonb_each, jsonb_tree: the elements of a JSON value as rows.

1. The value is JSONB all along; `id` is the place of an element in it (of a member its label's).
2. json_each gives the elements of the one container that the path names; json_tree all below it, and itself.
3. A path names one element; where there is none there are no rows, where it is wrong there is an error.

Source: https://sqlite.org/json1.html#jeach. Twin: core/kernel/vm/modules/json_each.
"""

from __future__ import annotations

from keelback_core.module.index_query import EQUAL
from keelback_core.module.protocol import RISK_LOW, Module, ModuleCursor, ModuleTable
from keelback_core.reference.vm.functions.json_binary import (
    ARRAY,
    KIND_NAMES,
    OBJECT,
    element_bounds,
)
from keelback_core.reference.vm.functions.json_path import BAD_PATH, NOT_FOUND, Walk
from keelback_core.reference.vm.functions.json_print import malformed
from keelback_core.reference.vm.functions.json_value import (
    element_to_value,
    parse_argument,
    path_error,
    text_bytes,
)
from keelback_core.value.text_bytes import text_of_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.module.index_query import IndexQuery
    from keelback_core.module.protocol import ConnectRequest
    from keelback_core.value import Value

DECLARATION = "CREATE TABLE x(key,value,type,atom,id,parent,fullkey,path,json HIDDEN,root HIDDEN)"
KEY, VALUE, TYPE, ATOM, ID, PARENT, FULLKEY, PATH, JSON, ROOT = range(10)


class JsonTable(ModuleTable):
    """is_tree: all below, not only the next level; as_binary: containers are given as JSONB."""

    __slots__ = ("is_tree", "as_binary")

    def __init__(self, is_tree: bool, as_binary: bool) -> None:
        super().__init__(DECLARATION, risk=RISK_LOW)
        self.is_shipped = True
        self.is_tree = is_tree
        self.as_binary = as_binary

    def best_index(self, query: IndexQuery) -> bool:
        """1: json is given, 3: json and root, 0: neither, no rows."""
        found: list[int] = [-1, -1]
        unusable = 0
        for position, constraint in enumerate(query.constraints):
            if constraint.column < JSON:
                continue
            if not constraint.is_usable:
                unusable |= 1 << (constraint.column - JSON)
            elif constraint.operator == EQUAL:
                found[constraint.column - JSON] = position
        if query.order and query.order[0] == (-1, False):
            query.order_is_consumed = True
        if any(unusable & 1 << place and found[place] < 0 for place in range(2)):
            return False
        if found[0] < 0:
            query.number = 0
            return True
        query.cost = 1.0
        query.take(query.constraints[found[0]], 1)
        query.number = 1
        if found[1] >= 0:
            query.take(query.constraints[found[1]], 2)
            query.number = 3
        return True

    def open(self) -> ModuleCursor:
        return JsonCursor(self.is_tree, self.as_binary)


class Level:
    """A container that the rows are inside of.

    identity: its id. end: where it ends. index: of the row's element in it, from 0. is_object. path_length: of the path
    to what is around it.
    """

    __slots__ = ("identity", "end", "index", "is_object", "path_length")

    def __init__(self, identity: int, end: int, index: int, is_object: bool, path_length: int) -> None:
        self.identity = identity
        self.end = end
        self.index = index
        self.is_object = is_object
        self.path_length = path_length


class JsonCursor(ModuleCursor):
    """See the module.

    place: of the row's element, of a member that of its label (`has_label`). end: where the rows end. path: to the
    container of the element; root_length: how much of it was given. levels: the containers, outermost first.
    """

    __slots__ = (
        "is_tree",
        "as_binary",
        "data",
        "place",
        "has_label",
        "end",
        "number",
        "levels",
        "path",
        "root_length",
        "json",
    )

    def __init__(self, is_tree: bool, as_binary: bool) -> None:
        self.is_tree = is_tree
        self.as_binary = as_binary
        self.json: Value = None
        self._clear()

    def _clear(self) -> None:
        self.data = b""
        self.place = 0
        self.has_label = False
        self.end = 0
        self.number = 0
        self.levels: list[Level] = []
        self.path = b"$"
        self.root_length = 1

    def filter(self, number: int, text: str | None, arguments: list[Value]) -> None:
        self._clear()
        data = parse_argument(arguments[0]) if number else None
        if data is None or (number == 3 and arguments[1] is None):
            return
        given = arguments[0]
        self.json = given if isinstance(given, bytes) and given is data else text_of_bytes(text_bytes(given))
        self.data = data
        found = 0
        if number == 3:
            path = text_bytes(arguments[1]).partition(b"\0")[0]
            walk = Walk(data, path)
            found = walk.follow() if path[:1] == b"$" else BAD_PATH
            if found == NOT_FOUND:
                return
            if found < 0:
                raise path_error(found, path)
            self.path = path
            self.root_length = len(path)
            self.has_label = walk.label_place > 0
            self.place = walk.label_place or found
        start, self.end = element_bounds(data, found)
        kind = data[found] & 0x0F
        if kind in (ARRAY, OBJECT) and not self.is_tree:
            self.levels.append(Level(self.place, self.end, 0, kind == OBJECT, self.root_length))
            self.place = start
            self.has_label = kind == OBJECT

    def is_at_end(self) -> bool:
        return self.place >= self.end

    def _value_place(self) -> int:
        """Where the element itself begins."""
        if not self.has_label:
            return self.place
        end = element_bounds(self.data, self.place)[1]
        if not end or end >= len(self.data):
            raise malformed()
        return end

    def next(self) -> None:
        value = self._value_place()
        start, end = element_bounds(self.data, value)
        if not start:
            raise malformed()
        kind = self.data[value] & 0x0F
        self.number += 1
        if self.is_tree and kind in (ARRAY, OBJECT):
            length = len(self.path)
            if self.levels:
                self.path += self._step()
            self.levels.append(Level(self.place, end, -1, kind == OBJECT, length))
            self.place = start
        else:
            self.place = end
        while self.is_tree and self.levels and self.place >= self.levels[-1].end:
            self.path = self.path[: self.levels.pop().path_length]
        self.has_label = bool(self.levels) and self.levels[-1].is_object
        if self.levels:
            self.levels[-1].index += 1

    def _step(self) -> bytes:
        """The step of a path from the container to the row's element."""
        if not self.has_label:
            return b"[%d]" % self.levels[-1].index
        start, end = element_bounds(self.data, self.place)
        label = self.data[start:end]
        is_plain = label[:1].isalpha() and label.isalnum()
        return b"." + label if is_plain else b'."' + label + b'"'

    def _parent_length(self) -> int:
        """The length of the path to the container; of the first row of json_tree it is cut off the given path, where
        what is left names a container that begins with the element."""
        if self.number or not self.is_tree or len(self.path) < 2:
            return len(self.path)
        for length in range(len(self.path) - 1, 0, -1):
            if self.path[length : length + 1] not in (b"[", b"."):
                continue
            found = Walk(self.data, self.path[:length]).follow()
            if found >= 0 and element_bounds(self.data, found)[0] == self.place:
                return length
        return 1

    def column(self, number: int) -> Value:
        if number == KEY:
            return self._key()
        if number in (VALUE, ATOM, TYPE):
            return self._value_column(number)
        if number == ID:
            return self.place
        if number == PARENT:
            return self.levels[-1].identity if self.levels and self.is_tree else None
        if number == FULLKEY:
            return text_of_bytes(self.path + (self._step() if self.levels else b""))
        if number == PATH:
            return text_of_bytes(self.path[: self._parent_length()])
        return self.json if number == JSON else text_of_bytes(self.path[: self.root_length])

    def _value_column(self, number: int) -> Value:
        value = self._value_place()
        kind = self.data[value] & 0x0F
        if number == TYPE:
            return KIND_NAMES[kind] if kind <= OBJECT else ""
        if number == ATOM and kind >= ARRAY:
            return None
        return element_to_value(self.data, value, self.as_binary)

    def _key(self) -> Value:
        """The label or the number of the element; of the first row of json_tree what the given path ends in."""
        if self.levels:
            return element_to_value(self.data, self.place) if self.has_label else self.levels[-1].index
        length = self._parent_length()
        step = self.path[length:]
        if self.root_length == 1 or not step:
            return None
        if step[:1] == b"[":
            digits = step[1:].partition(b"]")[0]
            return int(digits) if digits.isdigit() else 0
        return text_of_bytes(step[2:-1] if step[1:2] == b'"' else step[1:])

    def rowid(self) -> int:
        return self.number


class JsonModule(Module):
    """One of the four."""

    __slots__ = ("is_tree", "as_binary")

    def __init__(self, is_tree: bool, as_binary: bool) -> None:
        super().__init__()
        self.is_tree = is_tree
        self.as_binary = as_binary

    def connect(self, request: ConnectRequest) -> ModuleTable:
        return JsonTable(self.is_tree, self.as_binary)
