package org.keelback.jdbc;

import java.sql.SQLException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.keelback.handle.DatabaseHandle;
import org.keelback.handle.Failures;
import org.keelback.handle.StatementHandle;
import org.keelback.jni.Native;

/** A query timeout: interrupts the connection unless the step that it watches ends before. */
final class Deadline implements Runnable {
  private static final ScheduledThreadPoolExecutor CLOCK =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread thread = new Thread(task, "keelback-query-timeout");
            thread.setDaemon(true);
            return thread;
          });

  static {
    CLOCK.setRemoveOnCancelPolicy(true);
  }

  private final DatabaseHandle database;
  private boolean isOver;
  private boolean hasFired;

  private Deadline(DatabaseHandle database) {
    this.database = database;
  }

  /** {@link StatementHandle#step} that takes at most so many seconds; 0 is without limit. */
  static boolean step(DatabaseHandle database, StatementHandle statement, int seconds)
      throws SQLException {
    if (seconds == 0) {
      return statement.step();
    }
    Deadline deadline = new Deadline(database);
    var alarm = CLOCK.schedule(deadline, seconds, TimeUnit.SECONDS);
    try {
      return statement.step();
    } catch (SQLException e) {
      throw deadline.end() && (e.getErrorCode() & 0xff) == Native.INTERRUPT
          ? Failures.timeout(e)
          : e;
    } finally {
      deadline.end();
      alarm.cancel(false);
    }
  }

  @Override
  public synchronized void run() {
    if (!isOver) {
      hasFired = true;
      database.interrupt();
    }
  }

  private synchronized boolean end() {
    isOver = true;
    return hasFired;
  }
}
