'use strict';
// Move an amount between two accounts; an error rolls everything back.

const Database = require('..');

const database = new Database(':memory:');
database.exec(`
  CREATE TABLE account(id INTEGER PRIMARY KEY, amount INTEGER NOT NULL CHECK(amount >= 0));
  INSERT INTO account VALUES (1, 100), (2, 0);
`);
const add = database.prepare('UPDATE account SET amount = amount + ? WHERE id = ?');
const move = database.transaction((amount) => {
  add.run(amount, 2);
  add.run(-amount, 1);
});
move(60);
try {
  move(60);
} catch (error) {
  console.log(error.message);
}
console.log(database.prepare('SELECT amount FROM account ORDER BY id').pluck().all());
database.close();
