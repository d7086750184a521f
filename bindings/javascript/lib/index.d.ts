// Types of keelback for Node, with the shape of @types/better-sqlite3.

declare namespace Database {
  type SqliteValue = null | number | bigint | string | Uint8Array;

  interface Options {
    readonly?: boolean;
    fileMustExist?: boolean;
    /** Milliseconds to wait for a lock; default 5000. */
    timeout?: number;
    verbose?: (sql: string) => void;
  }

  interface RunResult {
    changes: number;
    lastInsertRowid: number | bigint;
  }

  interface ColumnDefinition {
    name: string;
    column: string | null;
    table: string | null;
    database: string | null;
    type: string | null;
  }

  interface FunctionOptions {
    varargs?: boolean;
    deterministic?: boolean;
    safeIntegers?: boolean;
    directOnly?: boolean;
  }

  interface AggregateOptions<State> extends FunctionOptions {
    start?: State | (() => State);
    step: (state: State, ...values: any[]) => State | void;
    inverse?: (state: State, ...values: any[]) => State | void;
    result?: (state: State) => SqliteValue;
  }

  interface BackupMetadata {
    totalPages: number;
    remainingPages: number;
  }

  interface BackupOptions {
    /** The schema to copy; default "main". */
    attached?: string;
    /** Told after each turn; may answer how many pages the next one copies (100 at first). */
    progress?: (metadata: BackupMetadata) => number | void;
  }

  interface TableDefinition {
    columns: string[];
    rows: (...parameters: any[]) => Generator<unknown[] | Record<string, unknown>>;
    /** Names of the parameters of `rows`, which are hidden columns; default "$1", "$2" and so on. */
    parameters?: string[];
    safeIntegers?: boolean;
    directOnly?: boolean;
  }

  type TableFactory = (
    this: { module: string; database: string; table: string },
    ...parameters: string[]
  ) => TableDefinition;

  interface Statement<Parameters extends unknown[] = unknown[], Row = unknown> {
    readonly database: Database;
    readonly source: string;
    readonly reader: boolean;
    readonly readonly: boolean;
    readonly busy: boolean;
    run(...parameters: Parameters): RunResult;
    get(...parameters: Parameters): Row | undefined;
    all(...parameters: Parameters): Row[];
    iterate(...parameters: Parameters): IterableIterator<Row>;
    pluck(toggle?: boolean): this;
    expand(toggle?: boolean): this;
    raw(toggle?: boolean): this;
    bind(...parameters: Parameters): this;
    columns(): ColumnDefinition[];
    safeIntegers(toggle?: boolean): this;
  }

  interface Transaction<Work extends (...parameters: any[]) => unknown> {
    (...parameters: Parameters<Work>): ReturnType<Work>;
    default(...parameters: Parameters<Work>): ReturnType<Work>;
    deferred(...parameters: Parameters<Work>): ReturnType<Work>;
    immediate(...parameters: Parameters<Work>): ReturnType<Work>;
    exclusive(...parameters: Parameters<Work>): ReturnType<Work>;
    readonly database: Database;
  }

  interface Database {
    readonly name: string;
    readonly open: boolean;
    readonly inTransaction: boolean;
    readonly memory: boolean;
    readonly readonly: boolean;
    prepare<Parameters extends unknown[] = unknown[], Row = unknown>(sql: string): Statement<Parameters, Row>;
    exec(sql: string): this;
    pragma(source: string, options?: { simple?: boolean }): unknown;
    transaction<Work extends (...parameters: any[]) => unknown>(work: Work): Transaction<Work>;
    function(name: string, work: (...values: any[]) => unknown): this;
    function(name: string, options: FunctionOptions, work: (...values: any[]) => unknown): this;
    aggregate<State>(name: string, options: AggregateOptions<State>): this;
    table(name: string, definition: TableDefinition | TableFactory): this;
    backup(filename: string, options?: BackupOptions): Promise<BackupMetadata>;
    serialize(options?: { attached?: string }): Uint8Array;
    loadExtension(file: string, entryPoint?: string): this;
    unsafeMode(toggle?: boolean): this;
    defaultSafeIntegers(toggle?: boolean): this;
    close(): this;
  }

  interface SqliteError extends Error {
    /** The name of the extended result code, such as SQLITE_CONSTRAINT_UNIQUE. */
    code: string;
    rawCode: number | undefined;
    /** Byte offset in the SQL text, or -1. */
    offset: number;
  }

  interface SqliteErrorConstructor {
    new (message: string, code: string | number, offset?: number): SqliteError;
    readonly prototype: SqliteError;
  }
}

interface DatabaseConstructor {
  new (filename?: string | Uint8Array, options?: Database.Options): Database.Database;
  (filename?: string | Uint8Array, options?: Database.Options): Database.Database;
  prototype: Database.Database;
  SqliteError: Database.SqliteErrorConstructor;
  Database: DatabaseConstructor;
}

declare const Database: DatabaseConstructor;
export = Database;
