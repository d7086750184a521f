package org.keelback.handle;

import java.lang.ref.Cleaner;
import java.sql.SQLException;
import org.keelback.jni.Native;

/**
 * One prepared statement of a {@link DatabaseHandle}, whose monitor guards it. Closing twice does
 * nothing; when the connection is closed, so is the statement. Columns count from 0 and parameters
 * from 1, as in the C API.
 */
public final class StatementHandle implements AutoCloseable {
  private final DatabaseHandle database;
  private final DatabaseHandle.Forgetting forgetting;
  private final Cleaner.Cleanable cleanable;
  private long address;

  StatementHandle(DatabaseHandle database, long address) {
    this.database = database;
    this.address = address;
    forgetting = database.forgetting(address);
    cleanable = DatabaseHandle.CLEANER.register(this, forgetting);
  }

  @Override
  public void close() {
    synchronized (database) {
      if (address == 0) {
        return;
      }
      database.finalizeNow(address);
      address = 0;
      forgetting.close();
      cleanable.clean();
    }
  }

  public boolean isClosed() {
    return address == 0 || database.isClosed();
  }

  /** Runs on to the next row; false at the end. */
  public boolean step() throws SQLException {
    synchronized (database) {
      return switch (Native.step(address())) {
        case Native.ROW -> true;
        case Native.DONE -> false;
        default -> throw database.failure();
      };
    }
  }

  /** Ends the run, if any; the error of a run was reported by {@link #step} already. */
  public void reset() {
    synchronized (database) {
      if (!isClosed()) {
        Native.reset(address);
      }
    }
  }

  /** Binds null, a Long, a Double, a String or a byte[]. */
  public void bind(int index, Object value) throws SQLException {
    synchronized (database) {
      long statement = address();
      int code;
      if (value == null) {
        code = Native.bindNull(statement, index);
      } else if (value instanceof Long integer) {
        code = Native.bindInt64(statement, index, integer);
      } else if (value instanceof Double real) {
        code = Native.bindDouble(statement, index, real);
      } else if (value instanceof String text) {
        code = Native.bindText(statement, index, Utf8.encode(text));
      } else {
        code = Native.bindBlob(statement, index, (byte[]) value);
      }
      if (code != Native.OK) {
        throw database.failure();
      }
    }
  }

  public boolean isReadOnly() throws SQLException {
    synchronized (database) {
      return Native.stmtReadonly(address()) != 0;
    }
  }

  public int parameterCount() throws SQLException {
    synchronized (database) {
      return Native.bindParameterCount(address());
    }
  }

  /** The index of a parameter by its name with prefix, 0 if there is none. */
  public int parameterIndex(String name) throws SQLException {
    synchronized (database) {
      return Native.bindParameterIndex(address(), Utf8.encode(name));
    }
  }

  public int columnCount() throws SQLException {
    synchronized (database) {
      return Native.columnCount(address());
    }
  }

  public String columnName(int column) throws SQLException {
    synchronized (database) {
      return Utf8.decode(Native.columnName(address(), column));
    }
  }

  /** The declared type, null for an expression. */
  public String columnDeclaredType(int column) throws SQLException {
    synchronized (database) {
      return Utf8.decode(Native.columnDecltype(address(), column));
    }
  }

  /** Schema, table and column that the column is taken from, each null for an expression. */
  public String[] columnOrigin(int column) throws SQLException {
    synchronized (database) {
      long statement = address();
      return new String[] {
        Utf8.decode(Native.columnDatabaseName(statement, column)),
        Utf8.decode(Native.columnTableName(statement, column)),
        Utf8.decode(Native.columnOriginName(statement, column))
      };
    }
  }

  /** The storage class: {@link Native#INTEGER}, {@link Native#FLOAT}, and so on. */
  public int columnType(int column) throws SQLException {
    synchronized (database) {
      return Native.columnType(address(), column);
    }
  }

  public long columnInteger(int column) throws SQLException {
    synchronized (database) {
      return Native.columnInt64(address(), column);
    }
  }

  public double columnReal(int column) throws SQLException {
    synchronized (database) {
      return Native.columnDouble(address(), column);
    }
  }

  public byte[] columnText(int column) throws SQLException {
    synchronized (database) {
      return Native.columnText(address(), column);
    }
  }

  public byte[] columnBlob(int column) throws SQLException {
    synchronized (database) {
      return Native.columnBlob(address(), column);
    }
  }

  private long address() throws SQLException {
    database.address();
    if (address == 0) {
      throw new SQLException("the statement is closed", "HY010");
    }
    return address;
  }
}
