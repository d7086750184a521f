package org.keelback;

import java.sql.Connection;
import java.sql.SQLException;
import org.keelback.handle.DatabaseTools;
import org.keelback.jdbc.Tools;
import org.keelback.jni.HookCallback;

/**
 * Called while a statement runs, in the shape of xerial's {@code org.sqlite.ProgressHandler}; it
 * may stop it.
 */
public abstract class ProgressHandler {
  /** {@code vmCalls} is how many instructions run from one call to the next. */
  public static void setHandler(Connection connection, int vmCalls, ProgressHandler handler)
      throws SQLException {
    DatabaseTools tools = Tools.of(connection);
    tools.setHook(
        HookCallback.PROGRESS,
        vmCalls,
        (number, schema, table, rowid) -> {
          try {
            return handler.progress();
          } catch (Throwable problem) {
            tools.thrown(problem);
            return 1;
          }
        });
  }

  public static void clearHandler(Connection connection) throws SQLException {
    Tools.of(connection).setHook(HookCallback.PROGRESS, 0, null);
  }

  /** 0 to go on; anything else interrupts the statement. */
  protected abstract int progress() throws SQLException;
}
