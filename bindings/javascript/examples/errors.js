'use strict';
// Look into an error: its code, its message, its place in the text.

const Database = require('..');

const database = new Database(':memory:');
for (const sql of ['SELECT * FORM t', 'CREATE TABLE t(a UNIQUE); INSERT INTO t VALUES (1), (1)']) {
  try {
    database.exec(sql);
  } catch (error) {
    console.log(error.code, error.offset, error.message);
  }
}
database.close();
