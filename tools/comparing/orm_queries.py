"""The SQL that object-relational mappers write, over the tables of shop_schema.py.

One function a habit: joined eager loading, subquery loading, pages, `SELECT 1 .. LIMIT 1`, lists of hundreds of keys,
rows that are only marked as deleted, owners of several kinds, counts of subqueries, what views are asked for. The forms
are those of SQLAlchemy, Django, Peewee, ActiveRecord and Prisma.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable


def _keys(rng: random.Random, most: int) -> str:
    start, step = rng.randint(1, 50), rng.randint(1, 9)
    return ", ".join(str(start + step * number) for number in range(rng.choice([1, 3, 20, 100, most])))


def _day(rng: random.Random) -> str:
    return f"'202{rng.randint(1, 4)}-0{rng.randint(1, 9)}-15'"


def joined_loading(rng: random.Random) -> str:
    """Rows and what belongs to them by LEFT OUTER JOINs, as SQLAlchemy's joinedload and Django's select_related."""
    return rng.choice(
        [
            "SELECT users.id AS users_id, users.name AS users_name, posts_1.id AS posts_1_id, posts_1.title AS"
            " posts_1_title FROM users LEFT OUTER JOIN posts AS posts_1 ON users.id = posts_1.user_id"
            f" WHERE users.country = {rng.randint(0, 40)} ORDER BY users.id, posts_1.id",
            "SELECT anon_1.id, anon_1.title, users_1.name, comments_1.body FROM (SELECT posts.id AS id, posts.title AS"
            " title, posts.user_id AS user_id FROM posts WHERE posts.deleted_at IS NULL ORDER BY posts.created DESC"
            f" LIMIT {rng.choice([10, 100])} OFFSET {rng.choice([0, 50])}) AS anon_1 LEFT OUTER JOIN users AS users_1"
            " ON"
            " users_1.id = anon_1.user_id LEFT OUTER JOIN comments AS comments_1 ON comments_1.post_id = anon_1.id",
            "SELECT c.id, c.body, p.title, u.name, g.name FROM comments c INNER JOIN posts p ON (c.post_id = p.id)"
            " INNER JOIN users u ON (p.user_id = u.id) LEFT OUTER JOIN categories g ON (p.category_id = g.id)"
            f" WHERE (u.active = 1 AND c.created >= {_day(rng)}) ORDER BY c.id DESC LIMIT {rng.choice([20, 1000])}",
            "SELECT posts.id, tags_1.name FROM posts LEFT OUTER JOIN (post_tags AS post_tags_1 JOIN tags AS tags_1 ON"
            " tags_1.id = post_tags_1.tag_id) ON posts.id = post_tags_1.post_id"
            f" WHERE posts.category_id = {rng.randint(1, 30)}",
            "SELECT u.id, m.name, mm.name FROM users u LEFT JOIN users m ON m.id = u.manager_id LEFT JOIN users mm ON"
            f" mm.id = m.manager_id WHERE u.deleted_at IS NULL AND u.country IN ({rng.randint(0, 9)}, 3, 7)",
            "SELECT o.id, i.id, p.name, c.name FROM orders o JOIN items i ON i.order_id = o.id JOIN products p ON"
            " p.id ="
            f" i.product_id JOIN categories c ON c.id = p.category_id WHERE o.status = '{rng.choice(['open', 'done'])}'"
            f" AND o.created > {_day(rng)}",
        ]
    )


def subquery_loading(rng: random.Random) -> str:
    """What belongs to the rows of another query: subqueryload, prefetch_related, includes."""
    status = rng.choice(["open", "failed", "done"])
    return rng.choice(
        [
            "SELECT posts.id, posts.title, anon_1.users_id FROM (SELECT users.id AS users_id FROM users WHERE"
            f" users.country = {rng.randint(0, 40)}) AS anon_1 JOIN posts ON anon_1.users_id = posts.user_id",
            f"SELECT * FROM comments WHERE comments.post_id IN ({_keys(rng, 500)})",
            f"SELECT * FROM posts WHERE posts.user_id IN ({_keys(rng, 400)}) AND posts.deleted_at IS NULL ORDER BY"
            " posts.user_id, posts.created DESC",
            "SELECT items.* FROM items WHERE items.order_id IN (SELECT orders.id FROM orders WHERE orders.status ="
            f" '{status}')",
            "SELECT tags.*, post_tags.post_id FROM tags INNER JOIN post_tags ON tags.id = post_tags.tag_id WHERE"
            f" post_tags.post_id IN ({_keys(rng, 300)})",
            "SELECT DISTINCT u.id, u.name FROM users u INNER JOIN orders o ON o.user_id = u.id WHERE o.status ="
            f" '{status}' ORDER BY u.name",
            "SELECT * FROM users WHERE users.id IN (SELECT user_id FROM posts WHERE score > 900) AND users.id NOT IN"
            " (SELECT user_id FROM orders WHERE user_id IS NOT NULL AND status = 'failed')",
        ]
    )


def page(rng: random.Random) -> str:
    """One page of a list, by offset and by key."""
    limit = rng.choice([10, 25, 100])
    return rng.choice(
        [
            f"SELECT * FROM posts WHERE deleted_at IS NULL ORDER BY created DESC, id DESC LIMIT {limit} OFFSET"
            f" {rng.choice([0, 20, 1000])}",
            f"SELECT * FROM comments WHERE post_id = {rng.randint(1, 500)} ORDER BY created LIMIT {limit}",
            f"SELECT * FROM posts WHERE (created, id) < ({_day(rng)}, 5000) ORDER BY created DESC, id DESC LIMIT"
            f" {limit}",
            f"SELECT * FROM posts WHERE user_id = {rng.randint(1, 90)} AND published = 1 ORDER BY score DESC LIMIT"
            f" {limit}",
            f"SELECT o.*, u.email FROM orders o JOIN users u ON u.id = o.user_id ORDER BY o.created DESC LIMIT {limit}",
            f"SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id WHERE u.country = {rng.randint(0, 30)} ORDER"
            " BY"
            f" o.total DESC LIMIT {limit}",
            f"SELECT id, name FROM users WHERE active = 1 ORDER BY name COLLATE NOCASE, id LIMIT {limit} OFFSET 40",
            f"SELECT * FROM activity WHERE user_id = {rng.randint(1, 300)} ORDER BY created DESC LIMIT {limit}",
            f"SELECT * FROM activity ORDER BY created DESC LIMIT {limit}",
            "SELECT p.*, (SELECT count(*) FROM comments c WHERE c.post_id = p.id) AS n FROM posts p WHERE"
            " p.category_id"
            f" = {rng.randint(1, 30)} ORDER BY n DESC LIMIT {limit}",
            f"SELECT id FROM products WHERE category_id = {rng.randint(1, 20)} ORDER BY price LIMIT {limit}",
        ]
    )


def existence(rng: random.Random) -> str:
    """Whether there is one: SELECT 1 .. LIMIT 1, EXISTS as a value and as a condition, anti joins."""
    return rng.choice(
        [
            f"SELECT 1 AS one FROM posts WHERE posts.user_id = {rng.randint(1, 9000)} AND posts.score > 1000 LIMIT 1",
            f"SELECT 1 FROM users WHERE lower(email) = 'user{rng.randint(1, 5000)}@host3' LIMIT 1",
            "SELECT EXISTS (SELECT 1 FROM orders WHERE status = 'lost')",
            f"SELECT u.id FROM users u WHERE EXISTS (SELECT 1 FROM orders o WHERE o.user_id = u.id AND o.total > "
            f"{rng.choice([100, 900, 990])})",
            "SELECT u.id FROM users u WHERE NOT EXISTS (SELECT 1 FROM posts p WHERE p.user_id = u.id)",
            "SELECT u.id FROM users u LEFT OUTER JOIN orders o ON o.user_id = u.id AND o.status = 'failed' WHERE"
            " o.id IS"
            " NULL",
            "SELECT p.id, EXISTS (SELECT 1 FROM post_tags t WHERE t.post_id = p.id AND t.tag_id = 3) AS has FROM"
            " posts p"
            f" WHERE p.category_id < {rng.randint(1, 20)}",
            "SELECT count(*) FROM posts p WHERE EXISTS (SELECT 1 FROM post_tags t JOIN tags g ON g.id = t.tag_id WHERE"
            f" t.post_id = p.id AND g.name = 'tag{rng.randint(1, 40)}')",
            f"SELECT count(*) FROM products p WHERE EXISTS (SELECT 1 FROM items i WHERE i.product_id = p.id AND"
            f" i.quantity = {rng.randint(1, 6)})",
            "SELECT c.id FROM comments c WHERE c.likes > 55 AND EXISTS (SELECT 1 FROM posts p JOIN users u ON u.id ="
            " p.user_id WHERE p.id = c.post_id AND u.active = 0)",
        ]
    )


def counting(rng: random.Random) -> str:
    """Counts of subqueries, annotations, groups of joins."""
    return rng.choice(
        [
            f"SELECT COUNT(*) FROM (SELECT DISTINCT posts.user_id FROM posts WHERE posts.score > {rng.randint(1, 999)})"
            " subquery",
            "SELECT count(*) AS count_1 FROM (SELECT users.id FROM users JOIN orders ON orders.user_id = users.id"
            " WHERE"
            f" orders.total > {rng.randint(1, 999)} GROUP BY users.id) AS anon_1",
            "SELECT u.id, u.name, COUNT(p.id) AS n FROM users u LEFT OUTER JOIN posts p ON (u.id = p.user_id) GROUP BY"
            " u.id, u.name ORDER BY n DESC LIMIT 10",
            "SELECT u.id, COUNT(DISTINCT p.id), COUNT(DISTINCT o.id) FROM users u LEFT OUTER JOIN posts p ON"
            " p.user_id ="
            f" u.id LEFT OUTER JOIN orders o ON o.user_id = u.id WHERE u.country = {rng.randint(0, 40)} GROUP BY u.id",
            "SELECT p.category_id, count(*), avg(p.score) FROM posts p WHERE p.deleted_at IS NULL GROUP BY"
            " p.category_id"
            " HAVING count(*) > 5",
            "SELECT substr(created, 1, 7) AS month, sum(total) FROM orders GROUP BY month ORDER BY month",
            "SELECT status, count(*) FROM orders GROUP BY status",
            "SELECT count(*) FROM comments WHERE post_id IN (SELECT id FROM posts WHERE user_id ="
            f" {rng.randint(1, 900)})",
            "SELECT g.name, sum(i.quantity * i.price) AS sold FROM items i JOIN products p ON p.id = i.product_id JOIN"
            " categories g ON g.id = p.category_id GROUP BY g.id ORDER BY sold DESC",
            "SELECT t.name, count(*) FROM tags t JOIN post_tags pt ON pt.tag_id = t.id JOIN posts p ON p.id ="
            " pt.post_id"
            " WHERE p.published = 1 GROUP BY t.id ORDER BY 2 DESC, 1 LIMIT 20",
            "SELECT u.id, (SELECT count(*) FROM posts p WHERE p.user_id = u.id), (SELECT max(o.total) FROM orders o"
            " WHERE"
            f" o.user_id = u.id) FROM users u WHERE u.id < {rng.choice([20, 500])}",
            "SELECT max(created), min(created), count(*) FROM orders",
            f"SELECT max(created) FROM comments WHERE post_id = {rng.randint(1, 500)}",
            "SELECT user_id, max(created) FROM posts GROUP BY user_id",
        ]
    )


def soft_deleted(rng: random.Random) -> str:
    """Rows that are marked as deleted, owners of several kinds."""
    kind = rng.choice(["User", "Post", "Order"])
    return rng.choice(
        [
            f"SELECT notes.* FROM notes WHERE notes.owner_type = '{kind}' AND notes.owner_id = {rng.randint(1, 900)}",
            f"SELECT notes.* FROM notes WHERE notes.owner_type = '{kind}' AND notes.owner_id IN ({_keys(rng, 300)})",
            "SELECT n.id, u.name FROM notes n JOIN users u ON n.owner_id = u.id AND n.owner_type = 'User' WHERE"
            " u.deleted_at IS NULL",
            "SELECT n.id, coalesce(u.name, p.title, o.status) FROM notes n LEFT JOIN users u ON n.owner_type ="
            " 'User' AND"
            " u.id = n.owner_id LEFT JOIN posts p ON n.owner_type = 'Post' AND p.id = n.owner_id LEFT JOIN orders o ON"
            " n.owner_type = 'Order' AND o.id = n.owner_id",
            "SELECT p.id FROM posts p JOIN users u ON u.id = p.user_id AND u.deleted_at IS NULL WHERE p.deleted_at IS"
            f" NULL AND p.created BETWEEN {_day(rng)} AND '2024-01-01'",
            f"SELECT * FROM users WHERE deleted_at IS NULL AND created > {_day(rng)} ORDER BY created LIMIT 50",
            "SELECT count(*) FROM posts WHERE deleted_at IS NOT NULL AND published = 0",
            "SELECT p.user_id, count(*) FROM posts p LEFT JOIN notes n ON n.owner_type = 'Post' AND n.owner_id = p.id"
            " WHERE p.deleted_at IS NULL AND n.id IS NULL GROUP BY p.user_id",
        ]
    )


def through_view(rng: random.Random) -> str:
    """What views are asked for: groups, unions and joins, with conditions that may be pushed down."""
    return rng.choice(
        [
            f"SELECT * FROM user_totals WHERE user_id = {rng.randint(1, 900)}",
            f"SELECT * FROM user_totals WHERE spent > {rng.randint(1, 9000)} ORDER BY spent DESC LIMIT 10",
            "SELECT u.name, t.spent FROM users u JOIN user_totals t ON t.user_id = u.id WHERE u.country ="
            f" {rng.randint(0, 40)}",
            "SELECT u.name, t.spent FROM users u LEFT JOIN user_totals t ON t.user_id = u.id",
            f"SELECT * FROM post_counts WHERE user_id = {rng.randint(1, 90)}",
            f"SELECT * FROM post_counts WHERE id = {rng.randint(1, 900)}",
            f"SELECT count(*) FROM post_counts WHERE comments > {rng.randint(0, 9)}",
            f"SELECT kind, count(*) FROM activity WHERE created > {_day(rng)} GROUP BY kind",
            "SELECT u.name, a.kind, a.created FROM users u JOIN activity a ON a.user_id = u.id WHERE u.id ="
            f" {rng.randint(1, 500)}",
            "SELECT l.title, u.name FROM live_posts l JOIN users u ON u.id = l.user_id WHERE l.score >"
            f" {rng.randint(1, 999)}",
            f"SELECT * FROM rich_users WHERE country = {rng.randint(0, 30)}",
            "SELECT r.name, l.title FROM rich_users r JOIN live_posts l ON l.user_id = r.id WHERE r.id <"
            f" {rng.randint(1, 300)}",
            "SELECT count(*) FROM users WHERE id IN (SELECT user_id FROM user_totals WHERE orders > 2)",
            "WITH top AS (SELECT user_id, sum(total) AS s FROM orders GROUP BY user_id ORDER BY s DESC LIMIT 50) SELECT"
            " u.name, top.s, p.title FROM top JOIN users u ON u.id = top.user_id LEFT JOIN posts p ON p.user_id = u.id",
            "SELECT * FROM (SELECT p.*, row_number() OVER (PARTITION BY user_id ORDER BY created DESC) AS r FROM"
            " posts p)"
            f" WHERE r <= {rng.randint(1, 4)}",
        ]
    )


ORM_KINDS: dict[str, Callable[[random.Random], str]] = {
    "joined_loading": joined_loading,
    "subquery_loading": subquery_loading,
    "page": page,
    "existence": existence,
    "counting": counting,
    "soft_deleted": soft_deleted,
    "through_view": through_view,
}
