package org.keelback.jdbc;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.keelback.CommitListener;
import org.keelback.UpdateListener;
import org.keelback.handle.DatabaseTools;
import org.keelback.handle.Utf8;
import org.keelback.jni.HookCallback;

/** The listeners of one connection: the engine's hooks are set while there are any. */
final class Listeners {
  private static final int INSERT = 18;
  private static final int DELETE = 9;

  private final DatabaseTools tools;
  private final List<UpdateListener> update = new CopyOnWriteArrayList<>();
  private final List<CommitListener> commit = new CopyOnWriteArrayList<>();

  Listeners(DatabaseTools tools) {
    this.tools = tools;
  }

  void add(UpdateListener listener) throws SQLException {
    update.add(listener);
    tools.setHook(HookCallback.UPDATE, 0, this::tellUpdate);
  }

  void remove(UpdateListener listener) throws SQLException {
    update.remove(listener);
    if (update.isEmpty()) {
      tools.setHook(HookCallback.UPDATE, 0, null);
    }
  }

  void add(CommitListener listener) throws SQLException {
    commit.add(listener);
    tools.setHook(HookCallback.COMMIT, 0, (n, s, t, r) -> tell(CommitListener::onCommit));
    tools.setHook(HookCallback.ROLLBACK, 0, (n, s, t, r) -> tell(CommitListener::onRollback));
  }

  void remove(CommitListener listener) throws SQLException {
    commit.remove(listener);
    if (commit.isEmpty()) {
      tools.setHook(HookCallback.COMMIT, 0, null);
      tools.setHook(HookCallback.ROLLBACK, 0, null);
    }
  }

  private int tellUpdate(int action, byte[] schema, byte[] table, long rowid) {
    try {
      UpdateListener.Type type =
          action == INSERT
              ? UpdateListener.Type.INSERT
              : action == DELETE ? UpdateListener.Type.DELETE : UpdateListener.Type.UPDATE;
      for (UpdateListener listener : update) {
        listener.onUpdate(type, Utf8.decode(schema), Utf8.decode(table), rowid);
      }
    } catch (Throwable problem) {
      tools.thrown(problem);
    }
    return 0;
  }

  /** 0, or 1 once a listener has thrown, which stops a commit. */
  private int tell(Consumer<CommitListener> what) {
    try {
      commit.forEach(what);
      return 0;
    } catch (Throwable problem) {
      tools.thrown(problem);
      return 1;
    }
  }
}
