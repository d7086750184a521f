package org.keelback;

import java.sql.Connection;
import java.sql.SQLException;
import org.keelback.handle.DatabaseTools;
import org.keelback.handle.Utf8;
import org.keelback.jdbc.Tools;

/** A collation written in Java, in the shape of xerial's {@code org.sqlite.Collation}. */
public abstract class Collation {
  /** Registers the collation in place of one of the name. */
  public static void create(Connection connection, String name, Collation collation)
      throws SQLException {
    DatabaseTools tools = Tools.of(connection);
    tools.createCollation(
        name,
        (left, right) -> {
          try {
            return collation.xCompare(Utf8.decode(left), Utf8.decode(right));
          } catch (Throwable problem) {
            tools.thrown(problem);
            return 0;
          }
        });
  }

  public static void destroy(Connection connection, String name) throws SQLException {
    Tools.of(connection).createCollation(name, null);
  }

  /**
   * Below, equal to or above 0 as the first text goes before, with or behind the second; it has to
   * be a total order. An exception counts as 0.
   */
  protected abstract int xCompare(String left, String right);
}
