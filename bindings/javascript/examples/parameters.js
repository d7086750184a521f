'use strict';
// Bind values by position and by name.

const Database = require('..');

const database = new Database(':memory:');
console.log(database.prepare("SELECT ? || '-' || ?").pluck().get('a', 'b'));
console.log(database.prepare('SELECT :left || @right').pluck().get({ left: 'L', right: 'R' }));
database.close();
