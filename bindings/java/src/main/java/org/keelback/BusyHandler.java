package org.keelback;

import java.sql.Connection;
import java.sql.SQLException;
import org.keelback.handle.DatabaseTools;
import org.keelback.jdbc.Tools;
import org.keelback.jni.HookCallback;

/**
 * Asked whether to go on waiting for a lock, in the shape of xerial's {@code
 * org.sqlite.BusyHandler}; it takes the place of the busy timeout.
 */
public abstract class BusyHandler {
  public static void setHandler(Connection connection, BusyHandler handler) throws SQLException {
    DatabaseTools tools = Tools.of(connection);
    tools.setHook(
        HookCallback.BUSY,
        0,
        (number, schema, table, rowid) -> {
          try {
            return handler.callback(number);
          } catch (Throwable problem) {
            tools.thrown(problem);
            return 0;
          }
        });
  }

  /** Takes the handler away: a lock is an error at once. */
  public static void clearHandler(Connection connection) throws SQLException {
    Tools.of(connection).setHook(HookCallback.BUSY, 0, null);
  }

  /**
   * @param nbPrevInvok how often it has been asked for this lock
   * @return 0 to give up, anything else to try again
   */
  protected abstract int callback(int nbPrevInvok) throws SQLException;
}
