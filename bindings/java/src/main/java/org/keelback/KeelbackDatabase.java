package org.keelback;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * What a connection offers beyond JDBC, by {@code unwrap(KeelbackDatabase.class)}: listeners,
 * copies, limits. Functions and collations are registered by {@link Function} and {@link
 * Collation}.
 */
public interface KeelbackDatabase extends Connection {
  void addUpdateListener(UpdateListener listener) throws SQLException;

  void removeUpdateListener(UpdateListener listener) throws SQLException;

  void addCommitListener(CommitListener listener) throws SQLException;

  void removeCommitListener(CommitListener listener) throws SQLException;

  /** Told of the pages that are left, and of all, while a database is copied. */
  @FunctionalInterface
  interface ProgressObserver {
    void progress(int remaining, int pageCount);
  }

  /** Copies a schema into a file, over what it has; {@code observer} may be null. */
  void backup(String schema, String file, ProgressObserver observer) throws SQLException;

  /** Copies a file over a schema; {@code observer} may be null. */
  void restore(String schema, String file, ProgressObserver observer) throws SQLException;

  /** The bytes of a schema, as a file would hold them. */
  byte[] serialize(String schema) throws SQLException;

  /** Puts a database in memory, with a copy of the content, in the place of a schema. */
  void deserialize(String schema, byte[] content) throws SQLException;

  /** Loads an extension; {@code entry} may be null. */
  void loadExtension(String file, String entry) throws SQLException;

  /** A limit by its number (https://sqlite.org/c3ref/c_limit_attached.html). */
  int getLimit(int limit) throws SQLException;

  void setLimit(int limit, int value) throws SQLException;
}
