'use strict';
// Open a database in memory, fill a table and read it.

const Database = require('..');

const database = new Database(':memory:');
database.exec('CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT NOT NULL)');
const insert = database.prepare('INSERT INTO person(name) VALUES (?)');
for (const name of ['Ada', 'Grace']) insert.run(name);
for (const { id, name } of database.prepare('SELECT id, name FROM person ORDER BY name').iterate()) {
  console.log(id, name);
}
database.close();
