'use strict';
// Database.transaction: a function that runs its work in a transaction, or in a savepoint when there is one already.

const controllers = new WeakMap();

/** transaction(work) -> a function with the variants .default, .deferred, .immediate and .exclusive. */
function makeTransaction(database, work) {
  if (typeof work !== 'function') throw new TypeError('Expected first argument to be a function');
  const variants = {};
  for (const [name, begin] of [
    ['default', 'BEGIN'],
    ['deferred', 'BEGIN DEFERRED'],
    ['immediate', 'BEGIN IMMEDIATE'],
    ['exclusive', 'BEGIN EXCLUSIVE'],
  ]) {
    variants[name] = function sqliteTransaction(...parameters) {
      return runInside(database, begin, () => work.apply(this, parameters));
    };
  }
  for (const variant of Object.values(variants)) {
    for (const [name, other] of Object.entries(variants)) Object.defineProperty(variant, name, { value: other });
    Object.defineProperty(variant, 'database', { value: database, enumerable: true });
  }
  return variants.default;
}

function statements(database) {
  if (!controllers.has(database)) controllers.set(database, new Map());
  return controllers.get(database);
}

function execute(database, sql) {
  const known = statements(database);
  if (!known.has(sql)) known.set(sql, database.prepare(sql));
  known.get(sql).run();
}

function runInside(database, begin, work) {
  const isNested = database.inTransaction;
  const [before, after, undo] = isNested
    ? ['SAVEPOINT keelback_nested', 'RELEASE keelback_nested', 'ROLLBACK TO keelback_nested']
    : [begin, 'COMMIT', 'ROLLBACK'];
  execute(database, before);
  try {
    const result = work();
    if (result && typeof result.then === 'function') {
      throw new TypeError('Transaction function cannot return a promise');
    }
    execute(database, after);
    return result;
  } catch (error) {
    if (database.open && database.inTransaction) {
      execute(database, undo);
      if (isNested) execute(database, after);
    }
    throw error;
  }
}

module.exports = makeTransaction;
