'use strict';
// Database: better-sqlite3's, over a connection of the addon.

const fs = require('node:fs');
const path = require('node:path');
const native = require('./native');
const runBackup = require('./backup');
const SqliteError = require('./sqlite-error');
const Statement = require('./statement');
const tableFactory = require('./table');
const makeTransaction = require('./transaction');

const OPEN_READONLY = 1;
const OPEN_READWRITE = 2;
const OPEN_CREATE = 4;
const OPEN_URI = 0x40;
const FUNCTION_DETERMINISTIC = 0x800;
const FUNCTION_DIRECT_ONLY = 0x80000;
const DEFAULT_TIMEOUT = 5000;
const LARGEST_TIMEOUT = 0x7fffffff;

class Database {
  #connection;
  #isOpen = true;
  #safeIntegers = false;
  #isUnsafe = false;
  #iterators = 0;
  #verbose;

  constructor(filename, options) {
    filename ??= '';
    options ??= {};
    let serialized = null;
    if (Buffer.isBuffer(filename)) [serialized, filename] = [filename, ':memory:'];
    if (typeof filename !== 'string') throw new TypeError('Expected first argument to be a string');
    if (typeof options !== 'object') throw new TypeError('Expected second argument to be an options object');
    checkNoOldOptions(options);
    if (filename.includes('\0')) throw new TypeError('The filename contains a NUL character');
    const name = filename.trim();
    const readonly = flag(options, 'readonly');
    const fileMustExist = flag(options, 'fileMustExist');
    const timeout = 'timeout' in options ? options.timeout : DEFAULT_TIMEOUT;
    if (!Number.isInteger(timeout) || timeout < 0) {
      throw new TypeError('Expected the "timeout" option to be a positive integer');
    }
    if (timeout > LARGEST_TIMEOUT) throw new RangeError('Option "timeout" cannot be greater than 2147483647');
    const verbose = options.verbose ?? null;
    if (verbose !== null && typeof verbose !== 'function') {
      throw new TypeError('Expected the "verbose" option to be a function');
    }
    const isUri = name.startsWith('file:');
    const memory = name === '' || name === ':memory:';
    if (readonly && memory && !serialized) throw new TypeError('In-memory/temporary databases cannot be readonly');
    if (!memory && !isUri && !fs.existsSync(path.dirname(name))) {
      throw new TypeError('Cannot open database because the directory does not exist');
    }
    const mode = readonly && !serialized ? OPEN_READONLY : OPEN_READWRITE | (fileMustExist ? 0 : OPEN_CREATE);
    this.#connection = native.open(name, mode | (isUri ? OPEN_URI : 0));
    if (serialized) {
      native.deserialize(this.#connection, serialized, readonly);
      // The copy is the connection's own, so nobody else can write it either.
      if (readonly) native.exec(this.#connection, 'PRAGMA query_only = ON');
    }
    native.busyTimeout(this.#connection, timeout);
    this.#verbose = verbose;
    const facts = {
      name: () => filename,
      open: () => this.#isOpen,
      inTransaction: () => this.#isOpen && !native.state(this.#connection)[3],
      readonly: () => readonly,
      memory: () => memory,
    };
    for (const [key, get] of Object.entries(facts)) Object.defineProperty(this, key, { get, enumerable: true });
  }

  prepare(sql) {
    this.#checkOpen();
    checkSql(sql);
    const prepared = native.prepare(this.#connection, sql);
    if (prepared[0] === null) throw new RangeError('The supplied SQL string contains no statements');
    if (prepared[1]) throw new RangeError('The supplied SQL string contains more than one statement');
    return new Statement(this, sql, prepared, this.#safeIntegers, this.#verbose);
  }

  exec(sql) {
    this.#checkOpen();
    checkSql(sql);
    this.#checkUnlocked();
    native.exec(this.#connection, sql, this.#verbose);
    return this;
  }

  pragma(source, options) {
    options ??= {};
    if (typeof source !== 'string') throw new TypeError('Expected first argument to be a string');
    if (typeof options !== 'object') throw new TypeError('Expected second argument to be an options object');
    const simple = flag(options, 'simple');
    const statement = this.prepare(`PRAGMA ${source}`);
    if (!statement.reader) {
      statement.run();
      return simple ? undefined : [];
    }
    return simple ? statement.pluck().get() : statement.all();
  }

  transaction(work) {
    if (typeof work === 'function') this.#checkOpen();
    return makeTransaction(this, work);
  }

  function(name, options, work) {
    options ??= {};
    if (typeof options === 'function') [options, work] = [{}, options];
    if (typeof name !== 'string') throw new TypeError('Expected first argument to be a string');
    if (typeof work !== 'function') throw new TypeError('Expected last argument to be a function');
    const settings = functionSettings(name, options, this.#safeIntegers);
    const count = settings.varargs ? -1 : argumentCount(work.length);
    this.#checkIdle();
    native.createFunction(this.#connection, name, count, settings.flags, settings.safeIntegers, work);
    return this;
  }

  aggregate(name, options) {
    const settings = functionSettings(name, options, this.#safeIntegers);
    const { start = null } = options;
    const step = method(options, 'step');
    if (step === null) throw new TypeError('Missing required option "step"');
    const inverse = method(options, 'inverse');
    const result = method(options, 'result') ?? ((value) => value);
    const longest = Math.max(step.length, inverse === null ? 0 : inverse.length);
    const count = settings.varargs ? -1 : argumentCount(Math.max(0, longest - 1));
    const begin = typeof start === 'function' ? start : () => start;
    this.#checkIdle();
    native.createAggregate(
      this.#connection,
      name,
      count,
      settings.flags,
      settings.safeIntegers,
      begin,
      step,
      result,
      inverse,
    );
    return this;
  }

  /** A module of virtual tables: one table of the name, of a definition; or by CREATE VIRTUAL TABLE, of a function. */
  table(name, definition) {
    if (typeof name !== 'string') throw new TypeError('Expected first argument to be a string');
    if (!name) throw new TypeError('Virtual table module name cannot be an empty string');
    const factory = tableFactory(name, definition, this.#safeIntegers);
    this.#checkIdle();
    native.createModule(this.#connection, name, factory, typeof definition !== 'function');
    return this;
  }

  /** Copies the database into a file while both stay in use; a promise of {totalPages, remainingPages}. */
  async backup(filename, options) {
    this.#checkOpen();
    return runBackup(this.#connection, filename, options);
  }

  /** The database as a Buffer, which `new Database(buffer)` opens. */
  serialize(options) {
    options ??= {};
    if (typeof options !== 'object') throw new TypeError('Expected first argument to be an options object');
    const attached = 'attached' in options ? options.attached : 'main';
    if (typeof attached !== 'string') throw new TypeError('Expected the "attached" option to be a string');
    if (!attached) throw new TypeError('The "attached" option cannot be an empty string');
    this.#checkIdle();
    return native.serialize(this.#connection, attached);
  }

  loadExtension(file, entryPoint) {
    if (typeof file !== 'string') throw new TypeError('Expected first argument to be a string');
    if (entryPoint !== undefined && typeof entryPoint !== 'string') {
      throw new TypeError('Expected second argument to be a string');
    }
    this.#checkIdle();
    const message = native.loadExtension(this.#connection, file, entryPoint ?? null);
    if (message !== undefined) throw new SqliteError(message, 'SQLITE_ERROR');
    return this;
  }

  defaultSafeIntegers(...given) {
    this.#safeIntegers = toggled(given);
    return this;
  }

  /** Whether a connection may write, and define functions, while it is being read by an iterator. */
  unsafeMode(...given) {
    this.#isUnsafe = toggled(given);
    return this;
  }

  close() {
    if (!this.#isOpen) return this;
    this.#checkUnlocked(false);
    native.close(this.#connection);
    this.#isOpen = false;
    return this;
  }

  [Symbol.dispose || Symbol.for('Symbol.dispose')]() {
    this.close();
  }

  [Symbol.for('keelback.connection')]() {
    this.#checkOpen();
    return this.#connection;
  }

  /** While an iterator is open the connection may only read. Returns what ends that. */
  [Symbol.for('keelback.lock')]() {
    this.#iterators++;
    return () => {
      this.#iterators--;
    };
  }

  [Symbol.for('keelback.checkUnlocked')]() {
    this.#checkUnlocked();
  }

  #checkOpen() {
    if (!this.#isOpen) throw new TypeError('The database connection is not open');
  }

  #checkUnlocked(isUnsafe = this.#isUnsafe) {
    if (this.#iterators && !isUnsafe) throw new TypeError('This database connection is busy executing a query');
  }

  #checkIdle() {
    this.#checkOpen();
    this.#checkUnlocked();
  }
}

function flag(options, name) {
  if (!(name in options)) return false;
  if (typeof options[name] !== 'boolean') throw new TypeError(`Expected the "${name}" option to be a boolean`);
  return options[name];
}

/** Options that better-sqlite3 had under other names, or no longer has; where it looks for its addon means nothing here. */
function checkNoOldOptions(options) {
  if ('readOnly' in options) throw new TypeError('Misspelled option "readOnly" should be "readonly"');
  if ('memory' in options) {
    throw new TypeError('Option "memory" was removed in v7.0.0 (use ":memory:" filename instead)');
  }
  const binding = options.nativeBinding ?? '';
  if (typeof binding !== 'string' && typeof binding !== 'object') {
    throw new TypeError('Expected the "nativeBinding" option to be a string or addon object');
  }
}

/** A function among the options, null where there is none. */
function method(options, name) {
  const found = options[name] ?? null;
  if (found !== null && typeof found !== 'function') {
    throw new TypeError(`Expected the "${name}" option to be a function`);
  }
  return found;
}

/** What a switch is set to: on where nothing is said. */
function toggled(given) {
  if (!given.length) return true;
  if (typeof given[0] !== 'boolean') throw new TypeError('Expected first argument to be a boolean');
  return given[0];
}

function checkSql(sql) {
  if (typeof sql !== 'string') throw new TypeError('Expected first argument to be a string');
  if (sql.includes('\0')) throw new RangeError('The supplied SQL string contains a NUL character');
}

function functionSettings(name, options, defaultSafeIntegers) {
  if (typeof name !== 'string') throw new TypeError('Expected first argument to be a string');
  if (!name) throw new TypeError('User-defined function name cannot be an empty string');
  if (typeof options !== 'object' || options === null) {
    throw new TypeError('Expected second argument to be an options object');
  }
  const flags =
    (flag(options, 'deterministic') ? FUNCTION_DETERMINISTIC : 0) |
    (flag(options, 'directOnly') ? FUNCTION_DIRECT_ONLY : 0);
  const safeIntegers = 'safeIntegers' in options ? flag(options, 'safeIntegers') : defaultSafeIntegers;
  return { flags, safeIntegers, varargs: flag(options, 'varargs') };
}

function argumentCount(count) {
  if (!Number.isInteger(count) || count < 0) throw new TypeError('Expected function.length to be a positive integer');
  if (count > 100) throw new RangeError('User-defined functions cannot have more than 100 arguments');
  return count;
}

module.exports = Database;
