'use strict';
const test = require('node:test');
const assert = require('node:assert');
const Database = require('..');

const memory = (t) => {
  const database = new Database(':memory:');
  t.after(() => database.close());
  return database;
};

const range = {
  columns: ['value'],
  parameters: ['first', 'last'],
  *rows(first = 1, last = 3) {
    for (let value = first; value <= last; value++) yield [value];
  },
};

test('a definition is a table whose parameters are hidden columns', (t) => {
  const database = memory(t);
  database.table('range', range);
  const values = (sql, ...parameters) =>
    database
      .prepare(sql)
      .pluck()
      .all(...parameters);
  assert.deepStrictEqual(values('SELECT value FROM range'), [1, 2, 3]);
  assert.deepStrictEqual(values('SELECT value FROM range(?, ?)', 5, 7), [5, 6, 7]);
  assert.deepStrictEqual(values('SELECT value FROM range WHERE last = 2'), [1, 2]);
  assert.deepStrictEqual(values('SELECT last FROM range(2, 3) WHERE value = 3'), [3]);
  assert.deepStrictEqual(values('SELECT b.value FROM range(1, 3) a, range(a.value, 3) b'), [1, 2, 3, 2, 3, 3]);
  assert.deepStrictEqual(values('SELECT rowid FROM range(8, 9) ORDER BY value DESC'), [2, 1]);
  assert.deepStrictEqual(database.prepare('SELECT * FROM range(7, 7)').all(), [{ value: 7 }]);
  assert.throws(() => values('SELECT value FROM range(1, 2, 3)'), /too many arguments on range\(\) - max 2/);
});

test('rows may be objects, and hold every storage class', (t) => {
  const database = memory(t);
  database.table('kinds', {
    columns: ['kind', 'value'],
    *rows() {
      yield { value: null, kind: 'null' };
      yield { value: 10n, kind: 'integer' };
      yield { value: 1.5, kind: 'real' };
      yield { value: 'é', kind: 'text' };
      yield { value: Buffer.from([1]), kind: 'blob' };
    },
  });
  const found = database.prepare('SELECT kind, typeof(value) FROM kinds').raw().all();
  assert.strictEqual(found.length, 5);
  for (const [kind, type] of found) assert.strictEqual(type, kind);
});

test('a function makes tables by CREATE VIRTUAL TABLE, from its arguments', (t) => {
  const database = memory(t);
  const seen = [];
  database.table('letters', function (text, ...rest) {
    seen.push({ ...this, rest });
    return {
      columns: ['letter'],
      *rows() {
        for (const letter of text) yield [letter];
      },
    };
  });
  database.exec('CREATE VIRTUAL TABLE temp.word USING letters(abc, "more")');
  assert.deepStrictEqual(database.prepare('SELECT letter FROM word').pluck().all(), ['a', 'b', 'c']);
  assert.deepStrictEqual(seen, [{ module: 'letters', database: 'temp', table: 'word', rest: ['"more"'] }]);
  assert.throws(() => database.prepare('SELECT * FROM letters'), /no such table: letters/);
});

test('what a generator throws reaches the caller, and the connection goes on', (t) => {
  const database = memory(t);
  const fail = (rows) => ({ columns: ['a'], rows });
  const problem = new Error('mine');
  database.table(
    'throwing',
    fail(function* () {
      yield [1];
      throw problem;
    }),
  );
  const wrong = {
    few: [[], /incorrect number of columns/],
    many: [[1, 2], /incorrect number of columns/],
    other: [{ b: 1 }, /undeclared column "b"/],
    none: [{}, /missing columns/],
    scalar: [5, /isn't a valid row object/],
    strange: [[Symbol('a')], /yielded an invalid value/],
  };
  for (const [name, [row]] of Object.entries(wrong)) {
    database.table(
      name,
      fail(function* () {
        yield row;
      }),
    );
  }
  assert.throws(
    () => database.prepare('SELECT * FROM throwing').all(),
    (error) => error === problem,
  );
  for (const [name, [, message]] of Object.entries(wrong)) {
    assert.throws(() => database.prepare(`SELECT * FROM ${name}`).all(), message);
  }
  assert.strictEqual(database.prepare('SELECT 1').pluck().get(), 1);
});

test("a generator that is left early runs its 'finally'", (t) => {
  const database = memory(t);
  let ended = 0;
  database.table('endless', {
    columns: ['n'],
    *rows() {
      try {
        for (let n = 0; ; n++) yield [n];
      } finally {
        ended++;
      }
    },
  });
  assert.strictEqual(database.prepare('SELECT n FROM endless LIMIT 1 OFFSET 4').pluck().get(), 4);
  assert.strictEqual(ended, 1);
});

test('integers of parameters are safe only where they fit, or bigints', (t) => {
  const database = memory(t);
  const echo = {
    columns: ['type'],
    *rows(value) {
      yield [typeof value];
    },
  };
  database.table('narrow', echo);
  database.table('wide', { ...echo, safeIntegers: true });
  assert.strictEqual(database.prepare('SELECT type FROM narrow(5)').pluck().get(), 'number');
  assert.strictEqual(database.prepare('SELECT type FROM wide(5)').pluck().get(), 'bigint');
  assert.throws(() => database.prepare('SELECT type FROM narrow(9007199254740993)').get(), RangeError);
});

test('a table for direct use only is not there for triggers and views', (t) => {
  const database = memory(t);
  database.table('direct', { ...range, directOnly: true });
  database.exec('CREATE VIEW v AS SELECT value FROM direct');
  assert.strictEqual(database.prepare('SELECT count(*) FROM direct').pluck().get(), 3);
  assert.throws(() => database.prepare('SELECT * FROM v').all(), /unsafe use of virtual table "direct"/);
});

test('definitions that make no sense are refused', (t) => {
  const database = memory(t);
  const rows = function* () {};
  for (const [definition, message] of [
    [undefined, /Expected second argument to be a function or a table definition object/],
    [{ columns: ['a'] }, /without a "rows" property/],
    [{ rows }, /without a "columns" property/],
    [{ rows: () => [], columns: ['a'] }, /should be a generator function/],
    [{ rows, columns: 'a' }, /should be an array of strings/],
    [{ rows, columns: [] }, /with zero columns/],
    [{ rows, columns: ['a', 'a'] }, /duplicate column names/],
    [{ rows, columns: ['a'], parameters: ['b', 'b'] }, /duplicate parameter names/],
    [{ rows, columns: ['a'], parameters: ['a'] }, /both a column and parameter/],
    [{ rows, columns: ['a'], parameters: Array.from({ length: 33 }, (_, i) => `p${i}`) }, /maximum number of 32/],
    [{ rows, columns: ['a'], safeIntegers: 1 }, /should be a boolean/],
  ]) {
    assert.throws(() => database.table('t', definition), message);
  }
  assert.throws(() => database.table('', range), /cannot be an empty string/);
  database.table('none', () => null);
  assert.throws(() => database.exec('CREATE VIRTUAL TABLE n USING none'), /did not return a table definition/);
});
