"""The `.kbt` format: what is read, what is refused, and that writing back changes answers only."""

import pytest
from runner.suite_file import Answer, SuiteFileError, parse_suite_text, rewritten_text, write_answer

TEXT = """\
# needs: one, two
# a comment
setup:
  > CREATE TABLE t(a)

test: first
  needs: three
  > SELECT 'a
  ... b', ?
  with 1.0
  columns: a, 'x,y', ''
  unordered:
  'q', NULL
  2, x''
  # a comment after the answer
  > DELETE FROM t
  ok changes=2
test: second
  b> BEGIN
  ok
  reopen
  b> SELECT 1 WHERE 0
  no rows
  > SELEC
  error SQLITE_ERROR: near "SELEC": syntax error
"""


def test_a_file_is_read_into_cases() -> None:
    suite_file = parse_suite_text(TEXT, "x.kbt")
    first, second = suite_file.cases
    assert (first.key, first.needs, first.needs_file) == ("x.kbt::first", ["one", "two", "three"], False)
    assert (first.steps[0].sql, first.steps[0].parameters) == ("SELECT 'a\nb', ?", [1.0])
    assert first.steps[0].answer == Answer("rows", [["q", None], [2, b""]], ["a", "x,y", ""], True)
    assert first.steps[1].answer == Answer("ok", changes=2)
    assert [step.kind for step in second.steps] == ["statement", "reopen", "statement", "statement"]
    assert second.steps[0].connection == "b" and second.needs_file
    assert second.steps[2].answer == Answer("rows")
    assert second.steps[3].answer == Answer("error", code_name="SQLITE_ERROR", message='near "SELEC": syntax error')


def test_writing_back_the_same_answers_changes_nothing() -> None:
    suite_file = parse_suite_text(TEXT, "x.kbt")
    answers = {step.line: step.answer for case in suite_file.cases for step in case.steps if step.answer}
    assert rewritten_text(suite_file, answers) == TEXT


def test_writing_back_replaces_answers_and_keeps_comments() -> None:
    text = "# needs: a\ntest: t\n  # why\n  > SELECT 1\n  # why not\n  > SELECT 2\n  1\n  2\n\n"
    suite_file = parse_suite_text(text, "x.kbt", complete=False)
    new = rewritten_text(suite_file, {4: Answer("rows", [[1]]), 6: Answer("rows", [[2]])})
    assert new == "# needs: a\ntest: t\n  # why\n  > SELECT 1\n  1\n  # why not\n  > SELECT 2\n  2\n\n"


def test_odd_column_names_are_read_back() -> None:
    names = ["a", "", "a,b", "it's", " x ", "max(a)", "'"]
    line = write_answer(Answer("rows", [], names))[0]
    text = f"# needs: a\ntest: t\n  > SELECT 1\n  {line}\n  no rows\n"
    answer = parse_suite_text(text, "x.kbt").cases[0].steps[0].answer
    assert answer is not None and answer.columns == names


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# needs: a\ntest: t\n  > SELECT 1\n", "x.kbt:3: a statement without an answer"),
        ("# needs: a\ntest: t\n  1\n", "x.kbt:3: an answer without a statement"),
        ("# needs: a\ntest: t\n  > SELECT 1\n  1, nan\n", "x.kbt:4: not an SQL literal"),
        ("# needs: a\ntest: t\n  > S\n  1\ntest: t\n  > S\n  1\n", "x.kbt:5: two tests are called"),
        ("# needs: a\ntest: t\n", "x.kbt:2: the test 't' has no steps"),
        ("test: t\n  > SELECT 1\n  1\n", "x.kbt:1: the test 't' needs no feature"),
        ("# needs: a\n", "x.kbt:1: a file without tests"),
        ("# needs: a\ntests: t\n", "x.kbt:2: not a heading"),
        ("# needs: a\n  > SELECT 1\n", "x.kbt:2: a step outside"),
        ("# needs: a\ntest: t\n  > SELECT 1\n  # no\n  1\n", "x.kbt:3: a statement without an answer"),
        ("# needs: a\ntest: t\n\t> SELECT 1\n  1\n", "x.kbt:3: indent with spaces"),
        ("# needs: a\ntest: t\n  >\n  1\n", "x.kbt:3: an empty statement"),
        (
            "# needs: a\ntest: t\n  > SELECT 1\n  unordered:\n  ok\n",
            "x.kbt:5: `columns:`, `unordered:` and `plan:` go with rows",
        ),
    ],
)
def test_what_breaks_the_format_is_refused_with_its_place(text: str, complaint: str) -> None:
    with pytest.raises(SuiteFileError, match="^" + complaint.replace("(", r"\(")):
        parse_suite_text(text, "x.kbt")
