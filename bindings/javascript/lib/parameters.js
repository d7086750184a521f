'use strict';
// Binding of JavaScript arguments to a statement's parameters, by better-sqlite3's rules: positional values, arrays of
// them, and at most one plain object for the named ones.

const native = require('./native');

const isPlainObject = (value) => {
  if (value === null || typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Bind the arguments to the statement; throws TypeError or RangeError with better-sqlite3's messages. */
function bindAll(handle, names, given) {
  native.clear(handle);
  const positional = [];
  let named = null;
  for (const value of given) {
    if (Array.isArray(value)) {
      positional.push(...value);
    } else if (isPlainObject(value)) {
      if (named !== null) throw new TypeError('You cannot specify named parameters in two different objects');
      named = value;
    } else {
      positional.push(value);
    }
  }
  const anonymous = [];
  let hasNames = false;
  names.forEach((name, i) => {
    if (name === null || name[0] === '?') {
      anonymous.push(i + 1);
      return;
    }
    hasNames = true;
    if (named === null) return;
    const key = name.slice(1);
    if (!Object.prototype.hasOwnProperty.call(named, key)) throw new RangeError(`Missing named parameter "${key}"`);
    bindOne(handle, i + 1, named[key]);
  });
  if (positional.length < anonymous.length) throw new RangeError('Too few parameter values were provided');
  if (positional.length > anonymous.length) throw new RangeError('Too many parameter values were provided');
  if (hasNames && named === null) throw new TypeError('Missing named parameters');
  anonymous.forEach((index, i) => bindOne(handle, index, positional[i]));
}

function bindOne(handle, index, value) {
  const outcome = native.bind(handle, index, value);
  if (outcome === -1) {
    throw new TypeError('SQLite3 can only bind numbers, strings, bigints, buffers, and null');
  }
  if (outcome === -2) throw new RangeError('The bound string, buffer, or bigint is too big');
}

module.exports = { bindAll };
