package org.keelback.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.keelback.handle.DatabaseTools;

/** From any connection, a pool's too, to the tools of ours that it wraps. */
public final class Tools {
  private Tools() {}

  public static DatabaseTools of(Connection connection) throws SQLException {
    if (connection == null || !connection.isWrapperFor(KeelbackConnection.class)) {
      throw new SQLException("the connection is not one of Keelback's", "HY000");
    }
    return connection.unwrap(KeelbackConnection.class).tools();
  }
}
