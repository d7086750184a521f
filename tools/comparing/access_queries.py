"""Queries over the tables of shop_schema.py for the ways a planner reaches rows: one function a way.

Stars and chains of five to nine tables, indexes of expressions and of a part of the rows, INDEXED BY, ORs, lists with
indexes of several columns, ORDER BY with LIMIT, indexes whose first column is skipped, LIKE and GLOB, extremes,
generated columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

# Links from one table to the next, for chains: (table, its column, the next table, its column).
LINKS = (
    ("comments", "post_id", "posts", "id"),
    ("comments", "user_id", "users", "id"),
    ("posts", "user_id", "users", "id"),
    ("posts", "category_id", "categories", "id"),
    ("orders", "user_id", "users", "id"),
    ("items", "order_id", "orders", "id"),
    ("items", "product_id", "products", "id"),
    ("products", "category_id", "categories", "id"),
    ("post_tags", "post_id", "posts", "id"),
    ("post_tags", "tag_id", "tags", "id"),
    ("users", "manager_id", "users", "id"),
    ("categories", "parent_id", "categories", "id"),
    ("notes", "owner_id", "users", "id"),
)

FILTERS = {
    "comments": ["likes = 7", "likes > 50", "created > '2024-01-01'", "id < 500", "user_id = 12"],
    "posts": [
        "published = 1",
        "score > 950",
        "deleted_at IS NULL",
        "title LIKE 'title 1%'",
        "category_id IN (1, 3, 5)",
    ],
    "users": ["country = 3", "active = 0", "email = 'User77@Host9'", "deleted_at IS NOT NULL", "name = 'name5'"],
    "orders": ["status = 'open'", "status <> 'done'", "total > 900", "created BETWEEN '2023-01-01' AND '2023-03-01'"],
    "items": ["quantity = 3", "price < 10", "product_id = 9"],
    "products": ["price > 90", "sku = 'SKU-000012'", "name LIKE 'product 1%'", "cents < 500"],
    "categories": ["name = 'c3'", "parent_id IS NULL", "id < 5"],
    "tags": ["name = 'tag7'", "weight = 3", "name GLOB 'tag1*'"],
    "post_tags": ["tag_id = 5", "post_id < 300"],
    "notes": ["owner_type = 'User'", "id > 100"],
}


def _joined(rng: random.Random, count: int, is_star: bool) -> str:
    """A join of so many tables: each new one is linked to the first (star), or to the last (chain)."""
    tables = [rng.choice(("comments", "items", "posts", "orders"))]
    text = f"{tables[0]} AS x0"
    for number in range(1, count):
        places = [0] if is_star and rng.random() < 0.6 else [len(tables) - 1]
        options = [
            (place, link if link[0] == tables[place] else (link[2], link[3], link[0], link[1]))
            for place in [*places, *range(len(tables))]
            for link in LINKS
            # Towards the one row that is meant, and seldom towards the many that mean it.
            if link[0] == tables[place] or (link[2] == tables[place] and rng.random() < 0.08)
        ]
        place, link = options[0] if rng.random() < 0.3 else rng.choice(options)
        tables.append(link[2])
        join = rng.choice(["JOIN", "JOIN", "JOIN", "LEFT JOIN"])
        text += f" {join} {link[2]} AS x{number} ON x{number}.{link[3]} = x{place}.{link[1]}"
    tests = [f"x{number}.{rng.choice(FILTERS[table])}" for number, table in enumerate(tables) if rng.random() < 0.4]
    where = f" WHERE {' AND '.join(tests)}" if tests else ""
    last = len(tables) - 1
    result, tail = rng.choice(
        [
            ("count(*)", ""),
            (f"x0.rowid, x{last}.*" if tables[0] != "post_tags" else f"x{last}.*", ""),
            (f"x{last}.{LAST_COLUMN[tables[last]]}, count(*)", " GROUP BY 1"),
            ("x0.*", " ORDER BY x0.id LIMIT 20"),
            (f"DISTINCT x{last}.{LAST_COLUMN[tables[last]]}", ""),
        ]
    )
    return f"SELECT {result} FROM {text}{where}{tail}"


LAST_COLUMN = {
    "comments": "likes",
    "posts": "category_id",
    "users": "country",
    "orders": "status",
    "items": "quantity",
    "products": "category_id",
    "categories": "name",
    "tags": "name",
    "post_tags": "tag_id",
    "notes": "owner_type",
}


def star(rng: random.Random) -> str:
    """Many tables around one."""
    return _joined(rng, rng.randint(4, 8), is_star=True)


def chain(rng: random.Random) -> str:
    """Many tables one after the other."""
    return _joined(rng, rng.randint(3, 7), is_star=False)


def expressions(rng: random.Random) -> str:
    """What indexes of expressions, of a part of the rows and of generated columns serve."""
    return rng.choice(
        [
            f"SELECT id FROM users WHERE lower(email) = 'user{rng.randint(1, 900)}@host5'",
            f"SELECT id, mail FROM users WHERE mail > 'user5' AND mail < 'user6{rng.randint(0, 9)}'",
            "SELECT mail, count(*) FROM users GROUP BY mail ORDER BY 2 DESC LIMIT 5",
            "SELECT lower(email) FROM users ORDER BY lower(email) LIMIT 30",
            f"SELECT count(*) FROM orders WHERE substr(created, 1, 4) = '202{rng.randint(2, 4)}'",
            "SELECT substr(created, 1, 4), sum(total) FROM orders GROUP BY substr(created, 1, 4)",
            f"SELECT id FROM products WHERE cents BETWEEN 100 AND {rng.randint(200, 9000)} ORDER BY cents",
            "SELECT user_id, count(*) FROM posts WHERE deleted_at IS NULL GROUP BY user_id ORDER BY 2 DESC LIMIT 9",
            f"SELECT id FROM posts WHERE published = 1 AND score > {rng.randint(1, 1000)}",
            f"SELECT id FROM notes WHERE owner_type = 'User' AND owner_id BETWEEN 5 AND {rng.randint(6, 90)}",
            "SELECT a.id FROM users a JOIN users b ON lower(a.email) = b.mail WHERE b.country = 4",
            f"SELECT name FROM users WHERE name = 'NAME{rng.randint(1, 900)}' COLLATE NOCASE",
            "SELECT cents % 7, count(*) FROM products GROUP BY 1",
        ]
    )


def branches(rng: random.Random) -> str:
    """ORs over one table and several."""
    return rng.choice(
        [
            f"SELECT id FROM comments WHERE post_id = {rng.randint(1, 90)} OR user_id = {rng.randint(1, 90)}",
            f"SELECT count(*) FROM posts WHERE score > {rng.randint(500, 1008)} OR created < '2021-02-01' OR user_id"
            " = 5",
            "SELECT count(*) FROM orders WHERE (status = 'open' AND total > 500) OR (status = 'failed' AND total <"
            " 100)",
            f"SELECT id FROM users WHERE email = 'User5@Host5' OR name = 'name{rng.randint(1, 400)}' ORDER BY id",
            "SELECT u.id, o.id FROM users u JOIN orders o ON o.user_id = u.id OR o.user_id = u.manager_id WHERE u.id"
            " < 40",
            f"SELECT count(*) FROM items WHERE (order_id, product_id) = (5, 6) OR product_id = {rng.randint(1, 99)}",
            "SELECT p.id FROM posts p JOIN users u ON u.id = p.user_id WHERE u.country = 3 OR p.score = 77",
            f"SELECT id FROM notes WHERE owner_id = {rng.randint(1, 300)} AND (owner_type = 'User' OR owner_type ="
            " 'Post')",
            f"SELECT count(*) FROM comments WHERE likes = 3 OR likes = 5 OR likes = {rng.randint(6, 50)}",
        ]
    )


def lists(rng: random.Random) -> str:
    """IN lists with indexes of several columns, ranges behind them."""
    few = ", ".join(str(rng.randint(1, 400)) for _ in range(rng.choice([2, 5, 30])))
    return rng.choice(
        [
            f"SELECT id FROM orders WHERE user_id IN ({few}) AND status IN ('open', 'failed')",
            f"SELECT id FROM orders WHERE status IN ('open', 'failed') AND created > '2023-0{rng.randint(1, 9)}-01'",
            f"SELECT id FROM posts WHERE category_id IN ({few}) AND published = 1 AND score > 900",
            f"SELECT count(*) FROM items WHERE order_id IN ({few}) AND product_id IN ({few})",
            f"SELECT * FROM comments WHERE user_id IN ({few}) ORDER BY user_id, post_id LIMIT 20",
            f"SELECT count(*) FROM comments WHERE post_id IN ({few}) AND likes IN (1, 2, 3)",
            f"SELECT * FROM products WHERE id IN ({few}) ORDER BY price",
            f"SELECT count(*) FROM posts WHERE user_id NOT IN ({few})",
            f"SELECT id FROM comments WHERE user_id IN ({few}) AND created > '2023-01-01' ORDER BY created DESC LIMIT"
            " 10",
            f"SELECT id FROM posts WHERE (user_id, category_id) IN (VALUES (1, 2), (3, 4), ({rng.randint(1, 90)}, 6))",
        ]
    )


def ordered_pages(rng: random.Random) -> str:
    """ORDER BY with LIMIT, which an index may serve in part."""
    limit = rng.choice([1, 5, 50, 2000])
    return rng.choice(
        [
            f"SELECT id FROM posts ORDER BY score DESC LIMIT {limit}",
            f"SELECT * FROM posts WHERE published = 1 ORDER BY created, score LIMIT {limit}",
            f"SELECT id, total FROM orders WHERE status = 'done' ORDER BY created LIMIT {limit}",
            f"SELECT user_id, created FROM posts ORDER BY user_id, title LIMIT {limit}",
            f"SELECT * FROM comments ORDER BY likes DESC, id LIMIT {limit}",
            f"SELECT c.id FROM comments c JOIN posts p ON p.id = c.post_id ORDER BY c.created DESC LIMIT {limit}",
            "SELECT c.id FROM comments c JOIN users u ON u.id = c.user_id WHERE u.country = 9 ORDER BY c.id LIMIT"
            f" {limit}",
            f"SELECT DISTINCT user_id FROM orders ORDER BY user_id LIMIT {limit}",
            f"SELECT status, created FROM orders ORDER BY status, created DESC LIMIT {limit}",
            f"SELECT product_id, sum(quantity) FROM items GROUP BY product_id ORDER BY 1 LIMIT {limit}",
            f"SELECT id FROM orders UNION ALL SELECT id FROM posts ORDER BY id LIMIT {limit}",
        ]
    )


def patterns(rng: random.Random) -> str:
    """LIKE and GLOB, extremes, indexes whose first column is skipped."""
    return rng.choice(
        [
            f"SELECT id FROM posts WHERE title LIKE 'title {rng.randint(1, 50)}%'",
            f"SELECT id FROM posts WHERE title GLOB 'title {rng.randint(1, 50)}*'",
            f"SELECT count(*) FROM users WHERE email LIKE '%host{rng.randint(1, 16)}'",
            f"SELECT sku FROM products WHERE sku GLOB 'SKU-0000{rng.randint(1, 9)}*'",
            "SELECT count(*) FROM comments WHERE body LIKE '%77%'",
            "SELECT min(score), max(score) FROM posts",
            "SELECT max(score) FROM posts WHERE published = 1",
            f"SELECT min(created) FROM orders WHERE user_id = {rng.randint(1, 90)}",
            "SELECT max(total) FROM orders WHERE status = 'open'",
            f"SELECT count(*) FROM orders WHERE created = '2023-0{rng.randint(1, 9)}-11'",
            f"SELECT id FROM posts WHERE published IN (0, 1) AND created = '2022-0{rng.randint(1, 9)}-07'",
            f"SELECT count(*) FROM items WHERE quantity = {rng.randint(1, 5)}",
            "SELECT id, max(score) FROM posts GROUP BY category_id",
            "SELECT u.name FROM users u WHERE u.created = (SELECT min(created) FROM users WHERE deleted_at IS NULL)",
        ]
    )


ACCESS_KINDS: dict[str, Callable[[random.Random], str]] = {
    "star": star,
    "chain": chain,
    "expressions": expressions,
    "or_branches": branches,
    "lists": lists,
    "ordered_pages": ordered_pages,
    "patterns": patterns,
}
