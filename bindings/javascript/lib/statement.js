'use strict';
// Statement: better-sqlite3's, over a handle of the addon.

const native = require('./native');
const { bindAll } = require('./parameters');

const OBJECT = 0;
const ARRAY = 1;
const FIRST = 2;
const ROWS_PER_BATCH = 1;

const internals = new WeakMap();

class Statement {
  /** Made by Database.prepare only. */
  constructor(database, sql, prepared, safeIntegers, verbose) {
    const [handle, , columnCount, isReadonly, names] = prepared;
    internals.set(this, {
      handle,
      names,
      shape: OBJECT,
      expand: false,
      safeIntegers,
      verbose,
      isBound: false,
      isIterating: false,
    });
    const constants = { database, source: sql, reader: columnCount > 0, readonly: isReadonly };
    for (const [key, value] of Object.entries(constants)) {
      Object.defineProperty(this, key, { value, enumerable: true });
    }
  }

  /** Whether an iterator of this statement is open. */
  get busy() {
    return internals.get(this).isIterating;
  }

  run(...parameters) {
    const state = this.#start(parameters);
    const connection = this.database[Symbol.for('keelback.connection')]();
    const before = native.state(connection)[1];
    native.run(state.handle);
    const [changes, total, rowid] = native.state(connection);
    const changed = total === before ? 0n : changes;
    return {
      changes: Number(changed),
      lastInsertRowid: state.safeIntegers ? rowid : toNumber(rowid),
    };
  }

  get(...parameters) {
    const state = this.#startReader(parameters);
    const rows = native.rows(state.handle, 1, this.#nativeShape(state), state.safeIntegers);
    native.reset(state.handle);
    return rows.length ? this.#shape(rows[0], state) : undefined;
  }

  all(...parameters) {
    const state = this.#startReader(parameters);
    const rows = native.rows(state.handle, 0, this.#nativeShape(state), state.safeIntegers);
    return state.expand ? rows.map((row) => this.#shape(row, state)) : rows;
  }

  *#generate(state, release) {
    try {
      for (;;) {
        const rows = native.rows(state.handle, ROWS_PER_BATCH, this.#nativeShape(state), state.safeIntegers);
        for (const row of rows) yield this.#shape(row, state);
        if (rows.length < ROWS_PER_BATCH) return;
      }
    } finally {
      release();
      if (this.database.open) native.reset(state.handle);
    }
  }

  iterate(...parameters) {
    const state = this.#startReader(parameters);
    const release = this.database[Symbol.for('keelback.lock')]();
    state.isIterating = true;
    const iterator = this.#generate(state, () => {
      state.isIterating = false;
      release();
    });
    let isStarted = false;
    return {
      next: () => {
        isStarted = true;
        return iterator.next();
      },
      return: (value) => {
        if (!isStarted) iterator.next();
        return iterator.return(value);
      },
      [Symbol.iterator]() {
        return this;
      },
    };
  }

  pluck(toggle = true) {
    return this.#setShape(toggle, FIRST, 'pluck');
  }

  raw(toggle = true) {
    return this.#setShape(toggle, ARRAY, 'raw');
  }

  expand(toggle = true) {
    const state = this.#reading('expand');
    checkBoolean(toggle);
    state.expand = toggle;
    if (toggle) state.shape = OBJECT;
    return this;
  }

  safeIntegers(toggle = true) {
    this.#checkNotBusy();
    checkBoolean(toggle);
    internals.get(this).safeIntegers = toggle;
    return this;
  }

  bind(...parameters) {
    const state = internals.get(this);
    this.#checkIdle();
    if (state.isBound) throw new TypeError('The bind() method can only be invoked once per statement object');
    bindAll(state.handle, state.names, parameters);
    state.isBound = true;
    return this;
  }

  columns() {
    if (!this.reader) throw new TypeError('The columns() method is only for statements that return data');
    if (!this.database.open) throw new TypeError('The database connection is not open');
    return native.columns(internals.get(this).handle);
  }

  #reading(name) {
    if (!this.reader) throw new TypeError(`The ${name}() method is only for statements that return data`);
    this.#checkNotBusy();
    return internals.get(this);
  }

  #setShape(toggle, shape, name) {
    const state = this.#reading(name);
    checkBoolean(toggle);
    state.shape = toggle ? shape : state.shape === shape ? OBJECT : state.shape;
    if (toggle) state.expand = false;
    return this;
  }

  #checkIdle() {
    if (!this.database.open) throw new TypeError('The database connection is not open');
    this.#checkNotBusy();
  }

  #checkNotBusy() {
    if (internals.get(this).isIterating) throw new TypeError('This statement is busy executing a query');
  }

  #start(parameters) {
    const state = internals.get(this);
    this.#checkIdle();
    if (!this.reader || !this.readonly) this.database[Symbol.for('keelback.checkUnlocked')]();
    if (state.isBound) {
      if (parameters.length) throw new TypeError('This statement already has bound parameters');
      native.reset(state.handle);
    } else {
      bindAll(state.handle, state.names, parameters);
    }
    if (state.verbose !== null) state.verbose(native.expandedSql(state.handle));
    return state;
  }

  #startReader(parameters) {
    if (!this.reader) throw new TypeError('This statement does not return data. Use run() instead');
    return this.#start(parameters);
  }

  #nativeShape(state) {
    return state.expand ? ARRAY : state.shape;
  }

  #shape(row, state) {
    if (!state.expand) return row;
    const result = {};
    native.columns(state.handle).forEach((column, i) => {
      const table = column.table || '$';
      if (!result[table]) result[table] = {};
      result[table][column.name] = row[i];
    });
    return result;
  }
}

function checkBoolean(value) {
  if (typeof value !== 'boolean') throw new TypeError('Expected first argument to be a boolean');
}

function toNumber(value) {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) {
    throw new RangeError(`The integer ${value} is too large for a number; use safeIntegers()`);
  }
  return number;
}

module.exports = Statement;
