package org.keelback.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.RowIdLifetime;

/**
 * The names and numbers of {@link java.sql.DatabaseMetaData}; 0 stands for no limit, or none known.
 */
abstract class DatabaseLimits extends DatabaseAbilities {
  private static final String KEYWORDS =
      "ABORT,AFTER,ANALYZE,ATTACH,AUTOINCREMENT,BEFORE,CONFLICT,DATABASE,DETACH,EXCLUSIVE,EXPLAIN,FAIL,GENERATED,GLOB,"
          + "IF,IGNORE,INDEX,INDEXED,INSTEAD,ISNULL,LIMIT,MATERIALIZED,NOTHING,NOTNULL,OFFSET,PLAN,PRAGMA,QUERY,RAISE,"
          + "RECURSIVE,REGEXP,REINDEX,RENAME,REPLACE,RETURNING,TEMP,TRIGGER,VACUUM,VIRTUAL,WITHOUT";

  @Override
  public RowIdLifetime getRowIdLifetime() {
    return RowIdLifetime.ROWID_UNSUPPORTED;
  }

  @Override
  public String getUserName() {
    return "";
  }

  @Override
  public String getDatabaseProductName() {
    return "SQLite";
  }

  @Override
  public String getDriverName() {
    return "Keelback JDBC";
  }

  @Override
  public String getDriverVersion() {
    return KeelbackDriver.VERSION;
  }

  @Override
  public String getIdentifierQuoteString() {
    return "\"";
  }

  @Override
  public String getSQLKeywords() {
    return KEYWORDS;
  }

  @Override
  public String getNumericFunctions() {
    return "abs,avg,max,min,random,round,sum,total";
  }

  @Override
  public String getStringFunctions() {
    return "char,format,glob,hex,instr,length,like,lower,ltrim,printf,quote,replace,rtrim,substr,trim,"
               + "unhex,unicode,upper";
  }

  @Override
  public String getSystemFunctions() {
    return "changes,coalesce,ifnull,iif,last_insert_rowid,nullif,sqlite_version,total_changes,typeof";
  }

  @Override
  public String getTimeDateFunctions() {
    return "date,datetime,julianday,strftime,time,unixepoch";
  }

  @Override
  public String getSearchStringEscape() {
    return "\\";
  }

  @Override
  public String getExtraNameCharacters() {
    return "";
  }

  @Override
  public String getSchemaTerm() {
    return "schema";
  }

  @Override
  public String getProcedureTerm() {
    return "";
  }

  @Override
  public String getCatalogTerm() {
    return "";
  }

  @Override
  public String getCatalogSeparator() {
    return "";
  }

  @Override
  public int getDriverMajorVersion() {
    return KeelbackDriver.MAJOR_VERSION;
  }

  @Override
  public int getDriverMinorVersion() {
    return KeelbackDriver.MINOR_VERSION;
  }

  @Override
  public int getMaxBinaryLiteralLength() {
    return 1_000_000_000;
  }

  @Override
  public int getMaxCharLiteralLength() {
    return 1_000_000_000;
  }

  @Override
  public int getMaxColumnNameLength() {
    return 0;
  }

  @Override
  public int getMaxColumnsInGroupBy() {
    return 2000;
  }

  @Override
  public int getMaxColumnsInIndex() {
    return 2000;
  }

  @Override
  public int getMaxColumnsInOrderBy() {
    return 2000;
  }

  @Override
  public int getMaxColumnsInSelect() {
    return 2000;
  }

  @Override
  public int getMaxColumnsInTable() {
    return 2000;
  }

  @Override
  public int getMaxConnections() {
    return 0;
  }

  @Override
  public int getMaxCursorNameLength() {
    return 0;
  }

  @Override
  public int getMaxIndexLength() {
    return 0;
  }

  @Override
  public int getMaxSchemaNameLength() {
    return 0;
  }

  @Override
  public int getMaxProcedureNameLength() {
    return 0;
  }

  @Override
  public int getMaxCatalogNameLength() {
    return 0;
  }

  @Override
  public int getMaxRowSize() {
    return 1_000_000_000;
  }

  @Override
  public int getMaxStatementLength() {
    return 1_000_000_000;
  }

  @Override
  public int getMaxStatements() {
    return 0;
  }

  @Override
  public int getMaxTableNameLength() {
    return 0;
  }

  @Override
  public int getMaxTablesInSelect() {
    return 64;
  }

  @Override
  public int getMaxUserNameLength() {
    return 0;
  }

  @Override
  public int getDefaultTransactionIsolation() {
    return Connection.TRANSACTION_SERIALIZABLE;
  }

  @Override
  public int getResultSetHoldability() {
    return ResultSet.CLOSE_CURSORS_AT_COMMIT;
  }

  @Override
  public int getJDBCMajorVersion() {
    return 4;
  }

  @Override
  public int getJDBCMinorVersion() {
    return 3;
  }

  @Override
  public int getSQLStateType() {
    return sqlStateSQL;
  }

  @Override
  public long getMaxLogicalLobSize() {
    return 0;
  }
}
