package org.keelback.jdbc;

/**
 * What is known about a column of a result.
 *
 * @param label the name that the statement gives it
 * @param declaredType as in CREATE TABLE, null for an expression
 * @param schema where it is taken from, as {@code table} and {@code origin} null for an expression
 */
record ColumnInfo(String label, String declaredType, String schema, String table, String origin) {
  /** A column of a result that no table stands behind. */
  static ColumnInfo of(String label, String declaredType) {
    return new ColumnInfo(label, declaredType, null, null, null);
  }
}
