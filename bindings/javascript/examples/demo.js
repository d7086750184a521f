'use strict';
// The JavaScript part of `make demo`: it reads the database, joins and groups it, and writes what it found.

const Database = require('..');

const database = new Database(process.argv[2]);
const findings = database
  .prepare(
    `SELECT k.iso, k.name, count(*) AS cities, sum(c.population) AS people, avg(c.latitude) AS latitude
     FROM country AS k JOIN city AS c ON c.country_iso = k.iso
     GROUP BY k.iso ORDER BY people DESC, k.iso`,
  )
  .all();
const insert = database.prepare(
  'INSERT INTO finding(language, country, cities, people, mean_latitude, mark) VALUES (?, ?, ?, ?, ?, ?)',
);
const write = database.transaction((rows) => {
  rows.forEach((row, i) => {
    insert.run('javascript', row.iso, row.cities, row.people, row.latitude, Buffer.from([0, 1, 255]));
    if (i % 20 === 0 || i === rows.length - 1) console.log(`progress ${i + 1} ${rows.length}`);
  });
});
write(findings);
for (const row of findings.slice(0, 3)) {
  console.log(`row ${row.name} | ${row.cities} | ${row.people} | ${row.latitude.toFixed(2)}`);
}
database.close();
console.log(`done ${findings.length}`);
