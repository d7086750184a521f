// Not run: the TypeScript compiler checks that the types allow what a program does.
import Database = require('..');
const database = new Database(':memory:', { timeout: 100 });
const row: { a: number } | undefined = database.prepare<[number], { a: number }>('SELECT ? AS a').get(1);
const add = database.transaction((count: number): string => String(count));
const text: string = add.immediate(2);
database.function('twice', { deterministic: true }, (x: number) => x * 2);
for (const value of database.prepare('SELECT 1').pluck().iterate()) console.log(value, row, text);
