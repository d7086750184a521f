'use strict';
// Backups: pages are copied turn by turn of the event loop, so that others run in between.

const fs = require('node:fs');
const path = require('node:path');
const native = require('./native');

const PAGES_PER_TURN = 100;
const MOST_PAGES = 0x7fffffff;

/** Copies a schema of the connection into the file; a promise of {totalPages, remainingPages}. */
async function backup(connection, filename, options) {
  options ??= {};
  if (typeof filename !== 'string') throw new TypeError('Expected first argument to be a string');
  if (typeof options !== 'object') throw new TypeError('Expected second argument to be an options object');
  const name = filename.trim();
  const attached = 'attached' in options ? options.attached : 'main';
  const { progress } = options;
  if (!name) throw new TypeError('Backup filename cannot be an empty string');
  if (name === ':memory:') throw new TypeError('Invalid backup filename ":memory:"');
  if (typeof attached !== 'string') throw new TypeError('Expected the "attached" option to be a string');
  if (!attached) throw new TypeError('The "attached" option cannot be an empty string');
  if (progress != null && typeof progress !== 'function') {
    throw new TypeError('Expected the "progress" option to be a function');
  }
  if (!fs.existsSync(path.dirname(name))) {
    throw new TypeError('Cannot save backup because the directory does not exist');
  }
  const isNew = !fs.existsSync(name);
  const handle = native.openBackup(connection, attached, name);
  let isDone = false;
  try {
    let pages = 0; // the first step only counts
    for (;;) {
      await nextTurn();
      const state = native.transferBackup(handle, pages);
      isDone = state.isDone;
      const told = { totalPages: state.totalPages, remainingPages: state.remainingPages };
      if (isDone) return told;
      pages = pagesAsked(progress, told, pages);
    }
  } finally {
    native.closeBackup(handle);
    if (!isDone && isNew) fs.rmSync(name, { force: true });
  }
}

function pagesAsked(progress, told, before) {
  const answer = progress ? progress(told) : undefined;
  if (answer === undefined) return before || PAGES_PER_TURN;
  if (typeof answer !== 'number' || Number.isNaN(answer)) {
    throw new TypeError('Expected progress callback to return a number or undefined');
  }
  return Math.max(0, Math.min(MOST_PAGES, Math.round(answer)));
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

module.exports = backup;
