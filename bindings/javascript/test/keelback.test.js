'use strict';
const test = require('node:test');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const Database = require('..');

const memory = (t) => {
  const database = new Database(':memory:');
  t.after(() => database.close());
  return database;
};

test('values keep their storage class', (t) => {
  const statement = memory(t).prepare('SELECT ?, typeof(?1)').raw().safeIntegers();
  for (const [value, type] of [
    [null, 'null'],
    [9223372036854775807n, 'integer'],
    [-9223372036854775808n, 'integer'],
    [1, 'real'],
    [Infinity, 'real'],
    ['', 'text'],
    ['a\0b', 'text'],
    ['é😀', 'text'],
    [Buffer.alloc(0), 'blob'],
    [Buffer.from([0, 255]), 'blob'],
  ]) {
    assert.deepStrictEqual(statement.get(value), [value, type]);
  }
});

test('an integer beyond 2^53 is never narrowed', (t) => {
  const database = memory(t);
  const statement = database.prepare('SELECT 9007199254740993').pluck();
  assert.throws(() => statement.get(), RangeError);
  assert.strictEqual(statement.safeIntegers().get(), 9007199254740993n);
  assert.throws(() => database.prepare('SELECT ?').get(2n ** 63n), RangeError);
});

test('run tells changes and the last rowid', (t) => {
  const database = memory(t);
  database.exec('CREATE TABLE t(a)');
  assert.deepStrictEqual(database.prepare('INSERT INTO t VALUES (1), (2)').run(), { changes: 2, lastInsertRowid: 2 });
  assert.strictEqual(database.prepare('UPDATE t SET a = 0 WHERE a > 9').run().changes, 0);
  assert.strictEqual(database.prepare('INSERT INTO t VALUES (3) RETURNING a').run().changes, 1);
  assert.throws(() => database.prepare('DELETE FROM t').all(), /does not return data/);
});

test('rows come as objects, arrays, first columns, or by table', (t) => {
  const database = memory(t);
  database.exec("CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'x'), (2, 'y')");
  const statement = database.prepare('SELECT a, b FROM t ORDER BY a');
  assert.deepStrictEqual(statement.all(), [
    { a: 1, b: 'x' },
    { a: 2, b: 'y' },
  ]);
  assert.deepStrictEqual(statement.raw().all(), [
    [1, 'x'],
    [2, 'y'],
  ]);
  assert.deepStrictEqual(statement.pluck().all(), [1, 2]);
  assert.deepStrictEqual(statement.expand().get(), { t: { a: 1, b: 'x' } });
  assert.deepStrictEqual(statement.expand(false).get(), { a: 1, b: 'x' });
});

test('iterators stop early and keep the connection from writing', (t) => {
  const database = memory(t);
  database.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)');
  const statement = database.prepare('SELECT a FROM t').pluck();
  const seen = [];
  for (const value of statement.iterate()) {
    seen.push(value);
    assert.ok(statement.busy);
    assert.throws(() => database.exec('DELETE FROM t'), /busy/);
    if (value === 2) break;
  }
  assert.deepStrictEqual(seen, [1, 2]);
  assert.ok(!statement.busy);
  database.exec('DELETE FROM t');
});

test('in unsafe mode a connection may write while it is read, but not be closed', (t) => {
  const database = memory(t).unsafeMode();
  database.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3)');
  for (const value of database.prepare('SELECT a FROM t').pluck().iterate()) {
    database.prepare('UPDATE t SET a = a + 10 WHERE a = ?').run(value);
    assert.throws(() => database.close(), /busy/);
  }
  assert.deepStrictEqual(database.prepare('SELECT a FROM t').pluck().all(), [11, 12, 13]);
  assert.throws(() => database.unsafeMode(1), TypeError);
});

test('parameters are counted and named', (t) => {
  const database = memory(t);
  assert.strictEqual(database.prepare('SELECT :a || @b || $c').pluck().get({ a: 'x', b: 'y', c: 'z' }), 'xyz');
  assert.throws(() => database.prepare('SELECT ?, ?').get(1), /Too few/);
  assert.throws(() => database.prepare('SELECT ?').get(1, 2), /Too many/);
  assert.throws(() => database.prepare('SELECT :a').get({ b: 1 }), /Missing named parameter "a"/);
  assert.throws(() => database.prepare('SELECT ?').get(Symbol('x')), /can only bind/);
  const bound = database.prepare('SELECT ?').pluck().bind('once');
  assert.strictEqual(bound.get(), 'once');
  assert.throws(() => bound.get('twice'), /already has bound parameters/);
});

test('columns tell names, origins and declared types', (t) => {
  const database = memory(t);
  database.exec('CREATE TABLE t(a INTEGER, b)');
  assert.deepStrictEqual(database.prepare('SELECT a AS x, b + 1 FROM t').columns(), [
    { name: 'x', column: 'a', table: 't', database: 'main', type: 'INTEGER' },
    { name: 'b + 1', column: null, table: null, database: null, type: null },
  ]);
});

test('transactions nest, and roll back on errors', (t) => {
  const database = memory(t);
  database.exec('CREATE TABLE t(a UNIQUE)');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  const add = database.transaction((...values) => values.forEach((value) => insert.run(value)));
  const outer = database.transaction(() => {
    add(1n, 2n);
    assert.ok(database.inTransaction);
    assert.throws(() => add(3n, 1n), { code: 'SQLITE_CONSTRAINT_UNIQUE' });
  });
  outer.immediate();
  assert.ok(!database.inTransaction);
  assert.deepStrictEqual(database.prepare('SELECT a FROM t ORDER BY a').pluck().all(), [1, 2]);
});

test('functions and aggregates are called from SQL', (t) => {
  const database = memory(t);
  database.function('twice', (x) => x * 2);
  database.function('count_all', { varargs: true }, (...values) => values.length);
  assert.deepStrictEqual(database.prepare('SELECT twice(4), count_all(1,2,3)').raw().get(), [8, 3]);
  database.aggregate('product', { start: 1, step: (total, x) => total * x });
  database.exec('CREATE TABLE t(a); INSERT INTO t VALUES (2), (3), (4)');
  assert.strictEqual(database.prepare('SELECT product(a) FROM t').pluck().get(), 24);
  database.function('fails', () => {
    throw new Error('from JavaScript');
  });
  assert.throws(() => database.prepare('SELECT fails()').get(), /from JavaScript/);
});

test('pragmas give rows or one value', (t) => {
  const database = memory(t);
  database.pragma('user_version = 7');
  assert.deepStrictEqual(database.pragma('user_version'), [{ user_version: 7 }]);
  assert.strictEqual(database.pragma('user_version', { simple: true }), 7);
});

test('errors carry a code and a place', (t) => {
  const database = memory(t);
  assert.throws(
    () => database.prepare('SELECT missing'),
    (error) => error instanceof Database.SqliteError && error.code === 'SQLITE_ERROR' && error.offset === 7,
  );
  assert.throws(() => database.prepare('SELECT 1; SELECT 2'), /more than one statement/);
  assert.throws(() => database.prepare(' -- nothing'), /no statements/);
  assert.throws(() => database.exec('SELECT 1\0'), /NUL/);
});

test('files are kept, and may have to exist', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'keelback-'));
  const file = path.join(folder, 'test.db');
  assert.throws(() => new Database(file, { fileMustExist: true }), { code: 'SQLITE_CANTOPEN' });
  assert.throws(() => new Database(`${file}\0.other`), TypeError);
  new Database(file).exec('CREATE TABLE t(a); INSERT INTO t VALUES (1)').close();
  const database = new Database(file, { readonly: true });
  assert.strictEqual(database.prepare('SELECT count(*) FROM t').pluck().get(), 1);
  assert.throws(() => database.exec('DELETE FROM t'), { code: 'SQLITE_READONLY' });
  database.close();
  fs.rmSync(folder, { recursive: true });
});

test('closing twice and using what is closed is safe', () => {
  const database = Database(':memory:');
  const statement = database.prepare('SELECT 1');
  database.close();
  database.close();
  assert.ok(!database.open);
  assert.throws(() => statement.get(), /not open/);
  assert.throws(() => database.prepare('SELECT 1'), /not open/);
});

test('an aggregate with an inverse is a window function', (t) => {
  const database = memory(t);
  database.exec('CREATE TABLE t(a); INSERT INTO t VALUES (1), (2), (3), (4), (10)');
  const dropped = [];
  database.aggregate('total_of', {
    start: () => 0,
    step: (total, next) => total + next,
    inverse: (total, gone) => {
      dropped.push(gone);
      return total - gone;
    },
    result: (total) => total * 10,
  });
  const frame = 'SELECT total_of(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t';
  assert.deepStrictEqual(database.prepare(frame).pluck().all(), [10, 30, 50, 70, 140]);
  assert.deepStrictEqual(dropped, [1, 2, 3]);
  assert.strictEqual(database.prepare('SELECT total_of(a) FROM t').pluck().get(), 200);
  assert.throws(() => database.aggregate('bad', { step: () => 1, inverse: 5 }), TypeError);
  database.aggregate('throws', {
    step: (total, next) => next,
    inverse: () => {
      throw new Error('no way back');
    },
  });
  assert.throws(() => database.prepare(frame.replace('total_of', 'throws')).all(), /no way back/);
});

test('a database is serialized and opened again', (t) => {
  const database = memory(t);
  database.exec("CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'one'), (2, x'00ff')");
  const bytes = database.serialize();
  assert.ok(Buffer.isBuffer(bytes));
  assert.strictEqual(bytes.subarray(0, 15).toString(), 'SQLite format 3');
  const copy = new Database(bytes);
  t.after(() => copy.close());
  assert.strictEqual(copy.memory, true);
  assert.deepStrictEqual(copy.prepare('SELECT * FROM t').raw().all(), [
    [1, 'one'],
    [2, Buffer.from([0, 255])],
  ]);
  copy.exec('INSERT INTO t SELECT a + 2, zeroblob(5000) FROM t');
  assert.strictEqual(copy.prepare('SELECT count(*) FROM t').pluck().get(), 4);
  assert.strictEqual(database.prepare('SELECT count(*) FROM t').pluck().get(), 2);
  const fixed = new Database(bytes, { readonly: true });
  t.after(() => fixed.close());
  assert.throws(() => fixed.exec('DELETE FROM t'), { code: 'SQLITE_READONLY' });
  assert.throws(() => database.serialize({ attached: '' }), TypeError);
  assert.throws(() => database.serialize({ attached: 'nobody' }));
});

test('an extension that is not there is an error', (t) => {
  assert.throws(() => memory(t).loadExtension('/no/such/file'), /cannot open shared object file/);
  assert.throws(() => memory(t).loadExtension(5), TypeError);
});
