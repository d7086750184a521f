package org.keelback.handle;

import java.lang.ref.Cleaner;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.keelback.jni.HookCallback;
import org.keelback.jni.Native;

/**
 * One open connection and everything prepared on it.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>The monitor of this object guards the connection: every call but {@link #interrupt} holds
 *       it, so an error message is read by the thread whose call failed. Whoever makes several
 *       calls that belong together holds it over all of them.
 *   <li>A statement's address is in {@code State.statements} from its prepare to its finalize;
 *       closing finalizes all of them first. Closing twice does nothing.
 *   <li>What is forgotten without being closed is closed by a Cleaner. A forgotten statement is
 *       only queued there and finalized by the next call, as the cleaning thread must not wait for
 *       a busy connection.
 * </ol>
 */
public final class DatabaseHandle implements AutoCloseable {
  static final Cleaner CLEANER = Cleaner.create();

  private final State state;
  private final Cleaner.Cleanable cleanable;
  private Throwable thrown;

  private DatabaseHandle(long address) {
    state = new State(address);
    cleanable = CLEANER.register(this, state);
  }

  /** Opens a connection; {@code flags} are SQLITE_OPEN bits. Extended result codes are on. */
  public static DatabaseHandle open(String path, int flags) throws SQLException {
    long[] out = new long[1];
    int code = Native.openV2(Utf8.encode(path), flags, out);
    if (out[0] == 0) {
      throw Failures.of(code);
    }
    Native.extendedResultCodes(out[0], 1);
    if (code != Native.OK) {
      SQLException failure =
          Failures.of(
              Native.extendedErrcode(out[0]), Utf8.decode(Native.errmsg(out[0])), -1, false);
      Native.closeV2(out[0]);
      throw failure;
    }
    return new DatabaseHandle(out[0]);
  }

  /** The version of SQLite that the library stands in for. */
  public static String libraryVersion() {
    return Utf8.decode(Native.libversion());
  }

  @Override
  public void close() {
    synchronized (this) {
      cleanable.clean();
    }
  }

  public boolean isClosed() {
    return state.address == 0;
  }

  /**
   * Compiles the first statement of {@code sql} from {@code start} on.
   *
   * @return the statement, or null for blank text, and where the rest begins
   */
  public synchronized Prepared prepare(byte[] sql, int start) throws SQLException {
    long address = address();
    state.finalizeForgotten();
    long[] out = new long[2];
    int code = Native.prepareV2(address, sql, start, out);
    if (code != Native.OK) {
      int offset = Native.errorOffset(address);
      int index =
          offset < 0 ? -1 : new String(sql, 0, start + offset, StandardCharsets.UTF_8).length();
      throw Failures.of(
          Native.extendedErrcode(address), Utf8.decode(Native.errmsg(address)), index, true);
    }
    if (out[0] == 0) {
      return new Prepared(null, sql.length);
    }
    state.statements.add(out[0]);
    return new Prepared(new StatementHandle(this, out[0]), (int) out[1]);
  }

  /** The result of {@link #prepare}. */
  public record Prepared(StatementHandle statement, int tail) {}

  /** Runs one statement to its end and drops its rows. */
  public synchronized void run(String sql) throws SQLException {
    try (StatementHandle statement = prepare(Utf8.encode(sql), 0).statement()) {
      while (statement.step()) {
        continue;
      }
    }
  }

  /**
   * Makes running statements fail with SQLITE_INTERRUPT; from any thread, without waiting for the
   * connection.
   */
  public void interrupt() {
    state.interrupt();
  }

  public synchronized void setBusyTimeout(int milliseconds) throws SQLException {
    Native.busyTimeout(address(), milliseconds);
  }

  public synchronized boolean isAutocommit() throws SQLException {
    return Native.getAutocommit(address()) != 0;
  }

  public synchronized long changes() throws SQLException {
    return Native.changes(address());
  }

  public synchronized long totalChanges() throws SQLException {
    return Native.totalChanges(address());
  }

  public synchronized long lastInsertRowid() throws SQLException {
    return Native.lastInsertRowid(address());
  }

  /** Whether the database {@code schema} cannot be written. */
  public synchronized boolean isReadOnly(String schema) throws SQLException {
    return Native.dbReadonly(address(), Utf8.encode(schema)) == 1;
  }

  /**
   * Whether a column is NOT NULL, in the primary key, AUTOINCREMENT; null where that cannot be
   * told.
   */
  public synchronized ColumnFacts columnFacts(String schema, String table, String column)
      throws SQLException {
    int[] out = new int[3];
    byte[] schemaName = schema == null ? null : Utf8.encode(schema);
    int code =
        Native.tableColumnMetadata(
            address(), schemaName, Utf8.encode(table), Utf8.encode(column), out);
    return code == Native.OK ? new ColumnFacts(out[0] != 0, out[1] != 0, out[2] != 0) : null;
  }

  /** The result of {@link #columnFacts}. */
  public record ColumnFacts(boolean isNotNull, boolean isPrimaryKey, boolean isAutoincrement) {}

  long address() throws SQLException {
    if (state.address == 0) {
      throw new SQLException("the connection is closed", "08003");
    }
    return state.address;
  }

  /** The exception for the last call, whose result was an error. The caller holds the monitor. */
  SQLException failure() throws SQLException {
    long address = address();
    SQLException failure =
        Failures.of(Native.extendedErrcode(address), Utf8.decode(Native.errmsg(address)), -1, false);
    if (thrown != null) {
      failure.initCause(thrown);
      thrown = null;
    }
    return failure;
  }

  /** What a function, collation or hook has thrown, to be the cause of the next failure. */
  void thrown(Throwable problem) {
    thrown = problem;
  }

  /** Keeps a hook until another of its kind is set or the connection is closed. */
  void keepHook(int kind, long hook) {
    Native.freeHook(state.hooks[kind]);
    state.hooks[kind] = hook;
  }

  void finalizeNow(long statement) {
    state.finalizeNow(statement);
  }

  Forgetting forgetting(long statement) {
    return new Forgetting(state.forgotten, statement);
  }

  /**
   * What the Cleaner does with a forgotten statement; nothing if it was closed, as its address may
   * serve another by then.
   */
  static final class Forgetting implements Runnable {
    private final Queue<Long> forgotten;
    private final long statement;
    private volatile boolean isClosed;

    Forgetting(Queue<Long> forgotten, long statement) {
      this.forgotten = forgotten;
      this.statement = statement;
    }

    void close() {
      isClosed = true;
    }

    @Override
    public void run() {
      if (!isClosed) {
        forgotten.add(statement);
      }
    }
  }

  /** What the Cleaner closes; it must not refer to the handle. */
  private static final class State implements Runnable {
    private final Set<Long> statements = new HashSet<>();
    private final Queue<Long> forgotten = new ConcurrentLinkedQueue<>();
    private final long[] hooks = new long[HookCallback.KINDS];
    private volatile long address;

    State(long address) {
      this.address = address;
    }

    @Override
    public void run() {
      for (long statement : statements) {
        Native.finalizeStatement(statement);
      }
      statements.clear();
      synchronized (this) {
        Native.closeV2(address);
        address = 0;
      }
      for (int kind = 0; kind < hooks.length; kind++) {
        Native.freeHook(hooks[kind]);
        hooks[kind] = 0;
      }
    }

    synchronized void interrupt() {
      if (address != 0) {
        Native.interrupt(address);
      }
    }

    void finalizeForgotten() {
      for (Long statement = forgotten.poll(); statement != null; statement = forgotten.poll()) {
        finalizeNow(statement);
      }
    }

    void finalizeNow(long statement) {
      if (statements.remove(statement)) {
        Native.finalizeStatement(statement);
      }
    }
  }
}
