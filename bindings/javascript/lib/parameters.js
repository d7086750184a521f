'use strict';
// Binding of JavaScript arguments to a statement's parameters, by better-sqlite3's rules: positional values, arrays of
// them, and at most one plain object for the named ones.

const native = require('./native');

const UNBINDABLE = 'SQLite3 can only bind numbers, strings, bigints, buffers, and null';
const TOO_BIG = 'The bound string, buffer, or bigint is too big';

const isPlainObject = (value) => {
  if (value === null || typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/**
 * Bind the arguments to the statement; throws TypeError or RangeError with better-sqlite3's messages.
 *
 * Numbered parameters (?2) take positional values, or those of an object under their numbers.
 */
function bindAll(handle, names, given) {
  native.clear(handle);
  const named = [];
  const anonymous = [];
  const takesNumbers = !given.some((value) => !isPlainObject(value)) && given.length === 1;
  names.forEach((name, i) => {
    if (name === null || (name[0] === '?' && !takesNumbers)) {
      anonymous.push(i + 1);
    } else {
      named.push([name.slice(1), i + 1]);
    }
  });
  let object = null;
  let count = 0;
  const bindNext = (value) => {
    // What cannot be bound is told before there being too many values.
    if (count < anonymous.length) {
      bindOne(handle, anonymous[count], value);
    } else {
      checkValue(value);
    }
    count++;
  };
  for (const value of given) {
    if (Array.isArray(value)) {
      value.forEach(bindNext);
    } else if (isPlainObject(value)) {
      if (object !== null) throw new TypeError('You cannot specify named parameters in two different objects');
      object = value;
      for (const [key, index] of named) {
        if (!Object.prototype.hasOwnProperty.call(object, key)) {
          throw new RangeError(`Missing named parameter "${key}"`);
        }
        bindOne(handle, index, object[key]);
      }
    } else {
      if (count >= anonymous.length && isOtherObject(value)) {
        throw new TypeError('Named parameters can only be passed within plain objects');
      }
      bindNext(value);
    }
  }
  if (count < anonymous.length) throw new RangeError('Too few parameter values were provided');
  if (count > anonymous.length) throw new RangeError('Too many parameter values were provided');
  if (named.length && object === null) throw new TypeError('Missing named parameters');
}

/** An object or function that is neither plain nor a value of SQL. */
const isOtherObject = (value) =>
  typeof value === 'function' || (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value));

const LARGEST = 2n ** 63n;

function checkValue(value) {
  const isValue =
    value === null || ['undefined', 'number', 'string', 'bigint'].includes(typeof value) || ArrayBuffer.isView(value);
  if (!isValue) throw new TypeError(UNBINDABLE);
  if (typeof value === 'bigint' && (value >= LARGEST || value < -LARGEST)) throw new RangeError(TOO_BIG);
}

function bindOne(handle, index, value) {
  const outcome = native.bind(handle, index, value);
  if (outcome === -1) throw new TypeError(UNBINDABLE);
  if (outcome === -2) throw new RangeError(TOO_BIG);
}

module.exports = { bindAll };
