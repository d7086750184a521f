package org.keelback.jdbc;

import java.sql.SQLException;
import java.sql.Wrapper;

/** {@link Wrapper} for objects that wrap nothing: they unwrap to what they are. */
abstract class Wrapping implements Wrapper {
  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (!type.isInstance(this)) {
      throw new SQLException(getClass().getName() + " is no " + type.getName(), "HY000");
    }
    return type.cast(this);
  }
}
