package org.keelback;

import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * What a prepared statement offers beyond JDBC, by {@code unwrap(KeelbackPreparedStatement.class)}:
 * parameters by name.
 */
public interface KeelbackPreparedStatement extends PreparedStatement {
  /**
   * The index, from 1, of the parameter with this name, prefix included: {@code ":a"}, {@code
   * "@a"}, {@code "$a"}, {@code "?5"}.
   *
   * @throws SQLException if the statement has no such parameter
   */
  int findParameter(String name) throws SQLException;

  /** {@link #setObject(int, Object)} for the parameter with this name. */
  default void setObject(String name, Object value) throws SQLException {
    setObject(findParameter(name), value);
  }
}
