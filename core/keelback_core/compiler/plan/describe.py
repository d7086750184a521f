"""The text of a loop in EXPLAIN QUERY PLAN, in SQLite's words. Source: https://sqlite.org/eqp.html"""

from __future__ import annotations

from keelback_core.compiler.catalog.model import EXPRESSION, ROWID
from keelback_core.compiler.plan.nodes import (
    NOT_NULL_BOUND,
    PlanAutomaticIndex,
    PlanIndexSeek,
    PlanRowidEqual,
    PlanRowidRange,
    PlanScan,
    PlanSkip,
    PlanUnion,
    PlanVirtual,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.nodes import BoundSelect, BoundSource
    from keelback_core.compiler.catalog.model import Index, Table
    from keelback_core.compiler.plan.nodes import PlanAccess, PlanBound, PlanLoop


def access_text(source: BoundSource, access: PlanAccess) -> str:
    """The line without the suffix of an outer join."""
    name = shown_name(source)
    if isinstance(access, PlanScan):
        return f"SCAN {name}" if access.index is None else f"SCAN {name} USING COVERING INDEX {access.index.name}"
    if isinstance(access, PlanVirtual):
        number = f"0x{access.number & 0xFFFFFFFF:x}" if access.shows_hexadecimal else str(access.number)
        return f"SCAN {name} VIRTUAL TABLE INDEX {number}:{access.text or ''}"
    if isinstance(access, PlanRowidEqual):
        return f"SEARCH {name} USING INTEGER PRIMARY KEY (rowid=?)"
    if isinstance(access, PlanRowidRange):
        return f"SEARCH {name} USING INTEGER PRIMARY KEY ({_range_text('rowid', access.low, access.high)})"
    if isinstance(access, PlanIndexSeek):
        return _seek_text(source, access)
    if isinstance(access, PlanAutomaticIndex):
        keys = " AND ".join(f"{_column_name(source, column)}=?" for column in access.columns)
        partial = "PARTIAL " if access.is_partial else ""
        return f"SEARCH {name} USING AUTOMATIC {partial}COVERING INDEX ({keys})"
    assert isinstance(access, PlanUnion)
    return "MULTI-INDEX OR"


def loop_text(loop: PlanLoop) -> str:
    """The line of a loop."""
    source, access = loop.source, loop.access
    text = access_text(source, access)
    if loop.is_exists:
        text = exists_text(source, text)
    if loop.is_outer and not isinstance(access, PlanUnion):
        text += " LEFT-JOIN"
    return text.replace("USING COVERING INDEX", "USING INDEX", 1) if loop.hides_covering else text


def shown_name(source: BoundSource) -> str:
    """What the plan calls a source: its alias or name; VALUES that are read as they are have none."""
    if source.select is not None and source.recursion is None and is_value_list(source.select):
        return f"{len(source.select.cores[0].values or ())}-ROW VALUES CLAUSE"
    return source.name


def is_value_list(select: BoundSelect) -> bool:
    """Whether the subquery is VALUES of several rows, which plans show as one scan."""
    core = select.cores[0]
    if len(select.cores) != 1 or core.values is None or not core.is_taken_as_is:
        return False
    return len(core.values) > 1 and not select.order_by


def filter_text(source: BoundSource, access: PlanAccess) -> str:
    """The line of the Bloom filter before a look-up."""
    table = source.table
    if isinstance(access, PlanIndexSeek):
        names = [index_key_name(table, access.index, number) for number in range(len(access.equals))]
    elif isinstance(access, PlanAutomaticIndex):
        names = [_column_name(source, column) for column in access.columns]
    else:
        names = [table.columns[table.rowid_column].name if table is not None and table.rowid_column >= 0 else "rowid"]
    return f"BLOOM FILTER ON {shown_name(source)} ({' AND '.join(f'{name}=?' for name in names)})"


def exists_text(source: BoundSource, text: str) -> str:
    """The line of a loop that is left at its first row."""
    verb, rest = text.split(" ", 1) if text.startswith(("SCAN ", "SEARCH ")) else ("", text)
    name = shown_name(source)
    return f"{verb} {name} EXISTS{rest[len(name) :]}" if verb else text


def extreme_text(loop: PlanLoop) -> str:
    """The line of a loop that looks for a smallest value: SQLite does not tell of the NULLs that are passed over."""
    access = loop.access
    if not isinstance(access, PlanIndexSeek) or access.low is not NOT_NULL_BOUND or access.high is not None:
        return loop_text(loop)
    whole = PlanIndexSeek(access.index, access.equals, None, None, access.is_covering)
    whole.is_told_covering = access.is_told_covering
    return access_text(loop.source, whole)


def _seek_text(source: BoundSource, access: PlanIndexSeek) -> str:
    table = source.table
    conditions = [
        f"ANY({index_key_name(table, access.index, i)})"
        if isinstance(value, PlanSkip)
        else f"{index_key_name(table, access.index, i)}=?"
        for i, value in enumerate(access.equals)
    ]
    if access.low is not None or access.high is not None:
        conditions.append(_bounds_text(table, access))
    if access.index.is_table:
        using = "PRIMARY KEY"
    else:
        using = f"{'COVERING ' if access.is_covering or access.is_told_covering else ''}INDEX {access.index.name}"
    if not conditions:
        return f"SCAN {source.name} USING {using}"
    return f"SEARCH {source.name} USING {using} ({' AND '.join(conditions)})"


def _bounds_text(table: Table | None, access: PlanIndexSeek) -> str:
    """The range on the columns behind the equalities."""
    parts = []
    for bound, sign in ((access.low, ">"), (access.high, "<")):
        if bound is not None:
            first = len(access.equals)
            names = [index_key_name(table, access.index, first + place) for place in range(1 + len(bound.more))]
            if len(names) == 1:
                parts.append(f"{names[0]}{sign}?")
            else:
                parts.append(f"({','.join(names)}){sign}({','.join('?' * len(names))})")
    return " AND ".join(parts)


def _range_text(name: str, low: PlanBound | None, high: PlanBound | None) -> str:
    parts = []
    if low is not None:
        parts.append(f"{name}>?")
    if high is not None:
        parts.append(f"{name}<?")
    return " AND ".join(parts)


def index_key_name(table: Table | None, index: Index, number: int) -> str:
    """What EXPLAIN QUERY PLAN calls a key column."""
    column = index.entry_columns[number].column
    if column == EXPRESSION:
        return "<expr>"
    if table is None:
        return "rowid"
    if column == ROWID:
        is_own = number < len(index.columns) and table.rowid_column >= 0
        return table.columns[table.rowid_column].name if is_own else "rowid"
    return table.columns[column].name


def _column_name(source: BoundSource, column: int) -> str:
    if source.table is not None:
        return "rowid" if column == ROWID else source.table.columns[column].name
    return source.column_names[column]
