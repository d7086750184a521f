package org.keelback;

/** Told of each row that is changed in a table with rowids. */
@FunctionalInterface
public interface UpdateListener {
  /** What was done to the row. */
  enum Type {
    INSERT,
    DELETE,
    UPDATE
  }

  /** It may not use the connection. */
  void onUpdate(Type type, String database, String table, long rowId);
}
