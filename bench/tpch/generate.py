"""A database with the shape of TPC-H: its tables, their proportions, and values that the 22 queries find something in.

    python bench/tpch/generate.py FILE [--scale 0.01] [--seed 1]

Everything depends on scale and seed alone. Scale 1 would be six million rows of lineitem. The figures are our own: no
claim is made that they follow the rules of the TPC. The file is written by real SQLite, through apsw, so that it does
not depend on what is measured; only primary keys, and statistics by ANALYZE without samples.
"""

from __future__ import annotations

import argparse
import datetime
import random
import sys
from pathlib import Path

import apsw

FOLDER = Path(__file__).resolve().parent
NATIONS = (
    ("ALGERIA", 0), ("ARGENTINA", 1), ("BRAZIL", 1), ("CANADA", 1), ("EGYPT", 4), ("ETHIOPIA", 0), ("FRANCE", 3),
    ("GERMANY", 3), ("INDIA", 2), ("INDONESIA", 2), ("IRAN", 4), ("IRAQ", 4), ("JAPAN", 2), ("JORDAN", 4), ("KENYA", 0),
    ("MOROCCO", 0), ("MOZAMBIQUE", 0), ("PERU", 1), ("CHINA", 2), ("ROMANIA", 3), ("SAUDI ARABIA", 4), ("VIETNAM", 2),
    ("RUSSIA", 3), ("UNITED KINGDOM", 3), ("UNITED STATES", 1),
)  # fmt: skip
REGIONS = ("AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST")
COLOURS = (
    "almond antique azure beige blue blush brown chartreuse chocolate coral cream cyan drab forest frosted green grey"
    " honeydew ivory khaki lace lemon linen magenta maroon mint navy olive orange orchid pale peach plum powder puff"
    " red rose salmon sandy sienna sky snow steel tan thistle tomato turquoise violet wheat white yellow"
).split()
SEGMENTS = ("AUTOMOBILE", "BUILDING", "FURNITURE", "HOUSEHOLD", "MACHINERY")
PRIORITIES = ("1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW")
INSTRUCTIONS = ("COLLECT COD", "DELIVER IN PERSON", "NONE", "TAKE BACK RETURN")
MODES = ("AIR", "AIR REG", "FOB", "MAIL", "RAIL", "SHIP", "TRUCK")
SIZES = ("STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO")
FINISHES = ("ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED")
METALS = ("TIN", "NICKEL", "BRASS", "STEEL", "COPPER")
BOXES = ("SM", "LG", "MED", "JUMBO", "WRAP")
KINDS = ("CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM")
WORDS = (
    "the carefully ironic special pending regular express final bold quick accounts deposits requests packages"
    " instructions theodolites platelets foxes ideas asymptotes dependencies excuses sleep wake haggle nag cajole"
    " among above along furiously slyly blithely quietly even unusual Customer Complaints Recommends"
).split()
FIRST_DAY = datetime.date(1992, 1, 1)
LAST_ORDER = 2405
TODAY = "1995-06-17"


class Generator:
    """Rows of one scale and seed."""

    def __init__(self, scale: float, seed: int) -> None:
        self.rng = random.Random(seed)
        self.suppliers = max(10, int(10000 * scale))
        self.customers = max(30, int(150000 * scale))
        self.parts = max(40, int(200000 * scale))
        self.orders = max(200, int(1500000 * scale))

    def text(self, words: int) -> str:
        """Some words."""
        return " ".join(self.rng.choices(WORDS, k=words))

    def phone(self, nation: int) -> str:
        """A telephone number whose first two digits tell the nation."""
        rng = self.rng
        return f"{nation + 10}-{rng.randrange(100, 1000)}-{rng.randrange(100, 1000)}-{rng.randrange(1000, 10000)}"

    def money(self, low: int, high: int) -> float:
        """An amount, in cents between the two."""
        return self.rng.randint(low, high) / 100

    def price(self, part: int) -> float:
        """The price of a part."""
        return (90000 + part // 10 % 20001 + 100 * (part % 1000)) / 100

    def supplier_of(self, part: int, number: int) -> int:
        """One of the four suppliers of a part."""
        count = self.suppliers
        return (part + part // count + number * (count // 4)) % count + 1

    def supplier_rows(self):
        for key in range(1, self.suppliers + 1):
            nation = self.rng.randrange(25)
            yield (
                key, f"Supplier#{key:09}", self.text(2), nation, self.phone(nation), self.money(-99999, 999999),
                self.text(6),
            )  # fmt: skip

    def customer_rows(self):
        for key in range(1, self.customers + 1):
            nation = self.rng.randrange(25)
            yield (
                key, f"Customer#{key:09}", self.text(2), nation, self.phone(nation), self.money(-99999, 999999),
                self.rng.choice(SEGMENTS), self.text(8),
            )  # fmt: skip

    def part_rows(self):
        rng = self.rng
        for key in range(1, self.parts + 1):
            maker = rng.randint(1, 5)
            yield (
                key, " ".join(rng.sample(COLOURS, 5)), f"Manufacturer#{maker}", f"Brand#{maker}{rng.randint(1, 5)}",
                f"{rng.choice(SIZES)} {rng.choice(FINISHES)} {rng.choice(METALS)}", rng.randint(1, 50),
                f"{rng.choice(BOXES)} {rng.choice(KINDS)}", self.price(key), self.text(2),
            )  # fmt: skip

    def partsupp_rows(self):
        for part in range(1, self.parts + 1):
            for number in range(4):
                yield (
                    part, self.supplier_of(part, number), self.rng.randint(1, 9999), self.money(100, 100000),
                    self.text(10),
                )  # fmt: skip

    def order_rows(self, lines: list[tuple[object, ...]]):
        """The orders; their lines are put into `lines`."""
        rng = self.rng
        for number in range(1, self.orders + 1):
            # Three in four keys are unused, and one customer in three never orders anything.
            key = number // 8 * 32 + number % 8
            customer = rng.randint(1, self.customers)
            if customer % 3 == 0:
                customer = max(1, customer - 1)
            day = rng.randint(0, LAST_ORDER)
            own = [self.line(key, line + 1, day) for line in range(rng.randint(1, 7))]
            total = sum(line[5] * (1 + line[7]) * (1 - line[6]) for line in own)
            states = {line[9] for line in own}
            state = "P" if len(states) == 2 else states.pop()
            lines.extend(own)
            yield (
                key, customer, state, round(total, 2), as_day(day), rng.choice(PRIORITIES),
                f"Clerk#{rng.randint(1, 1000):09}", 0, self.text(6),
            )  # fmt: skip

    def line(self, order: int, number: int, day: int):
        """One line of an order of that day."""
        rng = self.rng
        part = rng.randint(1, self.parts)
        quantity = rng.randint(1, 50)
        shipped = day + rng.randint(1, 121)
        received = shipped + rng.randint(1, 30)
        arrived = as_day(received)
        flag = "N" if arrived > TODAY else rng.choice("RA")
        return (
            order, part, self.supplier_of(part, rng.randrange(4)), number, float(quantity),
            round(quantity * self.price(part), 2), rng.randint(0, 10) / 100, rng.randint(0, 8) / 100, flag,
            "O" if as_day(shipped) > TODAY else "F", as_day(shipped), as_day(day + rng.randint(30, 90)), arrived,
            rng.choice(INSTRUCTIONS), rng.choice(MODES), self.text(3),
        )  # fmt: skip


def as_day(number: int) -> str:
    """The day so many days after the first one."""
    return (FIRST_DAY + datetime.timedelta(number)).isoformat()


def write_database(path: str, scale: float, seed: int) -> None:
    """Write the database to a new file."""
    generator = Generator(scale, seed)
    connection = apsw.Connection(path)
    for sql in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "BEGIN"):
        list(connection.execute(sql))
    list(connection.execute((FOLDER / "schema.sql").read_text()))
    regions = [(key, name, generator.text(4)) for key, name in enumerate(REGIONS)]
    nations = [(key, name, region, generator.text(4)) for key, (name, region) in enumerate(NATIONS)]
    lines: list[tuple[object, ...]] = []
    for table, rows in (
        ("region", regions),
        ("nation", nations),
        ("supplier", generator.supplier_rows()),
        ("customer", generator.customer_rows()),
        ("part", generator.part_rows()),
        ("partsupp", generator.partsupp_rows()),
        ("orders", generator.order_rows(lines)),
        ("lineitem", lines),
    ):
        rows = list(rows)
        places = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({places})", rows)
    for sql in ("COMMIT", "ANALYZE", "DROP TABLE IF EXISTS sqlite_stat4"):
        list(connection.execute(sql))
    connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="write a database with the shape of TPC-H")
    parser.add_argument("file")
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    Path(arguments.file).unlink(missing_ok=True)
    write_database(arguments.file, arguments.scale, arguments.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
