"""Write COMPAT.md: every feature of core/spec/features.toml, and the drivers on which all its cases pass.

    python tools/compat_page.py            run the conformance suite on every driver and write the page
    python tools/compat_page.py --check    write nothing; exit 1 if the page lacks a feature or names one that is gone

No status is typed by hand: a feature counts on a driver only if each of its cases passed there in this run. `--check`
needs no run, so that the page cannot silently fall behind the table of features.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.matrix import summary  # noqa: E402

PAGE = ROOT / "COMPAT.md"
DRIVERS = ("sqlite", "reference", "kernel", "mirror", "c", "python", "java", "javascript", "go")
HEAD = """<!-- Written by tools/compat_page.py from core/spec/features.toml and a run of the suite. Do not edit. -->
# What works

Every feature has its conformance cases (`compat-tests/suite`), whose answers come from real SQLite. A mark says that
all cases of the feature pass on that driver; `sqlite` is real SQLite itself, which keeps the suite honest. An excused
case (`compat-tests/excused`) takes the mark away. What is not listed here is not supported yet and says so.

"""


def features() -> list[dict[str, str]]:
    """The table of features, in its order."""
    table = tomllib.loads((ROOT / "core" / "spec" / "features.toml").read_text(encoding="utf-8"))
    listed: list[dict[str, str]] = table["feature"]
    return listed


def matrix() -> dict[str, dict[str, object]]:
    """feature id -> number of cases, drivers on which all pass."""
    found: dict[str, dict[str, object]] = {}
    for driver in DRIVERS:
        command = [sys.executable, "-m", "runner", "matrix", "--driver", driver]
        result = subprocess.run(command, cwd=ROOT / "compat-tests", capture_output=True, text=True)
        if not result.stdout.strip():
            sys.exit(f"the suite did not run on {driver}:\n{result.stderr}")
        for name, entry in json.loads(result.stdout).items():
            known = found.setdefault(name, {"cases": entry["cases"], "drivers": []})
            known["drivers"] += entry["drivers"]  # type: ignore[operator]
    return found


def page(found: dict[str, dict[str, object]]) -> str:
    """The text of COMPAT.md."""
    lines = [HEAD + summary()]
    section = None
    for feature in features():
        if feature["section"] != section:
            section = feature["section"]
            lines += ["", f"## {section}", "", "| feature | | cases | " + " | ".join(DRIVERS) + " |"]
            lines += ["|---|---|---:|" + ":-:|" * len(DRIVERS)]
        entry = found.get(feature["id"], {"cases": 0, "drivers": []})
        marks = " | ".join("x" if driver in entry["drivers"] else "" for driver in DRIVERS)  # type: ignore[operator]
        title = feature["title"].replace("|", "&#124;")
        lines.append(f"| `{feature['id']}` | {title} | {entry['cases']} | {marks} |")
    return "\n".join(lines) + "\n"


def stale_entries() -> list[str]:
    """Features that the page lacks, or has and should not."""
    written = {line.split("`")[1] for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")}
    wanted = {feature["id"] for feature in features()}
    return sorted(written ^ wanted)


def main() -> int:
    if "--check" in sys.argv[1:]:
        stale = stale_entries() if PAGE.exists() else ["COMPAT.md"]
        for name in stale:
            print(f"COMPAT.md differs from core/spec/features.toml: {name}")
        return 1 if stale else 0
    PAGE.write_text(page(matrix()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
