package org.keelback.jdbc;

import java.sql.SQLFeatureNotSupportedException;

/** The exception for what JDBC has and this driver has not. */
final class Unsupported {
  private Unsupported() {}

  static SQLFeatureNotSupportedException feature(String what) {
    return new SQLFeatureNotSupportedException("not supported: " + what, "0A000");
  }
}
