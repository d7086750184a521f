package org.keelback.handle;

import static org.keelback.jni.Native.*;

import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLInvalidAuthorizationSpecException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientException;
import org.keelback.KeelbackException;
import org.keelback.jni.Native;

/** The one place where a result code becomes an exception with its class and SQLState. */
public final class Failures {
  private static final int CONSTRAINT_CHECK = CONSTRAINT | 1 << 8;
  private static final int CONSTRAINT_FOREIGNKEY = CONSTRAINT | 3 << 8;
  private static final int CONSTRAINT_NOTNULL = CONSTRAINT | 5 << 8;
  private static final int CONSTRAINT_PRIMARYKEY = CONSTRAINT | 6 << 8;
  private static final int CONSTRAINT_UNIQUE = CONSTRAINT | 8 << 8;
  private static final int CONSTRAINT_ROWID = CONSTRAINT | 10 << 8;

  private Failures() {}

  /** The exception for a code without a connection to ask. */
  public static SQLException of(int code) {
    return of(code, Utf8.decode(Native.errstr(code)), -1, false);
  }

  /**
   * @param code the extended result code
   * @param offset an index into the SQL text, or -1
   * @param compiling whether the statement was being prepared, where SQLITE_ERROR is a syntax error
   *     or an unknown name
   */
  public static SQLException of(int code, String message, int offset, boolean compiling) {
    return switch (code & 0xff) {
      case ERROR ->
          compiling
              ? new Syntax(message, "42000", code, offset)
              : new General(message, "HY000", code, offset);
      case CONSTRAINT -> new Constraint(message, constraintState(code), code, offset);
      case BUSY, LOCKED -> new Transient(message, "HYT00", code, offset);
      case INTERRUPT -> new Transient(message, "57014", code, offset);
      case READONLY -> new Permanent(message, "25006", code, offset);
      case PERM -> new Permanent(message, "42501", code, offset);
      case AUTH -> new Authorization(message, "42501", code, offset);
      case CANTOPEN, NOTADB -> new Unopened(message, "08001", code, offset);
      case IOERR -> new Permanent(message, "58030", code, offset);
      case CORRUPT -> new Permanent(message, "XX001", code, offset);
      case FULL -> new Permanent(message, "53100", code, offset);
      case NOMEM -> new Permanent(message, "53200", code, offset);
      case TOOBIG -> new Data(message, "54000", code, offset);
      case MISMATCH -> new Data(message, "22018", code, offset);
      case RANGE -> new Syntax(message, "07009", code, offset);
      case MISUSE -> new General(message, "HY010", code, offset);
      default -> new General(message, "HY000", code, offset);
    };
  }

  /** The exception for a statement that was interrupted because its query timeout ended. */
  public static SQLException timeout(SQLException interrupted) {
    Timeout timeout =
        new Timeout(interrupted.getMessage(), "HYT00", interrupted.getErrorCode(), -1);
    timeout.initCause(interrupted);
    return timeout;
  }

  private static String constraintState(int code) {
    return switch (code) {
      case CONSTRAINT_CHECK -> "23514";
      case CONSTRAINT_FOREIGNKEY -> "23503";
      case CONSTRAINT_NOTNULL -> "23502";
      case CONSTRAINT_PRIMARYKEY, CONSTRAINT_UNIQUE, CONSTRAINT_ROWID -> "23505";
      default -> "23000";
    };
  }

  private static final class General extends SQLException implements KeelbackException {
    private final int offset;

    General(String message, String state, int code, int offset) {
      super(message, state, code);
      this.offset = offset;
    }

    @Override
    public int resultCode() {
      return getErrorCode();
    }

    @Override
    public String sqliteMessage() {
      return getMessage();
    }

    @Override
    public int offset() {
      return offset;
    }
  }

  private static final class Syntax extends SQLSyntaxErrorException implements KeelbackException {
    private final int offset;

    Syntax(String message, String state, int code, int offset) {
      super(message, state, code);
      this.offset = offset;
    }

    @Override
    public int resultCode() {
      return getErrorCode();
    }

    @Override
    public String sqliteMessage() {
      return getMessage();
    }

    @Override
    public int offset() {
      return offset;
    }
  }

  private static final class Constraint extends SQLIntegrityConstraintViolationException
      implements KeelbackException {
    private final int offset;

    Constraint(String message, String state, int code, int offset) {
      super(message, state, code);
      this.offset = offset;
    }

    @Override
    public int resultCode() {
      return getErrorCode();
    }

    @Override
    public String sqliteMessage() {
      return getMessage();
    }

    @Override
    public int offset() {
      return offset;
    }
  }

  private static final class Data extends SQLDataException implements KeelbackException {
    private final int offset;

    Data(String message, String state, int code, int offset) {
      super(message, state, code);
      this.offset = offset;
    }

    @Override
    public int resultCode() {
      return getErrorCode();
    }

    @Override
    public String sqliteMessage() {
      return getMessage();
    }

    @Override
    public int offset() {
      return offset;
    }
  }

  private static final class Transient extends SQLTransientException implements KeelbackException {
    private final int offset;

    Transient(String message, String state, int code, int offset) {
      super(message, state, code);
      this.offset = offset;
    }

    @Override
    public int resultCode() {
      return getErrorCode();
    }

    @Override
    public String sqliteMessage() {
      return getMessage();
    }

    @Override
    public int offset() {
      return offset;
    }
  }

  private static final class Timeout extends SQLTimeoutException implements KeelbackException {
    private final int offset;

    Timeout(String message, String state, int code, int offset) {
      super(message, state, code);
      this.offset = offset;
    }

    @Override
    public int resultCode() {
      return getErrorCode();
    }

    @Override
    public String sqliteMessage() {
      return getMessage();
    }

    @Override
    public int offset() {
      return offset;
    }
  }

  private static final class Permanent extends SQLNonTransientException
      implements KeelbackException {
    private final int offset;

    Permanent(String message, String state, int code, int offset) {
      super(message, state, code);
      this.offset = offset;
    }

    @Override
    public int resultCode() {
      return getErrorCode();
    }

    @Override
    public String sqliteMessage() {
      return getMessage();
    }

    @Override
    public int offset() {
      return offset;
    }
  }

  private static final class Authorization extends SQLInvalidAuthorizationSpecException
      implements KeelbackException {
    private final int offset;

    Authorization(String message, String state, int code, int offset) {
      super(message, state, code);
      this.offset = offset;
    }

    @Override
    public int resultCode() {
      return getErrorCode();
    }

    @Override
    public String sqliteMessage() {
      return getMessage();
    }

    @Override
    public int offset() {
      return offset;
    }
  }

  private static final class Unopened extends SQLNonTransientConnectionException
      implements KeelbackException {
    private final int offset;

    Unopened(String message, String state, int code, int offset) {
      super(message, state, code);
      this.offset = offset;
    }

    @Override
    public int resultCode() {
      return getErrorCode();
    }

    @Override
    public String sqliteMessage() {
      return getMessage();
    }

    @Override
    public int offset() {
      return offset;
    }
  }
}
