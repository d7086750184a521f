'use strict';
// An error of the database: `message` is SQLite's, `code` the name of the extended result code as in better-sqlite3,
// `rawCode` its number, `offset` the byte offset in the SQL text or -1.

const names = require('./result-codes');

class SqliteError extends Error {
  constructor(message, code, offset = -1) {
    // By its number it is told by the addon.
    if (typeof code !== 'string' && typeof code !== 'number') {
      throw new TypeError('Expected second argument to be a string');
    }
    super(message);
    this.code = typeof code === 'number' ? names[code] || `UNKNOWN_SQLITE_ERROR_${code}` : code;
    this.rawCode = typeof code === 'number' ? code : undefined;
    this.offset = offset;
  }
}
Object.defineProperty(SqliteError.prototype, 'name', { value: 'SqliteError', configurable: true, writable: true });

module.exports = SqliteError;
