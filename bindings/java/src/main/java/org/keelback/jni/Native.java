package org.keelback.jni;

/**
 * The C API, one to one (https://sqlite.org/c3ref/funclist.html): each method is the function of
 * the same name, result codes come back as they are, handles are addresses.
 *
 * <p>Invariants:
 *
 * <ol>
 *   <li>Text is UTF-8 in a {@code byte[]} in both directions, so that NUL, supplementary characters
 *       and invalid text pass unchanged (JNI's own strings are modified UTF-8).
 *   <li>Nothing is checked: a handle that is closed or 0 where the C API forbids it crashes the
 *       process. Only {@code org.keelback.handle} may call these.
 *   <li>Arrays that receive addresses ({@code out}) belong to the caller; the C side keeps no Java
 *       reference.
 * </ol>
 *
 * <p>Twin: native/native.cpp.
 */
public final class Native {
  public static final int OK = 0;
  public static final int ERROR = 1;
  public static final int PERM = 3;
  public static final int BUSY = 5;
  public static final int LOCKED = 6;
  public static final int NOMEM = 7;
  public static final int READONLY = 8;
  public static final int INTERRUPT = 9;
  public static final int IOERR = 10;
  public static final int CORRUPT = 11;
  public static final int FULL = 13;
  public static final int CANTOPEN = 14;
  public static final int TOOBIG = 18;
  public static final int CONSTRAINT = 19;
  public static final int MISMATCH = 20;
  public static final int MISUSE = 21;
  public static final int AUTH = 23;
  public static final int RANGE = 25;
  public static final int NOTADB = 26;
  public static final int ROW = 100;
  public static final int DONE = 101;

  public static final int INTEGER = 1;
  public static final int FLOAT = 2;
  public static final int TEXT = 3;
  public static final int BLOB = 4;
  public static final int NULL = 5;

  public static final int OPEN_READONLY = 0x1;
  public static final int OPEN_READWRITE = 0x2;
  public static final int OPEN_CREATE = 0x4;
  public static final int OPEN_URI = 0x40;

  static {
    NativeLibrary.load();
  }

  private Native() {}

  public static native byte[] libversion();

  public static native byte[] errstr(int code);

  /** {@code out[0]} receives the connection, which is to be closed even where opening failed. */
  public static native int openV2(byte[] path, int flags, long[] out);

  public static native int closeV2(long db);

  public static native int extendedResultCodes(long db, int on);

  public static native int busyTimeout(long db, int milliseconds);

  public static native void interrupt(long db);

  public static native int extendedErrcode(long db);

  public static native byte[] errmsg(long db);

  public static native int errorOffset(long db);

  public static native int getAutocommit(long db);

  public static native long changes(long db);

  public static native long totalChanges(long db);

  public static native long lastInsertRowid(long db);

  public static native int dbReadonly(long db, byte[] schema);

  public static native byte[] dbFilename(long db, byte[] schema);

  /** {@code out} receives not null, primary key, autoincrement, each 0 or 1. */
  public static native int tableColumnMetadata(
      long db, byte[] schema, byte[] table, byte[] column, int[] out);

  /**
   * Compiles from {@code sql[start]} on; {@code out} receives the statement and the index at which
   * the rest begins.
   */
  public static native int prepareV2(long db, byte[] sql, int start, long[] out);

  public static native int finalizeStatement(long statement);

  public static native int step(long statement);

  public static native int reset(long statement);

  public static native int clearBindings(long statement);

  public static native int stmtReadonly(long statement);

  public static native byte[] expandedSql(long statement);

  public static native int bindParameterCount(long statement);

  public static native byte[] bindParameterName(long statement, int index);

  public static native int bindParameterIndex(long statement, byte[] name);

  public static native int bindNull(long statement, int index);

  public static native int bindInt64(long statement, int index, long value);

  public static native int bindDouble(long statement, int index, double value);

  public static native int bindText(long statement, int index, byte[] value);

  public static native int bindBlob(long statement, int index, byte[] value);

  public static native int columnCount(long statement);

  public static native byte[] columnName(long statement, int column);

  public static native byte[] columnDecltype(long statement, int column);

  public static native byte[] columnDatabaseName(long statement, int column);

  public static native byte[] columnTableName(long statement, int column);

  public static native byte[] columnOriginName(long statement, int column);

  public static native int columnType(long statement, int column);

  public static native long columnInt64(long statement, int column);

  public static native double columnDouble(long statement, int column);

  public static native byte[] columnText(long statement, int column);

  public static native byte[] columnBlob(long statement, int column);

  // --- whole databases

  /** The backup, or 0 on an error, which {@code target} tells. */
  public static native long backupInit(
      long target, byte[] targetSchema, long source, byte[] sourceSchema);

  public static native int backupStep(long backup, int pages);

  public static native int backupRemaining(long backup);

  public static native int backupPagecount(long backup);

  public static native int backupFinish(long backup);

  /** The bytes of a database; null where there is none, or nothing in it yet. */
  public static native byte[] serialize(long db, byte[] schema);

  public static native int deserialize(long db, byte[] schema, byte[] content);

  /** The error message, or null; {@code entry} may be null. */
  public static native byte[] loadExtension(long db, byte[] file, byte[] entry);

  public static native int limit(long db, int limit, int value);

  // --- callbacks

  /** {@code kind} is 0 scalar, 1 aggregate, 2 window; a null callback takes the function away. */
  public static native int createFunction(
      long db, byte[] name, int count, int flags, int kind, FunctionCallback callback);

  /** A null callback takes the collation away. */
  public static native int createCollation(long db, byte[] name, CollationCallback callback);

  /**
   * Sets a hook, or takes it away with null. {@code number} is a progress handler's count of
   * instructions. The result is the hook, to be freed once another is set or the connection closed.
   */
  public static native long setHook(long db, int kind, int number, HookCallback callback);

  public static native void freeHook(long hook);

  public static native int valueType(long value);

  public static native long valueInt64(long value);

  public static native double valueDouble(long value);

  public static native byte[] valueText(long value);

  public static native byte[] valueBlob(long value);

  public static native void resultNull(long context);

  public static native void resultInt64(long context, long value);

  public static native void resultDouble(long context, double value);

  public static native void resultText(long context, byte[] value);

  public static native void resultBlob(long context, byte[] value);

  public static native void resultError(long context, byte[] message);
}
