"""SessionSchemas: the schemas of one open database and of those attached to it, read when they are needed.

1. A schema is read when the first statement that needs it is compiled, and again after it was forgotten: when this
   connection changed it, a rollback undid a change, or the file's cookie turned out to be another.
2. `generation` grows with whatever makes compiled programs stale.

Must not know: how statements are compiled and run; of the run tower only `run_tower.py`.
"""

from __future__ import annotations

from keelback_core.compiler.catalog.catalog import Catalog
from keelback_core.compiler.catalog.model import Schema, fold_name
from keelback_core.compiler.catalog.settings import Settings
from keelback_core.engine.schema_loader import META_SCHEMA_COOKIE, SchemaLoader
from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import CORRUPT, ERROR, MESSAGES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from keelback_core.engine.run_tower import DatabaseLike, RunTower, SessionLike
    from keelback_core.engine.user_functions import UserFunctions
    from keelback_core.engine.virtual_tables import VirtualTables


class SessionSchemas:
    """See the module. Whoever inherits sets `session`, `tower`, `functions` and `virtual_tables`."""

    __slots__ = (
        "session",
        "tower",
        "functions",
        "virtual_tables",
        "settings",
        "generation",
        "schema_names",
        "_authorizer",
        "_loader",
        "_schemas",
        "_catalog",
    )

    session: SessionLike
    tower: RunTower
    functions: UserFunctions
    virtual_tables: VirtualTables

    def __init__(self) -> None:
        self.settings = Settings()
        self.generation = 0
        self.schema_names = ["main", "temp"]
        self._authorizer: Callable[..., int] | None = None
        self._loader = SchemaLoader()
        self._schemas: list[Schema | None] = [None, None]
        self._catalog: Catalog | None = None

    def set_text_encoding(self, encoding: int) -> None:
        """Texts are compared as in this encoding: 1 UTF-8, 2 UTF-16le, 3 UTF-16be."""
        self.functions.text_encoding = encoding

    @property
    def is_encoding_settled(self) -> bool:
        """Whether a schema had a row, be it another database's or one that was undone."""
        return self._loader.has_read_rows or self.session.is_encoding_settled

    def catalog(self) -> Catalog:
        """What statements are compiled against now; reads the schemas that are not known."""
        self._notice_transaction()
        if self._catalog is None:
            for number, database in enumerate(self.session.databases):
                if database is not None and self._schemas[number] is None:
                    self._schemas[number] = self._load(database, number)
            self._catalog = Catalog(self._schemas, self.settings, self.functions, self._authorizer)
            self.set_text_encoding(self._catalog.text_encoding)
        return self._catalog

    def _load(self, database: DatabaseLike, number: int) -> Schema:
        loader = self._loader
        try:
            return loader.load(self.tower, database, number, self.schema_names[number], self.settings.writable_schema)
        except SqlError as error:
            if error.code == CORRUPT and loader.is_unreadable and not self.session.autocommit:
                self.session.is_damaged = True
            raise

    def load_for_vacuum(self, number: int) -> Schema:
        """A schema that cannot be used otherwise, names that differ forgiven. SqlError CORRUPT, without a reason."""
        database = self.session.databases[number]
        assert database is not None
        schema = self._loader.load(self.tower, database, number, self.schema_names[number], True, True)
        if self._loader.error is not None:
            raise SqlError(CORRUPT, MESSAGES[CORRUPT])
        return schema

    def _notice_transaction(self) -> None:
        # The end of a transaction takes the pragma back.
        self.settings.defer_foreign_keys = self.session.defers_foreign_keys

    @property
    def authorizer(self) -> Callable[..., int] | None:
        """Asked when statements are compiled: (action, first, second, database, view) -> 0, 1 deny, 2 ignore."""
        return self._authorizer

    @authorizer.setter
    def authorizer(self, callback: Callable[..., int] | None) -> None:
        self._authorizer = callback
        self.expire()

    def watch_rows(self, is_watched: bool) -> None:
        """Whether programs are to show rows before they change them (preupdate_hook)."""
        self.settings.has_preupdate_hook = is_watched
        self.expire()

    # The schemas.

    def forget_schema(self, number: int) -> None:
        """Read the schema of a database again before it is used next."""
        self._schemas[number] = None
        self._catalog = None
        self.generation += 1
        self.virtual_tables.expire(number)

    def forget_schemas(self) -> None:
        """Read all schemas again before they are used next."""
        for number in range(len(self._schemas)):
            self.forget_schema(number)

    def expire(self) -> None:
        """Have all statements compiled again before they run next."""
        self._catalog = None
        self.generation += 1

    def _is_schema_stale(self) -> bool:
        """Whether the schema in a file has changed behind the one we compiled with."""
        databases = self.session.databases
        for number, schema in enumerate(self._schemas):
            database = databases[number]
            if schema is None or database is None:
                continue
            was_idle = database.transaction_state == 0
            try:
                database.begin_read()
                cookie = database.get_meta(META_SCHEMA_COOKIE)
                if was_idle:
                    database.end_read()
            except SqlError:
                continue
            if cookie & 0xFFFFFFFF != schema.cookie & 0xFFFFFFFF:
                return True
        return False

    def schema_name(self, number: int) -> str:
        """The name of a database."""
        return self.schema_names[number]

    def number_of(self, schema: str | None) -> int:
        """The number of a database by its name (None: main), -1 if there is none."""
        key = "main" if schema is None else fold_name(schema)
        for number, name in enumerate(self.schema_names):
            if fold_name(name) == key:
                return number
        return -1

    def add_schema(self, name: str, number: int, database: DatabaseLike) -> None:
        """Take in an attached database, reading its schema. SqlError if it cannot be read."""
        self.schema_names.append(name)
        self._schemas.append(None)
        self.expire()
        schema = self._loader.load(self.tower, database, number, name, self.settings.writable_schema)
        if schema.is_encoding_settled and schema.encoding != self.catalog().text_encoding:
            raise SqlError(ERROR, "attached databases must use the same text encoding as main database")
        self._schemas[number] = schema
        self.expire()

    def remove_schema(self, number: int) -> None:
        """Forget a detached database; those behind it have moved up."""
        del self.schema_names[number]
        del self._schemas[number]
        self.forget_schemas()
