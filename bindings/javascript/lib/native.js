'use strict';
// The raw layer: the compiled addon, from build/javascript of a checkout or from beside this file in a package.

const path = require('node:path');
const SqliteError = require('./sqlite-error');

function load() {
  const places = [
    path.join(__dirname, 'keelback.node'),
    path.join(__dirname, '..', '..', '..', 'build', 'javascript', 'keelback.node'),
  ];
  const problems = [];
  for (const place of places) {
    try {
      return require(place);
    } catch (error) {
      problems.push(`${place}: ${error.message.split('\n')[0]}`);
    }
  }
  throw new Error(`keelback: the native addon could not be loaded; run "make javascript".\n${problems.join('\n')}`);
}

const native = load();
native.setErrorClass(SqliteError);

module.exports = native;
