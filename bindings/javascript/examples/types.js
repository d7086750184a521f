'use strict';
// What each storage class comes back as; integers as bigints on demand.

const Database = require('..');

const database = new Database(':memory:');
const statement = database.prepare("SELECT NULL, 42, 1.5, 'text', x'00ff'").raw();
console.log(statement.get());
console.log(statement.safeIntegers().get());
console.log(database.prepare('SELECT 9223372036854775807').pluck().safeIntegers().get());
database.close();
