'use strict';
// Virtual tables: definitions are checked and brought into the form that native/modules.cpp reads.

const MOST_PARAMETERS = 32;
const GeneratorFunction = Object.getPrototypeOf(function* () {});

/** A factory (module, schema, table, ...arguments) => native definition, of a definition or of a function that makes one. */
function tableFactory(module, given, defaultSafeIntegers) {
  if (typeof given === 'function') {
    return (moduleName, database, table, ...parameters) => {
      const made = given.apply({ module: moduleName, database, table }, parameters);
      if (typeof made !== 'object' || made === null) {
        throw new TypeError(`Virtual table module "${module}" did not return a table definition object`);
      }
      return nativeDefinition(module, 'returned', made, defaultSafeIntegers);
    };
  }
  if (typeof given !== 'object' || given === null) {
    throw new TypeError('Expected second argument to be a function or a table definition object');
  }
  const definition = nativeDefinition(module, 'used', given, defaultSafeIntegers);
  return () => definition;
}

function nativeDefinition(module, verb, given, defaultSafeIntegers) {
  const wrong = (what) => new TypeError(`Virtual table module "${module}" ${verb} a table definition ${what}`);
  for (const name of ['rows', 'columns']) {
    if (!Object.hasOwn(given, name)) throw wrong(`without a "${name}" property`);
  }
  const { rows } = given;
  if (typeof rows !== 'function' || Object.getPrototypeOf(rows) !== GeneratorFunction) {
    throw wrong('with an invalid "rows" property (should be a generator function)');
  }
  const columns = names(given.columns, 'columns', wrong);
  if (new Set(columns).size !== columns.length) throw wrong('with duplicate column names');
  if (!columns.length) throw new RangeError(wrong('with zero columns').message);
  const parameters = Object.hasOwn(given, 'parameters')
    ? names(given.parameters, 'parameters', wrong)
    : Array.from({ length: rows.length }, (_, i) => `$${i + 1}`);
  if (new Set(parameters).size !== parameters.length) throw wrong('with duplicate parameter names');
  if (parameters.length > MOST_PARAMETERS) {
    throw new RangeError(wrong(`with more than the maximum number of ${MOST_PARAMETERS} parameters`).message);
  }
  for (const name of parameters) {
    if (columns.includes(name)) {
      throw wrong(`with column "${name}" which was ambiguously defined as both a column and parameter`);
    }
  }
  const declared = [...parameters.map((name) => `${quoted(name)} HIDDEN`), ...columns.map(quoted)];
  return [
    `CREATE TABLE x(${declared.join(', ')})`,
    rowReader(module, rows, columns),
    parameters.length,
    flag(given, 'safeIntegers', defaultSafeIntegers, wrong),
    flag(given, 'directOnly', false, wrong),
  ];
}

function names(given, property, wrong) {
  if (!Array.isArray(given) || !given.every((one) => typeof one === 'string')) {
    throw wrong(`with an invalid "${property}" property (should be an array of strings)`);
  }
  return [...given];
}

function flag(given, name, otherwise, wrong) {
  if (!Object.hasOwn(given, name)) return otherwise;
  if (typeof given[name] !== 'boolean') throw wrong(`with an invalid "${name}" property (should be a boolean)`);
  return given[name];
}

const quoted = (name) => `"${name.replaceAll('"', '""')}"`;

/** The generator of the table, whose rows are arrays of the parameters and the columns. */
function rowReader(module, rows, columns) {
  const wrong = (what) => new TypeError(`Virtual table module "${module}" yielded ${what}`);
  return function* (...parameters) {
    // The generator may write into a buffer that it was given; the hidden columns keep what they were.
    const kept = parameters.map((one) => (Buffer.isBuffer(one) ? Buffer.from(one) : one));
    for (const row of rows(...parameters)) {
      if (typeof row !== 'object' || row === null) throw wrong("something that isn't a valid row object");
      yield [...kept, ...(Array.isArray(row) ? checkedArray(row) : valuesOf(row))];
    }
  };

  function checkedArray(row) {
    if (row.length !== columns.length) throw wrong('a row with an incorrect number of columns');
    return row;
  }

  function valuesOf(row) {
    for (const key of Object.keys(row)) {
      if (!columns.includes(key)) throw wrong(`a row with an undeclared column "${key}"`);
    }
    return columns.map((name) => {
      if (!Object.hasOwn(row, name)) throw wrong('a row with missing columns');
      return row[name];
    });
  }
}

module.exports = tableFactory;
