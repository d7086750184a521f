"""A schema as applications have it, for comparing plans and times: people, posts, orders, and what joins them.

The tables and their columns are always the same, so that the queries (orm_queries.py, access_queries.py) can be written
as applications write them. What varies is what a planner has choices for: which indexes there are, whether tables are
WITHOUT ROWID, how many rows they have, how skewed the values are, and whether there are statistics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

# Table -> its rows as a share of the largest table's, columns, and what makes them of i, the number of the row. {n}
# stands for the rows of a table, {skew} for an expression that is small most of the time.
TABLES = {
    "categories": (0.002, "id INTEGER PRIMARY KEY, parent_id INTEGER, name TEXT", "i, nullif(i / 4, 0), 'c' || i"),
    "tags": (0.005, "id INTEGER PRIMARY KEY, name TEXT UNIQUE, weight INTEGER", "i, 'tag' || i, i * 7919 % 13"),
    "users": (
        0.1,
        "id INTEGER PRIMARY KEY, email TEXT, name TEXT, country INTEGER, manager_id INTEGER, created TEXT,"
        " deleted_at TEXT, active INTEGER NOT NULL DEFAULT 1, mail TEXT AS (lower(email)) {stored}",
        "i, 'User' || i || '@Host' || (i % 17), 'name' || (i * 31 % 977), {skew} % 40, nullif(i / 7, 0),"
        " date('2020-01-01', (i * 7919 % 1500) || ' days'), CASE WHEN i % 11 = 0 THEN '2024-05-05' END, i % 13 > 0",
    ),
    "products": (
        0.05,
        "id INTEGER PRIMARY KEY, sku TEXT UNIQUE, name TEXT, category_id INTEGER, price REAL,"
        " cents INTEGER AS (CAST(price * 100 AS INTEGER)) {stored}",
        "i, printf('SKU-%06d', i), 'product ' || (i * 13 % 499), i * 31 % {categories} + 1, i * 7919 % 9973 / 100.0",
    ),
    "posts": (
        0.4,
        "id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users, category_id INTEGER, title TEXT, body TEXT,"
        " score INTEGER, published INTEGER, created TEXT, deleted_at TEXT",
        "i, {skew} % {users} + 1, i * 31 % {categories} + 1, 'title ' || (i * 7919 % 5003), 'text of ' || i,"
        " i * 104729 % 1009, i % 3 > 0, date('2021-01-01', (i * 31 % 1200) || ' days'),"
        " CASE WHEN i % 9 = 0 THEN '2024-01-01' END",
    ),
    "comments": (
        1.0,
        "id INTEGER PRIMARY KEY, post_id INTEGER NOT NULL REFERENCES posts, user_id INTEGER, body TEXT, likes INTEGER,"
        " created TEXT",
        "i, {skew} % {posts} + 1, i * 7907 % {users} + 1, 'comment ' || i, i * 31 % 57,"
        " date('2021-01-01', (i * 17 % 1300) || ' days')",
    ),
    "orders": (
        0.3,
        "id INTEGER PRIMARY KEY, user_id INTEGER, status TEXT, total REAL, created TEXT",
        "i, i * 7907 % {users} + 1, CASE WHEN i % 50 = 0 THEN 'open' WHEN i % 20 = 1 THEN 'failed' ELSE 'done' END,"
        " i * 7919 % 10007 / 10.0, date('2022-01-01', (i * 13 % 900) || ' days')",
    ),
    "items": (
        0.8,
        "id INTEGER PRIMARY KEY, order_id INTEGER, product_id INTEGER, quantity INTEGER, price REAL",
        "i, i * 104729 % {orders} + 1, {skew} % {products} + 1, i % 5 + 1, i * 31 % 997 / 10.0",
    ),
    "notes": (
        0.3,
        "id INTEGER PRIMARY KEY, owner_type TEXT, owner_id INTEGER, text TEXT",
        "i, CASE i % 3 WHEN 0 THEN 'User' WHEN 1 THEN 'Post' ELSE 'Order' END, i * 7919 % {users} + 1, 'note ' || i",
    ),
}

# A link between posts and tags has the key that its place says, one of two forms.
LINKS = (
    "CREATE TABLE post_tags(post_id INTEGER, tag_id INTEGER, PRIMARY KEY (post_id, tag_id)) WITHOUT ROWID",
    "CREATE TABLE post_tags(post_id INTEGER, tag_id INTEGER, PRIMARY KEY (post_id, tag_id))",
    "CREATE TABLE post_tags(id INTEGER PRIMARY KEY, post_id INTEGER, tag_id INTEGER)",
)

# What an application may have indexed.
INDEXES = (
    "users(email)",
    "users(country)",
    "users(country, created)",
    "users(lower(email))",
    "users(mail)",
    "users(manager_id)",
    "users(created) WHERE deleted_at IS NULL",
    "users(name COLLATE NOCASE)",
    "products(category_id)",
    "products(name)",
    "products(cents)",
    "products(category_id, price)",
    "posts(user_id)",
    "posts(user_id, created DESC)",
    "posts(category_id, published, score)",
    "posts(created)",
    "posts(title)",
    "posts(user_id) WHERE deleted_at IS NULL",
    "posts(score) WHERE published = 1",
    "posts(published, created)",
    "comments(post_id)",
    "comments(post_id, created)",
    "comments(user_id)",
    "comments(user_id, post_id)",
    "comments(likes)",
    "orders(user_id)",
    "orders(status)",
    "orders(status, created)",
    "orders(user_id, status, created)",
    "orders(created, total)",
    "orders(substr(created, 1, 4))",
    "items(order_id)",
    "items(product_id)",
    "items(order_id, product_id)",
    "items(product_id, quantity)",
    "notes(owner_type, owner_id)",
    "notes(owner_id)",
    "notes(owner_id) WHERE owner_type = 'User'",
    "post_tags(tag_id)",
    "post_tags(tag_id, post_id)",
    "categories(parent_id)",
)

VIEWS = (
    "CREATE VIEW live_posts AS SELECT * FROM posts WHERE deleted_at IS NULL AND published = 1",
    "CREATE VIEW user_totals AS SELECT user_id, count(*) AS orders, sum(total) AS spent FROM orders GROUP BY user_id",
    "CREATE VIEW post_counts AS SELECT p.id AS id, p.title AS title, p.user_id AS user_id, count(c.id) AS comments"
    " FROM posts p LEFT JOIN comments c ON c.post_id = p.id GROUP BY p.id",
    "CREATE VIEW activity AS SELECT user_id, created, 'post' AS kind, id FROM posts UNION ALL"
    " SELECT user_id, created, 'comment', id FROM comments UNION ALL SELECT user_id, created, 'order', id FROM orders",
    "CREATE VIEW rich_users AS SELECT u.*, t.spent FROM users u JOIN user_totals t ON t.user_id = u.id"
    " WHERE t.spent > 1000",
)


def shop_schema(rng: random.Random, rows: int) -> list[str]:
    """The statements that make a shop whose largest table has so many rows."""
    counts = {name: max(int(share * rows), 5) for name, (share, _, _) in TABLES.items()}
    skew = rng.choice(["i * 7919", "i * 7919", "(i * 7919 % 97) * (i * 104729 % 89) * (i % 7)", "i / 3"])
    stored = rng.choice(["STORED", "VIRTUAL"])
    found = []
    for name, (_, columns, values) in TABLES.items():
        found.append(f"CREATE TABLE {name}({columns.replace('{stored}', stored)})")
        made = values.replace("{skew}", skew)
        for other, count in counts.items():
            made = made.replace(f"{{{other}}}", str(count))
        numbers = f"WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {counts[name]})"
        if name in ("users", "products"):
            places = ", ".join(part.split()[0] for part in columns.split(", ") if " AS (" not in part)
            found.append(f"INSERT INTO {name}({places}) {numbers} SELECT {made} FROM n")
        else:
            found.append(f"INSERT INTO {name} {numbers} SELECT {made} FROM n")
    found.append(rng.choice(LINKS))
    found.append(
        f"INSERT OR IGNORE INTO post_tags(post_id, tag_id) SELECT id, (id * 7919 + k) % {counts['tags']} + 1"
        " FROM posts, (SELECT 0 AS k UNION ALL SELECT 1) WHERE id % 3 > 0 OR k = 0"
    )
    share = rng.choice([0.0, 0.2, 0.4, 0.7])
    for number, index in enumerate(INDEXES):
        if rng.random() < share:
            found.append(f"CREATE INDEX shop_{number} ON {index}")
    found += VIEWS
    if rng.random() < 0.5:
        found.append("ANALYZE")
    return found
