'use strict';
// Odd cases of better-sqlite3's interface, answered a line each, so that two packages can be compared: the argument is
// the package's folder.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const Database = require(path.resolve(process.argv[2]));

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'model-'));
process.chdir(folder);
const file = (name) => path.join(folder, name);
const open = [];

function memory(options) {
  const database = new Database(':memory:', options);
  open.push(database);
  return database;
}

function shown(value) {
  if (value === null) return 'null';
  if (value === undefined) return 'undefined';
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'boolean' || typeof value === 'symbol') return String(value);
  if (Buffer.isBuffer(value)) return `Buffer ${value.toString('hex')}`;
  if (value instanceof Uint8Array) return `Uint8Array ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (typeof value === 'function') return `function of ${value.length}`;
  if (value instanceof Database) return 'Database';
  if (value.constructor && value.constructor.name === 'Statement') return 'Statement';
  const entries = Object.keys(value).map((key) => `${key}: ${shown(value[key])}`);
  return `${Object.getPrototypeOf(value) === null ? 'bare ' : ''}{${entries.join(', ')}}`;
}

const timesTold = new Map();

function line(name, answer) {
  name = name.replaceAll(': ', ' ');
  const times = (timesTold.get(name) ?? 0) + 1;
  timesTold.set(name, times);
  if (times > 1) name += ` #${times}`;
  console.log(`${name}: ${answer.replaceAll(folder, 'FOLDER').replace(/[^ -~]/g, '?')}`);
}

const failure = (error) => `${error.name}${error.code ? ` ${error.code}` : ''} ${error.message}`;

function told(name, body) {
  let answer;
  try {
    answer = shown(body());
  } catch (error) {
    answer = failure(error);
  }
  line(name, answer);
}

async function toldLater(name, body) {
  let answer;
  try {
    answer = shown(await body());
  } catch (error) {
    answer = failure(error);
  }
  line(name, answer);
}

function people() {
  const database = memory();
  database.exec(
    "CREATE TABLE t(id INTEGER PRIMARY KEY, a TEXT, b REAL, c BLOB); INSERT INTO t VALUES (1,'x',1.5,x'00ff'),(2,'y',2,NULL)",
  );
  return database;
}

const STRANGE = [undefined, null, 0, 1.5, NaN, 'text', '', true, [], {}, () => {}, Symbol('s'), 1n, new Date(0)];
const label = (value) =>
  typeof value === 'symbol' ? 'symbol' : typeof value === 'function' ? 'function' : shown(value);

function constructors() {
  for (const value of STRANGE)
    told(`new Database(${label(value)})`, () => {
      const database = new Database(value);
      open.push(database);
      return [database.name, database.memory, database.readonly, database.open];
    });
  for (const value of STRANGE) told(`new Database(':memory:', ${label(value)})`, () => memory(value).open);
  for (const option of ['readonly', 'fileMustExist', 'timeout', 'verbose', 'nativeBinding']) {
    for (const value of [undefined, null, 0, 1, -1, 1.5, 2 ** 31, NaN, 'x', true, () => {}]) {
      if (option === 'nativeBinding' && (value === null || value === undefined || typeof value === 'string')) continue;
      told(`option ${option} ${label(value)}`, () => {
        const database = new Database(file('options.db'), { [option]: value });
        open.push(database);
        return [database.readonly, database.memory];
      });
    }
  }
  told('without new', () => Database(':memory:'));
  told('no arguments', () => new Database().name);
  told('blanks', () => new Database('  ').memory);
  told('missing folder', () => new Database(path.join(folder, 'none', 'x.db')));
  told('file must exist', () => new Database(file('no.db'), { fileMustExist: true }));
  told('readonly missing', () => new Database(file('no.db'), { readonly: true }));
  told('readonly memory', () => memory({ readonly: true }));
  told('a folder', () => new Database(folder).exec('SELECT 1 FROM sqlite_schema'));
  told('no database', () => {
    fs.writeFileSync(file('text.db'), 'this is a text '.repeat(100));
    return new Database(file('text.db')).exec('SELECT 1 FROM sqlite_schema');
  });
  told('NUL in the name', () => new Database('a\0b'));
  told('a name with blanks around', () => new Database(`  ${file('blank.db')}  `).name);
  told('readonly writes', () => {
    new Database(file('ro.db')).exec('CREATE TABLE t(a)').close();
    return new Database(file('ro.db'), { readonly: true }).exec('INSERT INTO t VALUES (1)');
  });
  told('properties', () => Object.keys(memory()));
  told('name is fixed', () => {
    const database = memory();
    database.name = 'other';
    return database.name;
  });
  told('the error class', () => {
    const error = new Database.SqliteError('m', 'SQLITE_X');
    return [error.name, error.message, error.code, error instanceof Error, String(error)];
  });
  for (const value of STRANGE)
    told(`new SqliteError('m', ${label(value)})`, () => new Database.SqliteError('m', value).code);
  told('Database is its own member', () => Database.prototype === Object.getPrototypeOf(memory()));
  told('buffers', () => {
    const database = people();
    const copy = new Database(database.serialize());
    copy.exec('INSERT INTO t(id) VALUES (9)');
    return [copy.prepare('SELECT count(*) FROM t').pluck().get(), copy.memory, copy.name, copy.readonly];
  });
  told('readonly buffer', () => new Database(people().serialize(), { readonly: true }).exec('DELETE FROM t'));
  told('empty buffer', () => new Database(Buffer.alloc(0)).prepare('SELECT 1').get());
  told('buffer of nothing', () => new Database(Buffer.from('nothing')).prepare('SELECT 1 FROM sqlite_schema').get());
}

function preparing() {
  const database = people();
  for (const value of STRANGE) {
    told(`prepare(${label(value)})`, () => database.prepare(value));
    told(`exec(${label(value)})`, () => database.exec(value));
    told(`pragma(${label(value)})`, () => database.pragma(value));
    told(`pragma('user_version', ${label(value)})`, () => database.pragma('user_version', value));
    told(`transaction(${label(value)})`, () => database.transaction(value));
    told(`defaultSafeIntegers(${label(value)})`, () => memory().defaultSafeIntegers(value));
    told(`unsafeMode(${label(value)})`, () => memory().unsafeMode(value));
    told(`serialize(${label(value)})`, () => people().serialize(value).length > 0);
    told(`serialize({attached: ${label(value)}})`, () => people().serialize({ attached: value }).length > 0);
    told(`loadExtension(${label(value)})`, () => {
      database.loadExtension(value);
    });
  }
  const texts = [
    '',
    ' ',
    ';',
    '-- comment',
    'SELECT 1;',
    'SELECT 1; ',
    'SELECT 1; -- c',
    'SELECT 1; SELECT 2',
    ';SELECT 1',
    'SELECT 1;;',
    'SELEC',
    'SELECT',
    'SELECT * FROM none',
    'SELECT none FROM t',
    'SELECT (',
    "SELECT 'a",
    'SELECT 1\0',
    'INSERT INTO t VALUES (1)',
    'EXPLAIN SELECT 1',
    'BEGIN; COMMIT',
    '/* x',
    'SELECT 1 /* x */ ;',
    'SELECT \u{1F600}',
    'PRAGMA user_version',
    'PRAGMA user_version = 1',
    'CREATE TABLE t(a)',
    'DROP TABLE none',
    "ATTACH ':memory:' AS x",
  ];
  for (const sql of texts) {
    told(`prepare ${JSON.stringify(sql)}`, () => {
      const statement = memory().exec('CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c)').prepare(sql);
      return [statement.source, statement.reader, statement.readonly, statement.busy];
    });
    told(`exec ${JSON.stringify(sql)}`, () =>
      memory().exec('CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c)').exec(sql),
    );
  }
  for (const sql of [
    'INSERT INTO t DEFAULT VALUES RETURNING id',
    'UPDATE t SET a = 1',
    'DELETE FROM t RETURNING *',
    'BEGIN',
    'SAVEPOINT s',
    'VACUUM',
    'ANALYZE',
    'PRAGMA journal_mode',
    'PRAGMA foreign_keys = ON',
    'SELECT 1',
    'VALUES (1)',
    'WITH x AS (SELECT 1) SELECT * FROM x',
    'EXPLAIN QUERY PLAN SELECT 1',
    'CREATE VIEW v AS SELECT 1',
    'REINDEX',
  ]) {
    told(`facts ${sql}`, () => {
      const statement = people().prepare(sql);
      return [statement.reader, statement.readonly];
    });
    for (const method of ['run', 'get', 'all', 'iterate', 'columns', 'pluck', 'raw', 'expand', 'safeIntegers']) {
      told(`${method} of ${sql}`, () => {
        const answer = people().prepare(sql)[method]();
        return method === 'iterate' ? [...answer].length : answer;
      });
    }
  }
  for (const pragma of [
    'user_version',
    'user_version = 7',
    'journal_mode',
    'foreign_keys',
    'none',
    'table_info(t)',
    'cache_size',
    'encoding',
    'integrity_check',
    '',
    'user_version; SELECT 1',
    'page_size = 1024',
  ]) {
    told(`pragma ${pragma}`, () => people().pragma(pragma));
    told(`simple pragma ${pragma}`, () => people().pragma(pragma, { simple: true }));
  }
}

function values() {
  const database = people();
  const one = (sql, ...given) =>
    database
      .prepare(sql)
      .pluck()
      .get(...given);
  for (const literal of [
    '1',
    '-1',
    '9007199254740991',
    '9007199254740993',
    '-9007199254740993',
    '9223372036854775807',
    '1.0',
    '-0.0',
    '1e300',
    '9e999',
    '-9e999',
    "''",
    "'a'",
    "'12'",
    'NULL',
    "x''",
    "x'00ff'",
    'TRUE',
    '1.5',
    '0x10',
    "CAST(x'ff' AS TEXT)",
    'char(0)',
    "'a' || char(0) || 'b'",
  ]) {
    told(`number ${literal}`, () => one(`SELECT ${literal}`));
    told(`safe ${literal}`, () => database.prepare(`SELECT ${literal}`).pluck().safeIntegers().get());
  }
  const given = {
    ...Object.fromEntries(STRANGE.map((value) => [label(value), value])),
    buffer: Buffer.from([1, 2]),
    bytes: new Uint8Array([3]),
    floats: new Float64Array([1]),
    arrayBuffer: new ArrayBuffer(2),
    view: new DataView(new ArrayBuffer(1)),
    big: 2n ** 63n,
    least: -(2n ** 63n),
    most: 2n ** 63n - 1n,
    infinity: Infinity,
    minusZero: -0,
    string: new String('s'),
    number: new Number(1),
    nested: [[1]],
    'array of two': [1, 2],
    'array of one': [1],
    'object a': { a: 1 },
    'object 1': { 1: 1 },
    regexp: /x/,
    map: new Map([['a', 1]]),
    'no prototype': Object.create(null),
    lone: '\ud800',
    emoji: '\u{1F600}',
    nul: 'a\0b',
  };
  for (const [name, value] of Object.entries(given)) {
    told(`bind ? ${name}`, () => one('SELECT ?', value));
    told(`type ? ${name}`, () => one('SELECT typeof(?)', value));
    told(`bind @a ${name}`, () => one('SELECT @a', value));
    told(`bind @a of ${name}`, () => one('SELECT @a', { a: value }));
    told(`bind method ${name}`, () => database.prepare('SELECT ?').bind(value).get());
  }
  told('too few', () => one('SELECT ?, ?', 1));
  told('too many', () => one('SELECT ?', 1, 2));
  told('none for none', () => one('SELECT 1', []));
  told('one for none', () => one('SELECT 1', 1));
  told('array and value', () => database.prepare('SELECT ?, ?, ?').raw().get([1, 2], 3));
  told('array of many', () => database.prepare('SELECT ?, ?, ?').raw().get([1], [2, 3]));
  told('mixed', () => database.prepare('SELECT ?, @a, ?').raw().get(1, { a: 'n' }, 2));
  told('two objects', () => database.prepare('SELECT @a, @b').raw().get({ a: 1 }, { b: 2 }));
  told('missing name', () => database.prepare('SELECT @a, @b').raw().get({ a: 1 }));
  told('extra name', () => database.prepare('SELECT @a').raw().get({ a: 1, b: 2 }));
  told('prefixes', () => database.prepare('SELECT @a, :b, $c').raw().get({ a: 1, b: 2, c: 3 }));
  told('prefix in the name', () => database.prepare('SELECT @a').raw().get({ '@a': 1 }));
  told('same name twice', () => database.prepare('SELECT @a, @a, :a').raw().get({ a: 1 }));
  told('inherited', () =>
    database
      .prepare('SELECT @a')
      .raw()
      .get(Object.create({ a: 1 })),
  );
  told('getter', () =>
    database
      .prepare('SELECT @a')
      .raw()
      .get({
        get a() {
          return 5;
        },
      }),
  );
  told('numbered', () => database.prepare('SELECT ?1, ?3').raw().get(1, 2, 3));
  told('numbered few', () => database.prepare('SELECT ?1, ?3').raw().get(1, 2));
  told('numbered named', () => database.prepare('SELECT ?1, ?2').raw().get({ 1: 'a', 2: 'b' }));
  told('bound twice', () => database.prepare('SELECT ?').bind(1).bind(2));
  told('bound and given', () => database.prepare('SELECT ?').bind(1).get(2));
  told('bound and run again', () => {
    const statement = database.prepare('SELECT ?').pluck().bind(1);
    return [statement.get(), statement.get()];
  });
  told('bind without', () => database.prepare('SELECT ?').bind());
  told('class instance', () =>
    one(
      'SELECT @a',
      new (class {
        a = 1;
      })(),
    ),
  );
}

function shapes() {
  const database = people();
  const statement = () => database.prepare('SELECT id, a, b, c FROM t ORDER BY id');
  told('all', () => statement().all());
  told('get', () => statement().get());
  told('get of nothing', () => database.prepare('SELECT 1 WHERE 0').get());
  told('all of nothing', () => database.prepare('SELECT 1 WHERE 0').all());
  told('pluck', () => statement().pluck().all());
  told('pluck off', () => statement().pluck().pluck(false).get());
  told('raw', () => statement().raw().all());
  told('raw then pluck', () => statement().raw().pluck().get());
  told('pluck then raw', () => statement().pluck().raw().get());
  told('expand', () => database.prepare('SELECT t.id, u.id, 1+1 AS s FROM t JOIN t u USING(id)').expand().get());
  told('expand then raw', () => statement().expand().raw().get());
  told('raw then raw false', () => statement().raw().raw(false).get());
  for (const value of STRANGE.slice(1)) {
    for (const method of ['pluck', 'raw', 'expand', 'safeIntegers']) {
      told(`${method}(${label(value)})`, () => statement()[method](value).get());
    }
  }
  told('same names', () => database.prepare('SELECT 1 AS x, 2 AS x').get());
  told('__proto__', () => Object.keys(database.prepare('SELECT 1 AS __proto__').get()));
  told('name of an expression', () => Object.keys(database.prepare('SELECT 1 + 1, count(*) FROM t').get()));
  told('columns', () => statement().columns());
  told('columns of expressions', () => database.prepare('SELECT 1 AS one, id + 1, t.* FROM t').columns());
  told('columns of a change', () => database.prepare('DELETE FROM t').columns());
  told('iterate', () => [...statement().iterate()].length);
  told('iterator twice', () => {
    const iterator = statement().iterate();
    return [iterator.next(), iterator.return(), iterator.next()];
  });
  told('the iterator is iterable', () => {
    const iterator = statement().iterate();
    const same = iterator[Symbol.iterator]() === iterator;
    iterator.return();
    return same;
  });
  told('iterator of a change', () => database.prepare('DELETE FROM t').iterate());
  told('busy', () => {
    const one = statement();
    const iterator = one.iterate();
    const answers = [one.busy];
    iterator.next();
    answers.push(one.busy);
    iterator.return();
    return [...answers, one.busy];
  });
  for (const [name, body] of Object.entries({
    get: (one) => one.get(),
    all: (one) => one.all(),
    iterate: (one) => one.iterate(),
    bind: (one) => one.bind(),
    raw: (one) => one.raw(),
    pluck: (one) => one.pluck(),
    safeIntegers: (one) => one.safeIntegers(),
    columns: (one) => one.columns().length,
    exec: () => database.exec('SELECT 1'),
    'exec a change': () => database.exec('CREATE TABLE z(a)'),
    'another get': () => database.prepare('SELECT 1').get(),
    'another run': () => database.prepare('INSERT INTO t(id) VALUES (77)').run(),
    'another iterate': () => {
      const inner = database.prepare('SELECT 1').iterate();
      inner.return();
      return 'made';
    },
    prepare: () => database.prepare('SELECT 2').source,
    close: () => database.close(),
    function: () => database.function('f', () => 1),
    aggregate: () => database.aggregate('g', { step: () => 1 }),
    table: () => database.table('vt', { columns: ['a'], *rows() {} }),
    serialize: () => database.serialize().length > 0,
    pragma: () => database.pragma('user_version', { simple: true }),
    loadExtension: () => database.loadExtension('none'),
    unsafeMode: () => database.unsafeMode(false),
    transaction: () => database.transaction(() => 5)(),
  })) {
    const busy = statement();
    const iterator = busy.iterate();
    iterator.next();
    told(`while iterating ${name}`, () => body(busy));
    iterator.return();
  }
  told('rows thrown at', () => {
    for (const row of statement().iterate()) throw new Error(`at ${row.id}`);
  });
  told('after a throw', () => statement().get().id);
}

function changes() {
  const database = people();
  told('run', () => database.prepare("INSERT INTO t(a) VALUES ('z')").run());
  told('run many', () => database.prepare('UPDATE t SET b = 1').run());
  told('run none', () => database.prepare('DELETE FROM t WHERE 0').run());
  told('run of ddl', () =>
    database.prepare('CREATE TABLE u(a UNIQUE, b NOT NULL, c CHECK(c > 0), d REFERENCES t(id))').run(),
  );
  told('large rowid', () => database.prepare('INSERT INTO t(id) VALUES (9007199254740993)').run());
  told('large rowid, safe', () => database.prepare('INSERT INTO t(id) VALUES (9007199254740995)').safeIntegers().run());
  told('negative rowid', () => database.prepare('INSERT INTO t(id) VALUES (-5)').run());
  told('replace', () => database.prepare('REPLACE INTO t(id) VALUES (1)').run());
  database.pragma('foreign_keys = ON');
  for (const sql of [
    'INSERT INTO u(a, b) VALUES (1, 1)',
    'INSERT INTO u(a, b) VALUES (1, 1)',
    'INSERT INTO u(a) VALUES (2)',
    'INSERT INTO u(a, b, c) VALUES (3, 1, -1)',
    'INSERT INTO u(b, d) VALUES (1, 99)',
    'INSERT INTO t(id) VALUES (1)',
    "INSERT INTO t(id) VALUES ('x')",
    "SELECT json('{')",
    'SELECT abs(-9223372036854775808)',
    "SELECT load_extension('x')",
    'COMMIT',
    'ROLLBACK',
    'RELEASE x',
    'SELECT zeroblob(3000000000)',
    "ATTACH '/none/x' AS y",
    'DETACH z',
    'PRAGMA none',
    'INSERT OR IGNORE INTO u(a, b) VALUES (1, 1)',
    'SELECT 1 UNION SELECT 1, 2',
    'SELECT max(1, 2, 3)',
    'SELECT sum()',
  ]) {
    told(`fails ${sql}`, () => {
      const statement = database.prepare(sql);
      return statement.reader ? statement.get() : statement.run();
    });
    told(`exec fails ${sql}`, () => database.exec(sql).open);
  }
  told('the error', () => {
    try {
      database.exec('INSERT INTO t(id) VALUES (1)');
    } catch (error) {
      return [
        error instanceof Database.SqliteError,
        error instanceof Error,
        error.name,
        error.code,
        Object.keys(error),
      ];
    }
  });
}

function transactions() {
  const database = people();
  const insert = database.prepare('INSERT INTO t(a) VALUES (?)');
  const count = () => database.prepare('SELECT count(*) FROM t').pluck().get();
  const add = database.transaction((...names) => {
    for (const name of names) {
      if (name === 'bad') throw new Error('bad name');
      insert.run(name);
    }
    return [database.inTransaction, count()];
  });
  told('transaction', () => add('a', 'b'));
  told('rolled back', () => add('c', 'bad'));
  told('count after', () => [count(), database.inTransaction]);
  for (const kind of ['default', 'deferred', 'immediate', 'exclusive']) told(`kind ${kind}`, () => add[kind]('d'));
  told('nested', () =>
    database.transaction(() => {
      add('e');
      try {
        add('f', 'bad');
      } catch (error) {
        return [error.message, count(), database.inTransaction];
      }
    })(),
  );
  told('this and arguments', () =>
    database
      .transaction(function (x) {
        return [this.y, x];
      })
      .call({ y: 1 }, 2),
  );
  told('database of it', () => add.database === database);
  told('length of it', () => [add.length, add.name]);
  told('rolled back inside', () =>
    database.transaction(() => {
      database.exec('ROLLBACK');
      return database.inTransaction;
    })(),
  );
  told('committed inside', () => database.transaction(() => database.exec('COMMIT').inTransaction)());
  told('async', () => database.transaction(async () => 1)());
  told('throws undefined', () => {
    try {
      database.transaction(() => {
        throw undefined;
      })();
    } catch (error) {
      return ['thrown', error, database.inTransaction];
    }
  });
  told('begin by hand', () => [
    database.exec('BEGIN').inTransaction,
    add('g'),
    database.exec('ROLLBACK').inTransaction,
  ]);
  told('or rollback', () => {
    try {
      database.transaction(() => {
        insert.run('h');
        database.exec('INSERT OR ROLLBACK INTO t(id) VALUES (1)');
      })();
    } catch (error) {
      return [error.code, database.inTransaction];
    }
  });
}

function functions() {
  const database = people();
  for (const value of STRANGE) {
    told(`function(${label(value)})`, () => database.function(value, () => 1));
    told(`function('f', ${label(value)})`, () => database.function('f', value));
    told(`function('f', ${label(value)}, f)`, () => database.function('f', value, () => 1));
    told(`aggregate('g', ${label(value)})`, () => database.aggregate('g', value));
    told(`aggregate step ${label(value)}`, () => database.aggregate('g', { step: value }));
    told(`aggregate inverse ${label(value)}`, () => database.aggregate('g', { step: () => 1, inverse: value }));
    told(`aggregate result ${label(value)}`, () => database.aggregate('g', { step: () => 1, result: value }));
    told(`table('v', ${label(value)})`, () => database.table('v', value));
    told(`function gives ${label(value)}`, () => {
      database.function('gives', () => value);
      return database.prepare('SELECT gives(), typeof(gives())').raw().get();
    });
  }
  for (const option of ['deterministic', 'directOnly', 'varargs', 'safeIntegers']) {
    for (const value of [true, false, 1, null, undefined, 'x']) {
      told(`function option ${option} ${label(value)}`, () => database.function('o', { [option]: value }, (a) => a));
    }
  }
  const call = (sql) => database.prepare(sql).pluck().get();
  database.function('type', (value) => (value === null ? 'null' : Buffer.isBuffer(value) ? 'buffer' : typeof value));
  for (const literal of ['1', '1.5', "'x'", 'NULL', "x'00'", '9007199254740993'])
    told(`argument ${literal}`, () => call(`SELECT type(${literal})`));
  database.function('count_of', { varargs: true }, (...given) => given.length);
  told('varargs', () => [call('SELECT count_of()'), call('SELECT count_of(1, 2, 3)')]);
  told('wrong count', () => call('SELECT type(1, 2)'));
  database.function('fails', () => {
    throw new RangeError('from inside');
  });
  told('throws', () => call('SELECT fails()'));
  database.function('fails_oddly', () => {
    throw 'a text';
  });
  told('throws a text', () => {
    try {
      return call('SELECT fails_oddly()');
    } catch (error) {
      return ['caught', error];
    }
  });
  database.function('big', { safeIntegers: true }, (value) => value + 1n);
  told('safe integers', () => database.prepare('SELECT big(9007199254740993)').pluck().safeIntegers().get());
  database.function('gives_big', () => 2n ** 64n);
  told('gives too big', () => call('SELECT gives_big()'));
  database.function('queries', () => database.prepare('SELECT 5').pluck().get());
  told('queries inside', () => call('SELECT queries()'));
  database.function('writes', () => database.prepare('INSERT INTO t(a) VALUES (1)').run().changes);
  told('writes inside', () => call('SELECT writes()'));
  database.exec('DELETE FROM t WHERE id > 2');
  database.function('closes', () => database.close());
  told('closes inside', () => call('SELECT closes()'));
  database.function('defines', () => database.function('later', () => 1));
  told('defines inside', () => call('SELECT defines()'));
  database.function('direct', { directOnly: true }, () => 1);
  database.exec('CREATE VIEW uses AS SELECT direct() AS x');
  told('direct only', () => call('SELECT x FROM uses'));
  database.function('default_argument', (a, b = 2) => `${a} ${b}`);
  told('default argument', () => call('SELECT default_argument(1)'));
  const weird = (a) => a;
  Object.defineProperty(weird, 'length', { value: -1 });
  told('length below 0', () => database.function('weird', weird));
  Object.defineProperty(weird, 'length', { value: 101 });
  told('length above 100', () => database.function('weird', weird));
  database.aggregate('total_of', { start: 0, step: (sum, value) => sum + value });
  told('aggregate', () => call('SELECT total_of(id) FROM t'));
  told('aggregate of nothing', () => call('SELECT total_of(id) FROM t WHERE 0'));
  database.aggregate('listed', {
    start: () => [],
    step: (all, value) => void all.push(value),
    result: (all) => all.join('-'),
  });
  told('aggregate of a function', () => call('SELECT listed(id) FROM t'));
  database.aggregate('moving', { start: 0, step: (sum, value) => sum + value, inverse: (sum, value) => sum - value });
  told('window', () => database.prepare('SELECT moving(id) OVER (ORDER BY id ROWS 1 PRECEDING) FROM t').pluck().all());
  told('window without inverse', () => database.prepare('SELECT total_of(id) OVER (ORDER BY id) FROM t').pluck().all());
  database.aggregate('step_fails', {
    step: () => {
      throw new Error('in step');
    },
  });
  told('step throws', () => call('SELECT step_fails(1)'));
  database.aggregate('result_fails', {
    step: () => 1,
    result: () => {
      throw new Error('in result');
    },
  });
  told('result throws', () => call('SELECT result_fails(1)'));
  database.aggregate('start_fails', {
    start: () => {
      throw new Error('in start');
    },
    step: () => 1,
  });
  told('start throws', () => call('SELECT start_fails(1)'));
  told('start throws without rows', () => call('SELECT start_fails(1) WHERE 0'));
}

function tables() {
  const database = people();
  const rows = (sql) => database.prepare(sql).raw().all();
  for (const [name, definition] of Object.entries({
    'no rows': { columns: ['a'] },
    'no columns': { *rows() {} },
    'columns no array': { columns: 'a', *rows() {} },
    'columns empty': { columns: [], *rows() {} },
    'column no text': { columns: [1], *rows() {} },
    'columns twice': { columns: ['a', 'a'], *rows() {} },
    'column and parameter': { columns: ['a'], parameters: ['a'], *rows() {} },
    'rows no generator': { columns: ['a'], rows() {} },
    'rows no function': { columns: ['a'], rows: [] },
    'parameters no array': { columns: ['a'], parameters: 'x', *rows() {} },
    'parameter no text': { columns: ['a'], parameters: [1], *rows() {} },
    'too many parameters': { columns: ['a'], parameters: Array.from({ length: 33 }, (_, at) => `p${at}`), *rows() {} },
    'directOnly no boolean': { columns: ['a'], directOnly: 1, *rows() {} },
    'safeIntegers no boolean': { columns: ['a'], safeIntegers: 'x', *rows() {} },
  }))
    told(`table ${name}`, () => database.table('v', definition));
  told('table of no name', () => database.table('', { columns: ['a'], *rows() {} }));
  database.table('numbers', {
    columns: ['value', 'twice'],
    parameters: ['last', 'first'],
    *rows(last, first = 1) {
      for (let value = first; value <= last; ++value) yield [value, value * 2];
    },
  });
  told('table', () => rows('SELECT * FROM numbers(3)'));
  told('table of both', () => rows('SELECT value FROM numbers(3, 2)'));
  told('table by name', () => rows('SELECT value FROM numbers WHERE last = 2'));
  told('table without', () => rows('SELECT value FROM numbers'));
  told('table of too many', () => rows('SELECT value FROM numbers(1, 2, 3)'));
  told('table hidden', () => rows('SELECT last, first, value FROM numbers(2)'));
  told('table joined', () => rows('SELECT t.id, value FROM t, numbers(t.id)'));
  told('table rowid', () => rows('SELECT rowid, value FROM numbers(2)'));
  told('table written', () => database.exec('INSERT INTO numbers VALUES (1, 2)'));
  told('table dropped', () => database.exec('DROP TABLE numbers'));
  told('table info', () => database.pragma('table_xinfo(numbers)'));
  for (const [name, yields] of Object.entries({
    nothing: undefined,
    number: 5,
    'short array': [1],
    'long array': [1, 2, 3],
    object: { a: 1, b: 2 },
    'object of fewer': { a: 1 },
    'object of more': { a: 1, b: 2, c: 3 },
    'object of others': { a: 1, c: 3 },
    'odd value': [{}, 1],
    null: null,
  })) {
    told(`table yields ${name}`, () => {
      database.table('yields', {
        columns: ['a', 'b'],
        *rows() {
          yield yields;
        },
      });
      return rows('SELECT * FROM yields');
    });
  }
  database.table('fails', {
    columns: ['a'],
    *rows() {
      yield [1];
      throw new Error('in rows');
    },
  });
  told('rows throw', () => rows('SELECT * FROM fails'));
  database.table('made', (...given) => ({
    columns: ['a'],
    *rows() {
      yield [given.join('|')];
    },
  }));
  told('created', () =>
    database.exec("CREATE VIRTUAL TABLE w USING made(x, 'y', 3)").prepare('SELECT a FROM w').pluck().get(),
  );
  told('eponymous factory', () => rows('SELECT * FROM made'));
  database.table('bad', () => 5);
  told('bad factory', () => database.exec('CREATE VIRTUAL TABLE w2 USING bad'));
  database.table('throwing', () => {
    throw new Error('in factory');
  });
  told('throwing factory', () => database.exec('CREATE VIRTUAL TABLE w3 USING throwing'));
  told('no such module', () => database.exec('CREATE VIRTUAL TABLE w4 USING nothing'));
}

function closed() {
  const database = people();
  const statement = database.prepare('SELECT 1');
  const iterator = database.prepare('SELECT id FROM t').iterate();
  iterator.next();
  iterator.return();
  told('close', () => database.close().open);
  told('close again', () => database.close().open);
  for (const [name, body] of Object.entries({
    prepare: () => database.prepare('SELECT 1'),
    exec: () => database.exec('SELECT 1'),
    pragma: () => database.pragma('user_version'),
    transaction: () => database.transaction(() => 1),
    'run a transaction': () => database.transaction(() => 1)(),
    function: () => database.function('f', () => 1),
    aggregate: () => database.aggregate('f', { step: () => 1 }),
    table: () => database.table('f', { columns: ['a'], *rows() {} }),
    serialize: () => database.serialize(),
    loadExtension: () => database.loadExtension('x'),
    defaultSafeIntegers: () => database.defaultSafeIntegers(),
    unsafeMode: () => database.unsafeMode(),
    inTransaction: () => database.inTransaction,
    get: () => statement.get(),
    all: () => statement.all(),
    iterate: () => statement.iterate(),
    raw: () => statement.raw(),
    columns: () => statement.columns(),
    bind: () => statement.bind(),
    source: () => statement.source,
    facts: () => [statement.reader, statement.readonly, statement.busy, statement.database === database],
  }))
    told(`closed ${name}`, body);
  told('in another order', () => {
    const other = new Database(':memory:');
    const left = other.prepare('SELECT 1');
    other.close();
    return left.get();
  });
  told('verbose', () => {
    const lines = [];
    const loud = memory({ verbose: (...given) => lines.push(given) });
    loud.exec('CREATE TABLE t(a)');
    loud.prepare('INSERT INTO t VALUES (?)').run(5);
    loud.prepare('SELECT @a').get({ a: "it's" });
    loud.pragma('user_version');
    loud.exec('INSERT INTO t VALUES (1); SELECT 2; ');
    loud.transaction(() => loud.prepare('DELETE FROM t').run())();
    loud.prepare('SELECT ?').bind(1).all();
    [...loud.prepare('SELECT 3').iterate()];
    return lines;
  });
}

async function backups() {
  const database = people();
  for (const value of STRANGE) {
    if (value === 'text') continue;
    await toldLater(`backup(${label(value)})`, () => database.backup(value));
    await toldLater(`backup(file, ${label(value)})`, () => database.backup(file('b.db'), value));
    await toldLater(`backup attached ${label(value)}`, () => database.backup(file('b.db'), { attached: value }));
    await toldLater(`backup progress ${label(value)}`, () => database.backup(file('b.db'), { progress: value }));
    // Who asks for no pages waits for ever.
    if (value !== 0) {
      await toldLater(`backup progress gives ${label(value)}`, () =>
        database.backup(file('b.db'), { progress: () => value }),
      );
    }
  }
  await toldLater('backup to memory', () => database.backup(':memory:'));
  await toldLater('backup to nowhere', () => database.backup(path.join(folder, 'none', 'x.db')));
  await toldLater('backup of none', () => database.backup(file('c.db'), { attached: 'none' }));
  await toldLater('backup', () => database.backup(file('d.db')));
  await toldLater('backup read', () => new Database(file('d.db')).prepare('SELECT id, a FROM t').raw().all());
  database.close();
  await toldLater('backup closed', () => database.backup(file('e.db')));
}

async function main() {
  constructors();
  preparing();
  values();
  shapes();
  changes();
  transactions();
  functions();
  tables();
  closed();
  await backups();
  for (const database of open) database.close();
  process.chdir(os.tmpdir());
  fs.rmSync(folder, { recursive: true });
}

main();
