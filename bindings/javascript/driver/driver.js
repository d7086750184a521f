'use strict';
// The conformance driver of the JavaScript binding (compat-tests/PROTOCOL.md); it uses the idiom layer only.

const readline = require('node:readline');
const Database = require('../lib');

const connections = new Map();

function decode(value) {
  if (value === null) return null;
  if ('i' in value) return BigInt(value.i);
  if ('r' in value) return Buffer.from(value.r, 'hex').readDoubleBE(0);
  if ('t' in value) return value.t;
  return Buffer.from(value.b, 'hex');
}

function encode(value) {
  if (value === null) return null;
  if (typeof value === 'bigint') return { i: value.toString() };
  if (typeof value === 'string') return { t: value };
  if (typeof value === 'number') {
    const bits = Buffer.alloc(8);
    bits.writeDoubleBE(value, 0);
    return { r: bits.toString('hex') };
  }
  return { b: value.toString('hex') };
}

/** The spelling of each parameter of the text, by its number: `?` and `?NNN` are null, names their spelling. */
function parameterNames(sql) {
  const names = [];
  const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|(\?\d*|[:@$][A-Za-z_][\w:]*)/g;
  for (const [, spelling] of sql.matchAll(token)) {
    if (!spelling) continue;
    if (spelling[0] !== '?') {
      if (!names.includes(spelling)) names.push(spelling);
    } else if (spelling === '?') {
      names.push(null);
    } else {
      while (names.length < Number(spelling.slice(1))) names.push(null);
    }
  }
  return names;
}

/** Positional values for `?`, an object for names; a list also serves named parameters, by index. */
function makeParameters(given, sql) {
  const positional = [];
  const named = {};
  if (Array.isArray(given)) {
    const names = parameterNames(sql);
    given.forEach((value, i) => {
      if (names[i]) named[names[i].slice(1)] = decode(value);
      else positional.push(decode(value));
    });
  } else {
    for (const [name, value] of Object.entries(given)) named[name.slice(1)] = decode(value);
  }
  return Object.keys(named).length ? [positional, named] : [positional];
}

function exec({ id, sql, params }) {
  const database = connections.get(id);
  if (!database) throw new Error(`unknown id ${id}`);
  const statement = database.prepare(sql).safeIntegers();
  const parameters = makeParameters(params || [], sql);
  if (!statement.reader) {
    const { changes } = statement.run(...parameters);
    return { columns: [], rows: [], changes };
  }
  const totals = database.prepare('SELECT total_changes()').pluck().safeIntegers();
  const before = totals.get();
  const rows = statement.raw().all(...parameters);
  const columns = statement.columns().map((column) => column.name);
  const changes = totals.get() === before ? 0 : Number(database.prepare('SELECT changes()').pluck().get());
  return { columns, rows: rows.map((row) => row.map(encode)), changes };
}

const operations = {
  hello: () => ({
    protocol: 1,
    name: 'javascript',
    version: require('../package.json').version,
    language: `Node ${process.version}`,
    engine: process.env.KEELBACK_ENGINE || 'default',
    features: ['named-parameters', 'several-connections'],
  }),
  open: ({ id, path, flags }) => {
    connections.set(id, new Database(path, { readonly: (flags & 1) === 1, timeout: 0 }));
    return {};
  },
  exec,
  close: ({ id }) => {
    connections.get(id).close();
    connections.delete(id);
    return {};
  },
  bye: () => {
    for (const database of connections.values()) database.close();
    return {};
  },
};

function answer(line) {
  try {
    const request = JSON.parse(line);
    const operation = operations[request.op];
    if (!operation) throw new Error(`unknown op ${request.op}`);
    return operation(request);
  } catch (error) {
    if (error instanceof Database.SqliteError) {
      return { error: { code: error.rawCode, name: error.code, message: error.message } };
    }
    return { fault: String(error.stack || error) };
  }
}

readline.createInterface({ input: process.stdin, crlfDelay: Infinity }).on('line', (line) => {
  process.stdout.write(`${JSON.stringify(answer(line))}\n`);
  if (line.includes('"op":"bye"') || line.includes('"op": "bye"')) process.exit(0);
});
