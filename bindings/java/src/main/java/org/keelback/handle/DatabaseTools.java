package org.keelback.handle;

import java.sql.SQLException;
import org.keelback.jni.CollationCallback;
import org.keelback.jni.FunctionCallback;
import org.keelback.jni.HookCallback;
import org.keelback.jni.Native;

/**
 * What is done with a connection beside running statements: functions, collations, hooks, copies.
 * The monitor of the {@link DatabaseHandle} guards it, as everything; what the engine calls runs on
 * the thread that holds it.
 */
public final class DatabaseTools {
  private final DatabaseHandle database;

  public DatabaseTools(DatabaseHandle database) {
    this.database = database;
  }

  /** How a function is called. */
  public enum FunctionKind {
    SCALAR,
    AGGREGATE,
    WINDOW
  }

  /** A null callback takes the function away. */
  public void createFunction(
      String name, int count, int flags, FunctionKind kind, FunctionCallback callback)
      throws SQLException {
    synchronized (database) {
      check(
          Native.createFunction(
              database.address(), Utf8.encode(name), count, flags, kind.ordinal(), callback));
    }
  }

  /** A null callback takes the collation away. */
  public void createCollation(String name, CollationCallback callback) throws SQLException {
    synchronized (database) {
      check(Native.createCollation(database.address(), Utf8.encode(name), callback));
    }
  }

  /** {@code kind} is a constant of {@link HookCallback}; null takes the hook away. */
  public void setHook(int kind, int number, HookCallback callback) throws SQLException {
    synchronized (database) {
      long address = database.address();
      database.keepHook(kind, Native.setHook(address, kind, number, callback));
    }
  }

  /** What a callback threw: the cause of the error that the statement will report. */
  public void thrown(Throwable problem) {
    database.thrown(problem);
  }

  /** Told of the pages that are left, and of all, after each step of a backup. */
  @FunctionalInterface
  public interface BackupProgress {
    void progress(int remaining, int pageCount);
  }

  /**
   * Copies the schema {@code from} of a connection over the schema {@code to} of this one, {@code
   * pages} at a time (all if negative), waiting for locks as the connections do.
   */
  public void copyFrom(
      DatabaseHandle source, String from, String to, int pages, BackupProgress progress)
      throws SQLException {
    synchronized (database) {
      synchronized (source) {
        long backup =
            Native.backupInit(
                database.address(), Utf8.encode(to), source.address(), Utf8.encode(from));
        if (backup == 0) {
          throw database.failure();
        }
        int code;
        do {
          code = Native.backupStep(backup, pages);
          if (code == Native.OK || code == Native.DONE) {
            progress.progress(Native.backupRemaining(backup), Native.backupPagecount(backup));
          }
        } while (code == Native.OK);
        Native.backupFinish(backup);
        if (code != Native.DONE) {
          throw Failures.of(code);
        }
      }
    }
  }

  public byte[] serialize(String schema) throws SQLException {
    synchronized (database) {
      byte[] content = Native.serialize(database.address(), Utf8.encode(schema));
      if (content == null) {
        throw new SQLException("no database " + schema + ", or nothing in it yet", "HY000");
      }
      return content;
    }
  }

  public void deserialize(String schema, byte[] content) throws SQLException {
    synchronized (database) {
      check(Native.deserialize(database.address(), Utf8.encode(schema), content));
    }
  }

  /** {@code entry} may be null. */
  public void loadExtension(String file, String entry) throws SQLException {
    synchronized (database) {
      byte[] message =
          Native.loadExtension(
              database.address(), Utf8.encode(file), entry == null ? null : Utf8.encode(entry));
      if (message != null) {
        throw Failures.of(Native.ERROR, Utf8.decode(message), -1, false);
      }
    }
  }

  /** Sets a limit, unless {@code value} is negative, and gives the value before. */
  public int limit(int limit, int value) throws SQLException {
    synchronized (database) {
      return Native.limit(database.address(), limit, value);
    }
  }

  private void check(int code) throws SQLException {
    if (code != Native.OK) {
      throw database.failure();
    }
  }
}
