"""RowWrite: a row that is about to be written, as those see it who check it.

Must not know: how it is checked, who writes it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from keelback_core.compiler.bind.upsert import BoundUpsert


class ConflictUpdater:
    """Who emits what ON CONFLICT DO UPDATE does."""

    __slots__ = ()

    def emit_update(self, clause: BoundUpsert, following: int) -> None:
        """Change the row under the table's cursor instead; then, or if WHERE does not hold, go to `following`."""
        raise NotImplementedError


class RowWrite:
    """One row about to be written.

    rowid: register of the new rowid; first_column: register of the first column. old_key: registers of the row's key
    before an UPDATE, 0 for an INSERT. changed: the columns an UPDATE sets, None for all. key_changes: whether the
    key may differ from the old one. conflict: the statement's OR action, "" for none. ignore_label: where IGNORE
    goes. is_rowid_new: the rowid was made up by NewRowid, it cannot conflict. upserts: ON CONFLICT clauses, with
    `updater` for what DO UPDATE does. has_late_affinities: nothing reads the columns before MakeRecord, which gives
    them their affinities.
    """

    __slots__ = (
        "rowid",
        "first_column",
        "old_key",
        "changed",
        "key_changes",
        "conflict",
        "ignore_label",
        "is_rowid_new",
        "upserts",
        "updater",
        "has_late_affinities",
    )

    def __init__(
        self,
        rowid: int,
        first_column: int,
        old_key: int,
        changed: set[int] | None,
        key_changes: bool,
        conflict: str,
        ignore_label: int,
        is_rowid_new: bool = False,
        upserts: tuple[BoundUpsert, ...] = (),
        updater: ConflictUpdater | None = None,
        has_late_affinities: bool = False,
    ) -> None:
        self.rowid = rowid
        self.first_column = first_column
        self.old_key = old_key
        self.changed = changed
        self.key_changes = key_changes
        self.conflict = conflict
        self.ignore_label = ignore_label
        self.is_rowid_new = is_rowid_new
        self.upserts = upserts
        self.updater = updater
        self.has_late_affinities = has_late_affinities
