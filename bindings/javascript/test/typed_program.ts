// Not run: the TypeScript compiler checks that the types allow what a program does.
import Database = require('..');
const database = new Database(':memory:', { timeout: 100 });
const row: { a: number } | undefined = database.prepare<[number], { a: number }>('SELECT ? AS a').get(1);
const add = database.transaction((count: number): string => String(count));
const text: string = add.immediate(2);
database.function('twice', { deterministic: true }, (x: number) => x * 2);
for (const value of database.prepare('SELECT 1').pluck().iterate()) console.log(value, row, text);
database.table('range', {
  columns: ['value'],
  *rows(first: number, last: number) {
    for (let value = first; value <= last; value++) yield [value];
  },
});
database.table('letters', function (letters: string) {
  console.log(this.table);
  return { columns: ['letter'], rows: () => letters[Symbol.iterator]() as unknown as Generator<string[]> };
});
database.backup('copy.db', { progress: ({ remainingPages }) => Math.min(remainingPages, 10) }).then((told) => told.totalPages);
