package org.keelback.jdbc;

import java.sql.SQLException;
import java.sql.Savepoint;

/** A savepoint of one connection; {@code name} is null for one that has only a number. */
record KeelbackSavepoint(KeelbackConnection connection, int number, String name)
    implements Savepoint {
  @Override
  public int getSavepointId() throws SQLException {
    if (name != null) {
      throw new SQLException("the savepoint has a name", "HY010");
    }
    return number;
  }

  @Override
  public String getSavepointName() throws SQLException {
    if (name == null) {
      throw new SQLException("the savepoint has no name", "HY010");
    }
    return name;
  }

  /** What it is called in SQL, quoted. */
  String identifier() {
    return SqlText.quoted(name == null ? "keelback_savepoint_" + number : name);
  }
}
