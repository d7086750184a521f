/**
 * The idiom layer: JDBC 4.3 for {@code jdbc:keelback:} addresses. It reaches the engine through
 * {@code org.keelback.handle} only. What JDBC has and SQLite has not (stored procedures, scrollable
 * or updatable results, arrays) throws {@link java.sql.SQLFeatureNotSupportedException}.
 */
package org.keelback.jdbc;
