'use strict';
// keelback for Node: better-sqlite3's Database, and the error class.

const Database = require('./database');
const SqliteError = require('./sqlite-error');

/** Callable with and without `new`, as better-sqlite3's is. */
const callable = new Proxy(Database, {
  apply: (target, thisArgument, parameters) => new target(...parameters),
});

module.exports = callable;
module.exports.SqliteError = SqliteError;
module.exports.Database = callable;
