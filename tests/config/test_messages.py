"""Every message of the configuration has its Chinese, with the same values in it, and none is left over."""

import ast
import csv
import string
from pathlib import Path

from experiments.config.errors import messages, sentence
from experiments.config.names import vocabulary
from experiments.location import CONF

ROOT = Path(__file__).resolve().parents[2]


def said() -> set[str]:
    """The English of the messages in the code."""
    calls = [
        node
        for path in (ROOT / "experiments").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args
    ]
    return {
        call.args[0].value
        for call in calls
        if getattr(call.func, "id", "") in ("sentence", "Allowed", "failure")
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    }


def places(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


def test_every_message_has_its_chinese_and_none_is_left_over() -> None:
    assert said() == set(messages())
    assert all(all(others) and len(others) in (1, 3) for others in messages().values())


def test_what_ends_a_study_or_is_told_of_one_is_in_both_languages() -> None:
    told = ("StudyFailed", "StudyStopped", "Difference", "say", "unwritable")
    plain = [
        f"{path.name}:{call.lineno}"
        for path in (ROOT / "experiments").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in told
        for words in call.args
        if isinstance(words, ast.JoinedStr)
        or (isinstance(words, ast.Constant) and isinstance(words.value, str))
    ]
    assert plain == []


def test_both_languages_hold_as_many_values_as_are_given() -> None:
    values = range(9)
    for english, (chinese, *allowed) in messages().items():
        for one, other in ((english, chinese), *([allowed] if allowed else ())):
            assert one.format(*values), english
            assert other.format(*values), english
            if "" in places(one) and "" in places(other):
                assert len(places(one)) >= len(places(other)), english
    assert sentence("{!r} is no date", "x").zh == "'x' 不是日期"


def test_no_word_stands_twice_in_a_list() -> None:
    with (CONF / "words.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["list"], row["name"]) for row in rows}) == len(rows)
    for name in {row["list"] for row in rows}:
        words = vocabulary(name)
        assert all(words.find(one) == one for one in words.names), name
