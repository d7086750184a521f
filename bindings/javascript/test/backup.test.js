'use strict';
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const Database = require('..');

const folder = (t) => {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'keelback-'));
  t.after(() => fs.rmSync(made, { recursive: true }));
  return made;
};

const filled = (t) => {
  const database = new Database(':memory:');
  t.after(() => database.close());
  database.exec(`CREATE TABLE t(a);
    INSERT INTO t SELECT randomblob(1000) FROM (SELECT value FROM json_each('[1,2,3,4,5,6,7,8,9,10]')), (VALUES (1),(2),(3))`);
  return database;
};

const count = (file) => {
  const copy = new Database(file, { fileMustExist: true });
  try {
    assert.strictEqual(copy.pragma('integrity_check', { simple: true }), 'ok');
    return copy.prepare('SELECT count(*) FROM t').pluck().get();
  } finally {
    copy.close();
  }
};

test('a backup is a whole copy', async (t) => {
  const file = path.join(folder(t), 'copy.db');
  const told = await filled(t).backup(file);
  assert.strictEqual(told.remainingPages, 0);
  assert.ok(told.totalPages > 5);
  assert.strictEqual(count(file), 30);
});

test('progress is told and says how many pages come next', async (t) => {
  const file = path.join(folder(t), 'copy.db');
  const left = [];
  await filled(t).backup(file, {
    progress: ({ totalPages, remainingPages }) => {
      left.push(totalPages - remainingPages);
      return 2;
    },
  });
  assert.deepStrictEqual(left.slice(0, 4), [0, 2, 4, 6]);
  assert.strictEqual(count(file), 30);
});

test('writes in between reach the copy', async (t) => {
  const file = path.join(folder(t), 'copy.db');
  const database = filled(t);
  let isWritten = false;
  await database.backup(file, {
    progress: () => {
      if (!isWritten) database.exec('INSERT INTO t VALUES (1)');
      isWritten = true;
      return 3;
    },
  });
  assert.strictEqual(count(file), 31);
});

test('a backup that fails leaves no new file, and an old one as it was', async (t) => {
  const made = folder(t);
  const database = filled(t);
  const old = path.join(made, 'old.db');
  await database.backup(old);
  for (const file of [path.join(made, 'new.db'), old]) {
    const stop = { progress: () => assert.fail('stop') };
    await assert.rejects(database.backup(file, stop), /stop/);
  }
  assert.deepStrictEqual(fs.readdirSync(made), ['old.db']);
  assert.strictEqual(count(old), 30);
  await assert.rejects(database.backup(old, { progress: () => 'many' }), TypeError);
  await assert.rejects(database.backup(old, { attached: 'nowhere' }), /unknown database nowhere/);
});

test('arguments that make no sense are refused', async (t) => {
  const database = filled(t);
  for (const [file, options] of [
    [5],
    [''],
    [':memory:'],
    ['/nowhere/at/all/x.db'],
    ['x.db', 7],
    ['x.db', { attached: '' }],
    ['x.db', { progress: 5 }],
  ]) {
    await assert.rejects(database.backup(file, options), TypeError);
  }
  database.close();
  await assert.rejects(database.backup('x.db'), /not open/);
});
