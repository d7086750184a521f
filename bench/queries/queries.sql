-- 1
SELECT d.name, count(*), sum(amount) FROM sale, day d, shop, item WHERE sale.day = d.id AND sale.shop = shop.id
  AND sale.item = item.id AND shop.region = 3 AND item.kind = 'k5' GROUP BY d.name ORDER BY 2 DESC, 1 LIMIT 10;
-- 2
SELECT count(*) FROM item a JOIN item b ON a.code = b.code AND a.id < b.id;
-- 3
SELECT shop.id, (SELECT max(amount) FROM sale WHERE sale.shop = shop.id AND sale.item < 50) FROM shop WHERE shop.id <= 200;
-- 4
SELECT max(r) FROM (SELECT row_number() OVER (PARTITION BY shop ORDER BY amount DESC) AS r FROM sale);
-- 5
SELECT sum(moving) FROM (SELECT avg(amount) OVER (ORDER BY id ROWS 10 PRECEDING) AS moving FROM sale);
-- 6
SELECT count(*) FROM (SELECT DISTINCT shop, item FROM sale);
-- 7
SELECT count(*) FROM (SELECT item FROM sale WHERE amount > 90 UNION SELECT id FROM item WHERE kind = 'k1');
-- 8
SELECT note, count(*), min(amount), max(amount) FROM sale GROUP BY note ORDER BY note;
-- 9
SELECT substr(note, 1, 2), amount > 50, count(*) FROM sale GROUP BY 1, 2 ORDER BY 1, 2;
-- 10
SELECT min(shop), max(shop), count(shop) FROM sale INDEXED BY sale_shop;
-- 11
SELECT count(*) FROM sale WHERE note LIKE '%7w%';
-- 12
SELECT sum(length(upper(substr(note, 2, 4)))) FROM sale;
-- 13
WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT sum(i) FROM n;
-- 14
SELECT sum(json_extract(doc, '$.size')) FROM item;
-- 15
SELECT shop, count(DISTINCT item) FROM sale GROUP BY shop ORDER BY 2 DESC, 1 LIMIT 5;
-- 16
SELECT count(*) FROM item WHERE NOT EXISTS (SELECT * FROM sale WHERE sale.item = item.id AND amount > 99);
-- 17
SELECT count(*), sum(amount) FROM item LEFT JOIN sale ON sale.item = item.id AND sale.amount > 99.5;
-- 18
SELECT id, amount FROM sale ORDER BY amount DESC, id LIMIT 20;
-- 19
SELECT count(*) FROM sale WHERE item IN (SELECT id FROM item WHERE kind IN ('k1', 'k2')) AND shop NOT IN (1, 2, 3, 4, 5);
-- 20
SELECT shop, group_concat(item) FROM (SELECT DISTINCT shop, item FROM sale WHERE item < 5) GROUP BY shop HAVING count(*) > 1;
-- 21
SELECT count(*) FROM shop s WHERE EXISTS (SELECT 1 FROM sale WHERE sale.shop = s.id AND amount > 99);
-- 22
SELECT count(*), sum(amount) FROM sale WHERE id IN (17, 170, 1700, 17000, 3, 30, 300, 3000, 9, 90, 900, 9000) OR shop IN (5, 6);
-- 23
SELECT count(*) FROM sale WHERE note LIKE 'n12%';
-- 24
SELECT count(*) FROM label WHERE name LIKE 'n12%';
-- 25
SELECT strftime('%Y-%m', moment) AS month, count(*), sum(cost) FROM visit GROUP BY month ORDER BY month;
-- 26
SELECT count(*) FROM visit WHERE date(moment) = '2024-03-05';
-- 27
SELECT count(*) FROM visit WHERE julianday(moment) - julianday('2024-01-01') > 100;
-- 28
SELECT sum(length(printf('%05d-%s-%.2f', id, note, amount))) FROM sale WHERE id <= 50000;
-- 29
SELECT sum(length('<' || id || ':' || note || '>')) FROM sale;
-- 30
SELECT length(group_concat(note, ', ')) FROM sale;
-- 31
SELECT shop, length(group_concat(DISTINCT day)) FROM sale GROUP BY shop;
-- 32
SELECT count(DISTINCT item), count(DISTINCT note) FROM sale;
-- 33
SELECT count(*) FROM item LEFT JOIN sale ON sale.item = item.id AND sale.amount > 99 WHERE sale.id IS NULL;
-- 34
SELECT id, amount FROM sale WHERE (shop, id) > (150, 1000) ORDER BY shop, id LIMIT 50;
-- 35
SELECT id, shop, note FROM sale WHERE id > 100000 ORDER BY id LIMIT 1000;
-- 36
SELECT count(*) FROM (SELECT id, lag(amount) OVER (PARTITION BY shop ORDER BY id) AS before, amount FROM sale) WHERE amount > before;
-- 37
SELECT max(place) FROM (SELECT rank() OVER (ORDER BY cost DESC) AS place FROM visit);
-- 38
SELECT id, total FROM (SELECT id, sum(amount) OVER (PARTITION BY shop ORDER BY id) AS total FROM sale) WHERE id % 1000 = 0;
-- 39
WITH big AS (SELECT shop, sum(amount) AS total FROM sale GROUP BY shop), best AS (SELECT shop FROM big WHERE total > (SELECT avg(total) FROM big))
  SELECT shop.town, count(*) FROM best JOIN shop ON shop.id = best.shop GROUP BY shop.town ORDER BY 2 DESC, 1;
-- 40
SELECT count(*), sum(value) FROM item, json_each(item.doc, '$.tags') WHERE type = 'integer';
-- 41
SELECT doc ->> '$.size' AS size, count(*) FROM item GROUP BY size ORDER BY 2 DESC, 1 LIMIT 10;
-- 42
UPDATE sale SET amount = amount + shop.region FROM shop WHERE shop.id = sale.shop AND shop.region < 3;
-- 43
INSERT INTO label SELECT note, count(*) FROM sale GROUP BY note ON CONFLICT(name) DO UPDATE SET seen = seen + excluded.seen;
-- 44
INSERT INTO label SELECT note, 1 FROM sale WHERE id <= 50000 ON CONFLICT(name) DO UPDATE SET seen = seen + 1;
-- 45
UPDATE visit SET cost = cost + 1 WHERE id <= 20000;
-- 46
DELETE FROM person WHERE id % 10 = 3;
-- 47
SELECT count(*), sum(owed) FROM wealthy WHERE town = 't7';
-- 48
SELECT CASE WHEN amount < 10 THEN 'low' WHEN amount < 50 THEN 'middle' ELSE 'high' END AS class, count(*), avg(amount) FROM sale GROUP BY class;
-- 49
SELECT note FROM sale WHERE amount BETWEEN 10 AND 11 ORDER BY note, id;
-- 50
SELECT sale.id, shop.town, day.name FROM sale JOIN shop ON shop.id = sale.shop JOIN day ON day.id = sale.day ORDER BY sale.id DESC LIMIT 5000;
-- 51
SELECT shop, max(amount), note FROM sale GROUP BY shop;
-- 52
SELECT id, (SELECT count(*) FROM person p WHERE p.town = person.town AND p.id < person.id) FROM person WHERE id <= 300;
-- 53
WITH RECURSIVE boss(id, depth) AS (SELECT 1, 0 UNION ALL SELECT person.id, depth + 1 FROM person JOIN boss ON person.chief = boss.id) SELECT max(depth), count(*) FROM boss;
-- 54
SELECT count(*) FROM (SELECT shop, day FROM sale WHERE amount > 50 EXCEPT SELECT shop, day FROM sale WHERE amount < 20);
-- 55
SELECT count(*) FROM (SELECT shop, day FROM sale WHERE amount > 90 INTERSECT SELECT shop, day FROM sale WHERE amount < 10);
-- 56
SELECT count(*) FROM sale WHERE shop = 7 OR shop = 9 OR shop = 200;
-- 57
SELECT sum(amount) FROM sale WHERE shop BETWEEN 20 AND 60;
-- 58
SELECT id, amount FROM sale ORDER BY shop DESC, id DESC LIMIT 20000;
-- 59
SELECT shop, count(*), sum(amount) FROM sale GROUP BY shop;
-- 60
SELECT sum(coalesce(nullif(amount, 0), 1) * ifnull(shop, 0) + iif(day > 100, 1, 0) + abs(item) + round(amount, 1)) FROM sale;
-- 61
SELECT count(*) FROM sale WHERE upper(note) = 'N12WORD' OR replace(note, 'word', '') = 'n7' OR instr(note, '99') > 0;
-- 62
SELECT count(*) FROM sale WHERE note GLOB 'n1*d' AND trim(note) <> '';
-- 63
INSERT INTO person SELECT id + 1000000, chief, name, town FROM person WHERE id > 1;
-- 64
INSERT INTO visit SELECT id + 10000000, person, moment, cost FROM visit;
-- 65
SELECT person.name, count(visit.id), coalesce(sum(visit.cost), 0) FROM person LEFT JOIN visit ON visit.person = person.id GROUP BY person.id ORDER BY 3 DESC LIMIT 10;
-- 66
SELECT json_group_array(json_object('id', id, 'name', name)) FROM person WHERE id <= 5000;
-- 67
SELECT count(*) FROM item WHERE json_extract(doc, '$.tags[0]') > 5000 AND json_array_length(doc, '$.tags') = 2;
-- 68
SELECT hex(note), quote(note), typeof(amount), cast(amount AS TEXT), cast(note AS INTEGER) FROM sale WHERE id <= 30000;
-- 69
DELETE FROM sale WHERE shop IN (SELECT id FROM shop WHERE region = 2);
-- 70
SELECT id FROM visit ORDER BY moment DESC LIMIT 10 OFFSET 20000;
-- 101
SELECT strftime('%Y', moment), count(*), max(time(moment)) FROM visit GROUP BY 1;
-- 102
SELECT count(*) FROM visit WHERE moment >= datetime('2024-06-01', '-1 month', 'start of day') AND unixepoch(moment) % 2 = 0;
-- 103
SELECT sum(cast(strftime('%j', moment, '+1 day') AS INTEGER)), count(DISTINCT date(moment, 'start of month')) FROM visit;
-- 104
SELECT count(*) FROM sale WHERE substr(note, instr(note, 'w')) = 'word' AND rtrim(note, 'dwor') LIKE 'n%1';
-- 105
SELECT sum(length(trim(replace(upper(note), 'WORD', ' ')))) FROM sale;
-- 106
SELECT count(*) FROM sale WHERE note LIKE 'n1%d' OR note LIKE '%9_ord' ESCAPE '!';
-- 107
SELECT count(*) FROM sale WHERE note GLOB '*[0-4]word' AND note NOT GLOB 'n9*';
-- 108
SELECT sum(CASE shop % 4 WHEN 0 THEN amount WHEN 1 THEN -amount WHEN 2 THEN shop ELSE 0 END), sum(CASE typeof(amount) WHEN 'real' THEN 1 ELSE 0 END) FROM sale;
-- 109
SELECT sum(max(shop, item, day)), sum(min(amount, 50.0)), sum(abs(amount - 50)), sum(sign(amount - 10)) FROM sale;
-- 110
SELECT count(*), min(length(hex(randomblob(8)))), sum(abs(random() % 10) < 10) FROM sale WHERE id <= 100000;
-- 111
SELECT sum(length(json_set(doc, '$.size', id, '$.more', kind))) FROM item;
-- 112
SELECT sum(length(json_patch(doc, '{"size":null,"extra":1}'))), sum(json_valid(doc)) FROM item;
-- 113
SELECT sum(length(json_object('id', id, 'kind', kind, 'code', json_array(code, id / 2.0)))) FROM item;
-- 114
SELECT sum(doc -> '$.tags' ->> 0), count(doc ->> 'size'), count(doc -> 'none') FROM item;
-- 115
SELECT sum(length(amount)), count(DISTINCT cast(amount AS TEXT)) FROM sale WHERE id <= 100000;
-- 116
INSERT OR REPLACE INTO stock(id, code, shelf, price) SELECT id, 'c' || (id + 3), id % 40, amount FROM sale WHERE id % 3 = 0 AND id <= 10000;
-- 117
INSERT OR IGNORE INTO stock(code, shelf, price) SELECT 'c' || (id % 20000), id % 40, amount FROM sale WHERE id <= 40000;
-- 118
UPDATE stock SET price = price + 1, shelf = shelf + 1, code = code || 'x' WHERE id % 2 = 0;
-- 119
DELETE FROM person WHERE id BETWEEN 40 AND 60;
-- 120
INSERT INTO stock(code, shelf, price) SELECT 'n' || id, id % 30, amount FROM sale WHERE id <= 20000;
-- 121
INSERT INTO pair SELECT shop, note || id, amount FROM sale WHERE id <= 50000;
-- 122
INSERT INTO pair SELECT id, 'b', amount FROM sale;
-- 123
INSERT INTO entry(note) SELECT note FROM sale WHERE id <= 20000;
-- 124
INSERT INTO journal SELECT id, shop, item FROM sale WHERE id <= 20000 RETURNING visit, before + after;
-- 125
UPDATE item SET doc = json_set(doc, '$.seen', id % 7) WHERE id % 2 = 0 RETURNING id;
-- 126
SELECT count(*) FROM stock WHERE label LIKE '%/7' AND gross > 50;
-- 127
UPDATE visit SET moment = datetime(moment, '+1 hour') WHERE id % 5 = 0;
-- 128
SELECT sum(length(format('%s: %d of %.1f%%', kind, code, id / 7.0))) FROM item;
-- 129
SELECT sum(round(amount * 1.19, 2)), sum(cast(amount AS INTEGER)), max(-amount) FROM sale;
-- 130
SELECT count(*) FROM item, json_each(doc) WHERE json_each.key = 'size' AND json_each.value < 50;
-- 131
SELECT id, amount, lag(amount) OVER w, lead(amount) OVER w FROM sale WHERE shop < 60 WINDOW w AS (PARTITION BY shop ORDER BY id);
-- 132
SELECT count(*), max(balance) FROM (SELECT sum(cost) OVER (PARTITION BY person ORDER BY moment, id) AS balance FROM visit);
-- 133
SELECT shop, id, amount FROM (SELECT shop, id, amount, row_number() OVER (PARTITION BY shop ORDER BY amount DESC, id) AS place FROM sale) WHERE place <= 3;
-- 134
SELECT quarter, count(*), min(cost), max(cost) FROM (SELECT cost, ntile(4) OVER (ORDER BY cost) AS quarter FROM visit) GROUP BY quarter;
-- 135
SELECT sum(first - last) FROM (SELECT first_value(cost) OVER w AS first, last_value(cost) OVER w AS last FROM visit WINDOW w AS (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING));
-- 136
SELECT note, shop % 10, count(*), sum(amount) FROM sale GROUP BY note, shop % 10;
-- 137
SELECT kind, town, count(*) FROM sale JOIN item ON item.id = sale.item JOIN shop ON shop.id = sale.shop GROUP BY kind, town;
-- 138
SELECT item, count(*) AS n, avg(amount) AS mean FROM sale GROUP BY item HAVING n > 15 AND mean > 50 ORDER BY mean DESC;
-- 139
SELECT region, town, count(*) FROM shop GROUP BY region, town UNION ALL SELECT region, NULL, count(*) FROM shop GROUP BY region UNION ALL SELECT NULL, NULL, count(*) FROM shop;
-- 140
SELECT DISTINCT day, shop FROM sale ORDER BY day, shop LIMIT 1000;
-- 141
SELECT count(*) FROM (SELECT DISTINCT note, shop % 3 FROM sale);
-- 142
SELECT shop.id, (SELECT count(*) FROM sale WHERE sale.shop = shop.id), (SELECT avg(amount) FROM sale WHERE sale.shop = shop.id AND day > 180) FROM shop;
-- 143
SELECT shop, length(group_concat(note, ',' ORDER BY amount DESC)) FROM sale GROUP BY shop;
-- 144
SELECT amount FROM sale ORDER BY amount LIMIT 1 OFFSET (SELECT count(*) / 2 FROM sale);
-- 145
SELECT max(amount) FROM (SELECT amount, percent_rank() OVER (ORDER BY amount) AS share FROM sale) WHERE share <= 0.9;
-- 146
SELECT item FROM sale WHERE shop < 30 EXCEPT SELECT item FROM sale WHERE shop > 150;
-- 147
SELECT note FROM sale WHERE day < 40 INTERSECT SELECT note FROM sale WHERE amount > 99;
-- 148
SELECT moment, cost, avg(cost) OVER (ORDER BY moment ROWS BETWEEN 6 PRECEDING AND CURRENT ROW) FROM visit;
-- 149
SELECT substr(moment, 1, 7) AS month, count(DISTINCT person), sum(cost), sum(sum(cost)) OVER (ORDER BY substr(moment, 1, 7)) FROM visit GROUP BY month;
-- 150
SELECT id, row_number() OVER (ORDER BY id) AS line, sum(amount) OVER (ORDER BY id) AS total FROM sale LIMIT 100;
-- 151
SELECT day, sum(amount) AS turnover, rank() OVER (ORDER BY sum(amount) DESC) AS place FROM sale GROUP BY day ORDER BY place LIMIT 10;
-- 152
SELECT person, count(*), sum(cost) FROM visit GROUP BY person ORDER BY 3 DESC, 1 LIMIT 20;
