package org.keelback;

/**
 * What every {@link java.sql.SQLException} that comes from the database itself also is, whichever
 * of the JDBC subclasses it belongs to: {@code if (e instanceof KeelbackException error) ...}.
 * Errors of the driver (a closed statement, a conversion that fails) are not.
 */
public interface KeelbackException {
  /** The extended result code, as {@link java.sql.SQLException#getErrorCode()} gives it too. */
  int resultCode();

  /**
   * The primary result code: the low byte, {@code SQLITE_CONSTRAINT} (19) for all constraint
   * errors, and so on.
   */
  default int primaryResultCode() {
    return resultCode() & 0xff;
  }

  /** The message of {@code sqlite3_errmsg}, to the letter. */
  String sqliteMessage();

  /** Where in the SQL text (an index into the string) the error was found, or -1. */
  int offset();
}
