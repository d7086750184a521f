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
