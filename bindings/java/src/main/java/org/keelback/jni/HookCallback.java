package org.keelback.jni;

/**
 * What {@link Native#setHook} has called. {@code number} is an update's action (18 insert, 23
 * update, 9 delete) or how often a busy handler has been asked; schema, table and rowid are an
 * update's. The answer is the C function's, ignored where that has none. Nothing may be thrown.
 */
public interface HookCallback {
  int COMMIT = 0;
  int ROLLBACK = 1;
  int UPDATE = 2;
  int PROGRESS = 3;
  int BUSY = 4;
  int KINDS = 5;

  int call(int number, byte[] schema, byte[] table, long rowid);
}
