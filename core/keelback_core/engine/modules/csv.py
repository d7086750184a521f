"""csv: a file or text in CSV as a table: CREATE VIRTUAL TABLE t USING csv(filename='f.csv', header=yes).

    filename=F | data=T    what is read, exactly one of them
    header[=yes|no]        the first record has the names of the columns; without it they are c0, c1, ...
    columns=N              how many columns; others are left out, missing ones are NULL
    schema=S               the CREATE TABLE statement that says the columns

1. The file is read when the table is connected (for its width) and again for every scan.
2. All values are texts. Rowids count from 1. It can only be read.

Source: https://sqlite.org/csv.html
"""

from __future__ import annotations

from keelback_core.engine.modules.arguments import unquoted
from keelback_core.engine.modules.csv_text import CsvReader
from keelback_core.module.protocol import RISK_HIGH, Module, ModuleCursor, ModuleTable
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR
from keelback_core.value.text_bytes import bytes_of_text, text_of_bytes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.engine.compiler_session import CompilerSession
    from keelback_core.module.protocol import ConnectRequest
    from keelback_core.value import Value

WORDS = {"yes": True, "on": True, "true": True, "1": True, "no": False, "off": False, "false": False, "0": False}
TEXT_OPTIONS = ("filename", "data", "schema")


class CsvOptions:
    """The arguments of a table. columns: -1 if not given; header: None if not given."""

    __slots__ = ("texts", "columns", "header")

    def __init__(self, arguments: tuple[str, ...]) -> None:
        self.texts: dict[str, str] = {}
        self.columns = -1
        self.header: bool | None = None
        for argument in arguments:
            self._take(argument)
        if ("filename" in self.texts) == ("data" in self.texts):
            raise SqlError(ERROR, "must specify either filename= or data= but not both")

    def _take(self, argument: str) -> None:
        name, equals, value = argument.partition("=")
        name = name.strip()
        value = value.strip()
        if name in TEXT_OPTIONS and equals:
            if name in self.texts:
                raise SqlError(ERROR, f"more than one '{name}' parameter")
            self.texts[name] = unquoted(value)
        elif name == "header":
            if self.header is not None:
                raise SqlError(ERROR, "more than one 'header' parameter")
            found = WORDS.get(value.lower()) if equals else True
            if found is None:
                raise SqlError(ERROR, f"bad parameter: '{argument}'")
            self.header = found
        elif name == "columns" and equals:
            if self.columns > 0:
                raise SqlError(ERROR, "more than one 'columns' parameter")
            self.columns = int(value) if value.isascii() and value.isdigit() else 0
            if self.columns <= 0:
                raise SqlError(ERROR, "column= value must be positive")
        else:
            raise SqlError(ERROR, f"bad parameter: '{argument}'")


class CsvTable(ModuleTable):
    """column_count: of the table."""

    __slots__ = ("options", "column_count")

    def __init__(self, options: CsvOptions) -> None:
        super().__init__("", risk=RISK_HIGH)
        self.options = options
        first = self.reader().record() or []
        self.column_count = options.columns if options.columns > 0 else max(1, len(first))
        self.declaration = options.texts.get("schema") or self._declaration(first)

    def _declaration(self, first: list[bytes]) -> str:
        names = []
        for number in range(self.column_count):
            name = f"c{number}"
            if self.options.header and number < len(first):
                name = text_of_bytes(first[number])
            quoted = name.replace('"', '""')
            names.append(f'"{quoted}" TEXT')
        return f"CREATE TABLE x({','.join(names)})"

    def reader(self) -> CsvReader:
        """A reader at the start of the text. SqlError if the file cannot be read."""
        data = self.options.texts.get("data")
        if data is not None:
            return CsvReader(bytes_of_text(data))
        name = self.options.texts["filename"]
        try:
            with open(name, "rb") as file:
                return CsvReader(file.read())
        except (OSError, ValueError):
            raise SqlError(ERROR, f"cannot open '{name}' for reading") from None

    def open(self) -> ModuleCursor:
        return CsvCursor(self)


class CsvCursor(ModuleCursor):
    """Reads record by record."""

    __slots__ = ("table", "reader", "row", "number")

    def __init__(self, table: CsvTable) -> None:
        self.table = table
        self.reader: CsvReader | None = None
        self.row: list[bytes] | None = None
        self.number = 0

    def filter(self, number: int, text: str | None, arguments: list[Value]) -> None:
        self.reader = self.table.reader()
        self.number = 0
        if self.table.options.header:
            self.reader.record()
        self.next()

    def is_at_end(self) -> bool:
        return self.row is None

    def next(self) -> None:
        assert self.reader is not None
        self.row = self.reader.record()
        self.number += 1

    def column(self, number: int) -> Value:
        if self.row is None or number >= len(self.row):
            return None
        return text_of_bytes(self.row[number])

    def rowid(self) -> int:
        return self.number


class CsvModule(Module):
    """csv."""

    __slots__ = ()

    def __init__(self, connection: CompilerSession) -> None:
        super().__init__(False, True)

    def connect(self, request: ConnectRequest) -> ModuleTable:
        return CsvTable(CsvOptions(request.arguments))
