"""What the documents say is so: examples run, links and paths lead somewhere, commands exist.

Every fenced block with a language has to have a runner here, so that no example is shown and not run. Blocks without a
language are drawings. An example may use a file.db with the table person(id, name); it is run in a folder of its own.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

ROOT = Path(__file__).resolve().parents[2]
REQUIRED = bool(os.environ.get("CI") or os.environ.get("KEELBACK_REQUIRE_DRIVERS"))
LISTED = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
DOCUMENTS = [name for name in LISTED.stdout.split() if (ROOT / name).exists()]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(match[1], match[2], id=f"{name}-{match[1]}{number}")
    for name in DOCUMENTS
    for number, match in enumerate(BLOCK.finditer((ROOT / name).read_text(encoding="utf-8")))
]
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
PLACES = "bench|bindings|compat-tests|core|demo|docs|tools"


def base_interpreter() -> Path:
    """The interpreter that .venv was made from: the library hosts its engine in that minor version."""
    return Path(os.path.realpath(sys.executable))


def run(command: list[str | Path], folder: Path, **environment: str) -> str:
    """The output of a command in a folder; its failure is the test's."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def need(*things: str | Path) -> None:
    """Skip, or fail where all drivers are required, if a tool or a built file is not there."""
    for thing in things:
        if not (shutil.which(thing) if isinstance(thing, str) else thing.exists()):
            text = f"NOT RUN: {thing} is not here"
            pytest.fail(text) if REQUIRED else pytest.skip(text)


def run_sh(code: str, folder: Path) -> None:
    """Commands of the repository's root: targets of make must be there, all else is run."""
    for line in code.splitlines():
        command = line.partition("  #")[0].strip()
        if command.startswith("make "):
            assert command.split()[1] in TARGETS, command
        elif command:
            path = f"{base_interpreter().parent}:{os.environ['PATH']}"
            run(["bash", "-c", command], ROOT, PATH=path, PYTHONPATH="")


def run_python(code: str, folder: Path) -> None:
    need(*(ROOT / "bindings/python/src/keelback").glob("_keelback*.so"))
    out = run([sys.executable, "-c", code], folder, PYTHONPATH=str(ROOT / "bindings/python/src"))
    assert "Ada" in out


def run_js(code: str, folder: Path) -> None:
    need("node", ROOT / "build/javascript/keelback.node")
    (folder / "node_modules").mkdir()
    (folder / "node_modules/keelback").symlink_to(ROOT / "bindings/javascript")
    (folder / "example.js").write_text(code + "\nconsole.log(row);\n")
    assert "Grace" in run(["node", "example.js"], folder)


def run_java(code: str, folder: Path) -> None:
    jars = list((ROOT / "build/java").glob("keelback-jdbc-*.jar"))
    need("java", "javac", *(jars or [ROOT / "build/java/keelback-jdbc.jar"]))
    text = (
        f"import java.sql.*;\nclass Example {{ public static void main(String[] a) throws Exception {{\n{code}\n}} }}\n"
    )
    (folder / "Example.java").write_text(text)
    run(["javac", "-cp", jars[0], "Example.java"], folder)
    run(["java", "-cp", f"{jars[0]}:.", "Example"], folder)
    assert names(folder) == ["Grace", "Ada"]


def run_go(code: str, folder: Path) -> None:
    need("go", ROOT / "build/libkeelback.so")
    imports = re.search(r"^import \(.*?^\)$", code, re.MULTILINE | re.DOTALL)
    assert imports is not None
    check = "if err != nil { panic(err) }"
    use = f"{check}\n_, err = db.Exec(`INSERT INTO person(name) VALUES (?)`, `Ada`)\n{check}"
    body = code.replace(imports[0], "")
    (folder / "main.go").write_text(f"package main\n\n{imports[0]}\n\nfunc main() {{\n{body}\n{use}\n}}\n")
    module = "github.com/keelback/keelback/bindings/go"
    (folder / "go.mod").write_text(
        f"module example\n\ngo 1.22\n\nrequire {module} v0.0.0\n\nreplace {module} => {ROOT / 'bindings/go'}\n"
    )
    run(["go", "run", "."], folder, GOFLAGS="-mod=mod")
    assert names(folder) == ["Grace", "Ada"]


def run_c(code: str, folder: Path) -> None:
    need("gcc", ROOT / "build/libkeelback.so")
    (folder / "example.c").write_text(code)
    headers, build = ROOT / "bindings/c/include", ROOT / "build"
    run(
        ["gcc", f"-I{headers}", "example.c", "-o", "example", f"-L{build}", "-lkeelback", f"-Wl,-rpath,{build}"], folder
    )
    assert run([folder / "example"], folder)


def run_sql(code: str, folder: Path) -> None:
    """Each line is `statement; -- answer`, the answer as the shell prints its first row."""
    need(*(ROOT / "bindings/python/src/keelback").glob("_keelback*.so"))
    for line in code.splitlines():
        statement, mark, answer = line.partition("; -- ")
        assert mark, f"no answer behind {line}"
        program = "import keelback, sys\nprint(*keelback.connect(':memory:').execute(sys.argv[1]).fetchone(), sep='|')"
        out = run([sys.executable, "-c", program, statement], folder, PYTHONPATH=str(ROOT / "bindings/python/src"))
        assert out == answer + "\n", statement


RUNNERS: dict[str, Callable[[str, Path], None]] = {
    "sh": run_sh,
    "python": run_python,
    "js": run_js,
    "java": run_java,
    "go": run_go,
    "c": run_c,
    "sql": run_sql,
}


def names(folder: Path) -> list[str]:
    connection = apsw.Connection(str(folder / "file.db"))
    found = [name for (name,) in connection.execute("SELECT name FROM person ORDER BY id")]
    connection.close()
    return found


@pytest.mark.parametrize(("language", "code"), BLOCKS)
def test_an_example_of_a_document_runs(language: str, code: str, tmp_path: Path) -> None:
    connection = apsw.Connection(str(tmp_path / "file.db"))
    connection.execute("CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT)")
    connection.execute("INSERT INTO person VALUES (1, 'Grace')")
    connection.close()
    assert language in RUNNERS, f"nobody runs examples in {language}"
    RUNNERS[language](code, tmp_path)


def test_every_binding_shows_an_example() -> None:
    shown = {str(block.id).rsplit("-", 1)[0] for block in BLOCKS}
    assert {f"bindings/{name}/README.md" for name in ("c", "python", "java", "javascript", "go")} <= shown


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_and_paths_of_a_document_lead_somewhere(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    here = (ROOT / name).parent
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    lost = [link for link in links if link and not (here / link).exists()]
    paths = re.findall(rf"`((?:{PLACES})/[\w./-]+)`", text)
    lost += [path for path in paths if not (ROOT / path).exists() and not (here / path).exists()]
    assert lost == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_names_targets_that_make_has(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert set(re.findall(r"`make ([a-z-]+)`", text)) - TARGETS == set()


def test_every_variable_of_the_environment_is_in_the_contribution_guide() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    suffixes = (".py", ".cpp", ".hpp", ".sh", ".go", ".java", ".js", ".ts", ".c", "Makefile")
    asked = re.compile(
        r"(?:environ(?:\.get\(|\.setdefault\(|\[)|getenv\(|environment\(|process\.env\.|\$\{)\"?(KEELBACK_[A-Z0-9_]+)"
    )
    read = {
        name
        for path in listed
        if path.endswith(suffixes) and (ROOT / path).exists()
        for name in asked.findall((ROOT / path).read_text(encoding="utf-8"))
    }
    table = set(re.findall(r"`(KEELBACK_[A-Z0-9_]+)`", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))
    assert read == table
