"""A bank from a workbook, a table or YAML: read as people fill it in, or refused with one sentence a fault."""

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from agents.honeycomb import DIMENSIONS
from experiments import api
from experiments.config import bank_file
from experiments.config.bank import BankSettings, PlanSettings, Scores
from experiments.config.bank_file import FIELDS, sheet_of
from experiments.config.errors import Faults
from experiments.config.fields import validated
from experiments.config.load import compose_study
from experiments.config.names import quoted
from experiments.config.questionnaire import Answer, TrustInAnswers, asked
from experiments.location import CONF, existing, of_user
from experiments.own_bank.echo import item_doubts, worth_checking

SHEETS = {"en": ("Bank", "Staff", "Items", "Floors"), "zh": ("本行", "人员", "条目", "底线")}
ROWS, FLOORS = (
    {name: row for row, name in enumerate((n for n in FIELDS.names if sheet_of(n) == sheet), 2)}
    for sheet in ("bank", "floors")
)
LEAST = {"name": "Ours", "kind": "rural", "province": "SD", "since": "2024Q1", "assets": "18 bn yuan"}


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("templates")
    return {language: api.template(folder / f"{language}.xlsx", language) for language in ("en", "zh")}


def filled(
    templates: dict[str, Path], language: str, path: Path, values: dict[str, Any], **cells: Any
) -> Path:
    """A template with values in the sheet of the bank by field, and others by ``Sheet_cell``."""
    book = openpyxl.load_workbook(templates[language])
    sheet = book[SHEETS[language][0]]
    for key, value in values.items():
        at = sheet.cell(ROWS[key], 3)
        at.value, shown = value if isinstance(value, tuple) else (value, None)
        if shown:
            at.number_format = shown
    for place, value in cells.items():
        name, cell = place.split("_")
        book[SHEETS[language][SHEETS["en"].index(name)]][cell] = value
    book.save(path)
    return path


def settings(path: Path) -> tuple[BankSettings | None, list[str]]:
    faults = Faults()
    found = bank_file.read(path, faults)
    bank = bank_file.checked(found, found.data, faults.placed(found.where))
    return bank, [str(fault) for fault in faults]


def test_a_workbook_is_read_as_people_fill_it_in(templates: dict[str, Path], tmp_path: Path) -> None:
    values = {
        "name": "某某农商银行",
        "kind": "农商行",
        "province": "四川省",
        "since": datetime.datetime(2023, 12, 31),
        "assets": "１８０亿",
        "loans": "980,000 万元",
        "revenue": 45000,  # in the unit beside it, 万元/年
        "margin": (0.0205, "0.00%"),
        "bad_loans": "１．８％",
        "coverage": "210%",
        "capital": (0.131, "0%"),
        "technology_spending": "3.2 %",
        "employees": "1,200",
        "branches": "四川 40、云南2",
        "focus": "普惠金融、乡村振兴",
        "union": "是",
        "language_model": "未采用",
        "fees": 0,
        "scores.data": 41,
        "operating_costs": "-",
    }
    path = filled(
        templates, "zh", tmp_path / "ours.xlsx", values, Staff_B2=30, Staff_C2=28, Floors_C2="10.5%"
    )
    bank, faults = settings(path)
    assert faults == []
    assert bank is not None
    assert (bank.kind, bank.province, bank.since) == ("rural", "SC", "2024Q1")
    assert (bank.assets, bank.loans, bank.revenue, bank.fees) == (18e9, 9.8e9, 450e6, 0.0)
    assert (bank.margin, bank.bad_loans, bank.coverage, bank.capital) == (2.05, 1.8, 2.1, 13.1)
    assert (bank.spend_ratio, bank.technology_spending, bank.operating_costs) == (0.032, None, None)
    assert bank.staff is not None
    assert bank.staff.known == {"technologists": 30 / 1200}
    assert bank.pay is not None
    assert bank.pay.known == {"technologists": 280_000.0}
    assert bank.branches == {"SC": 40, "YN": 2}
    assert bank.focus == ("inclusive", "rural")
    assert (bank.union, bank.language_model) == (True, "wait")
    assert bank.scores is not None
    assert bank.scores.known == {"data": 41.0}
    assert bank.floors is not None
    assert bank.floors.known == {"capital": 10.5}
    assert {"operating_costs", "partners"} <= set(bank.missing)
    assert "fees" not in bank.missing, "zero is a number"


def test_a_small_number_beside_a_percent_sign_is_asked_about(
    templates: dict[str, Path], tmp_path: Path
) -> None:
    values = LEAST | {"coverage": 1.83, "capital": 0, "bad_loans": "0.05 %", "spend_ratio": "３．５"}
    bank, faults = settings(
        filled(templates, "en", tmp_path / "doubt.xlsx", values, Floors_C5=0.87, Floors_C4=(83))
    )
    assert bank is not None
    assert [fault.partition(": ")[2].partition(";")[0] for fault in faults] == [
        "1.83 stands beside %: percent, or a share?",
        "0.87 stands beside %: percent, or a share?",
    ]
    assert (bank.capital, bank.bad_loans, bank.spend_ratio) == (0.0, 0.05, 0.035)
    assert bank.floors is not None
    assert bank.floors.known == {"run_cost": 0.83}


def test_what_is_wrong_elsewhere_hides_nothing_of_a_bank(tmp_path: Path) -> None:
    path, faults = tmp_path / "ours.yaml", Faults()
    path.write_text("staff: {data: 0.4 %}\n", encoding="utf-8")
    faults.add("replicates", "is wrong")
    assert bank_file.read(path, faults).data == {"staff": {"data": "0.4 %"}}
    assert len(faults) == 1


def test_a_file_of_the_users_is_looked_for_where_one_stands_and_the_labs_own_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("conf").mkdir()
    Path("conf/catalogue.csv").touch()
    assert of_user("conf/catalogue.csv") == tmp_path / "conf" / "catalogue.csv"
    assert of_user("conf/units.csv") == existing("conf/units.csv") != tmp_path / "conf" / "units.csv"
    assert of_user("nowhere.xlsx") == tmp_path / "nowhere.xlsx"  # a fault names where the user stands


def test_a_copy_of_the_example_is_read_by_its_path_with_the_peers_that_it_names(tmp_path: Path) -> None:
    peers = tmp_path / "peers.csv"
    peers.write_text("kind,assets\ncity,30e9\n", "utf-8")
    copy = tmp_path / "ours.yaml"
    text = (CONF / "bank" / "example.yaml").read_text("utf-8")
    copy.write_text(text, "utf-8")
    words = ["policy=none", "bank=file", f"bank.file={quoted(str(copy))}"]
    assert not compose_study(words).bank.peers
    copy.write_text(text.replace("peer_files: []", f"peer_files: ['{peers}']"), "utf-8")
    (peer,) = compose_study(words).bank.peers
    assert peer.assets == 30e9


def test_a_table_and_yaml_say_the_same(tmp_path: Path) -> None:
    table = tmp_path / "ours.csv"
    table.write_text(
        "项目,值,单位,依据\nname,Ours\n机构类型,城商行\n省份,Sichuan\nsince,2024年第一季度\n总资产,1800,亿元\n"
        "staff.data,0.4 %\n"
        "items.goals,2,,有佐证\nbad_loans,\n",
        encoding="gb18030",
    )
    plain = tmp_path / "ours.yaml"
    plain.write_text(
        "name: Ours\nkind: city\nprovince: 四川\nsince: 2024Q1\nassets: 1800亿元\nstaff: {data: 0.4 %}\n"
        "items: {goals: {answers: [2], evidence: documented}}\n",
        encoding="utf-8",
    )
    bank, faults = settings(table)
    assert faults == []
    assert (bank, []) == settings(plain)


def test_every_fault_is_named_at_once_with_its_cell(templates: dict[str, Path], tmp_path: Path) -> None:
    values = {
        "name": "Ours",
        "kind": "insurer",
        "province": "Atlantis",
        "since": "soon",
        "assets": "180 bn dollars",
        "revenue": datetime.datetime(2024, 1, 3),
        "bad_loans": "1.2.3",
        "capital": "=1/8",
        "focus": "space travel",
    }
    path = filled(
        templates, "en", tmp_path / "ours.xlsx", values, Items_D2="9 splendid", Items_A3="gaols", Items_D3=1
    )
    bank, faults = settings(path)
    assert bank is None
    for cell, said in (
        ("Bank!C3", "is not known"),
        ("Bank!C4", "is not known"),
        ("Bank!C5", "is no quarter"),
        ("Bank!C6", "another currency"),
        ("Bank!C8", "is the date 2024-01-03"),
        ("Bank!C12", "'1.2.3"),
        ("Bank!C14", "a formula whose result was not saved"),
        ("Bank!C19", "is not known"),
        ("Items!D2", "is no rung of"),
        ("Items!A3", "did you mean goals?"),
    ):
        assert any(cell in fault and said in fault for fault in faults), (cell, said, faults)
    assert len(faults) == 10, faults
    assert not any("is missing" in fault for fault in faults), "what cannot be read is not missing"


def test_another_heading_is_read_and_a_second_bank_or_no_bank_is_said_once(
    templates: dict[str, Path], tmp_path: Path
) -> None:
    words = {"name": "某某银行", "kind": "城商行", "province": "山东", "since": "2024Q1", "assets": 1800}
    path = filled(
        templates, "zh", tmp_path / "ours.xlsx", words, Bank_A1="指标名称", Bank_C1="数额", Staff_B2=3
    )
    _, faults = settings(path)
    assert [fault.partition(": ")[2] for fault in faults] == [
        "3 people in three roles, and no number of employees in all; "
        "allowed employees, no fewer than the people by role"
    ]
    assert "人员!B2" in faults[0]
    book = openpyxl.load_workbook(path)
    book["人员"]["B2"], book["本行"]["E1"], book["本行"]["E2"] = None, "Value", "另一家"
    book.save(path)
    _, faults = settings(path)
    assert len(faults) == 1
    assert "本行!E1: is a second column of values: one bank a workbook" in faults[0]
    del book["本行"]
    book["人员"]["B2"] = 3
    book.save(path)
    said = Faults()
    assert bank_file.read(path, said).data == {}, "what the other sheets say is not held against no bank"
    assert ["has no sheet" in str(fault) for fault in said] == [True]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"loans": "20 bn yuan"}, "loans are more than all assets"),
        ({"revenue": "5 bn yuan a year", "margin": 2.0}, "earning assets of 1389 % of all assets"),
        ({"revenue": "500 million yuan a year", "fees": "600 million yuan a year"}, "more than all revenue"),
        ({"revenue": 5e8, "technology_spending": 15e6, "spend_ratio": 0.05}, "technology spending over revenue 3 %"),
        ({"revenue": 5e8, "operating_costs": "5 bn yuan a year"}, "more than three times revenue"),
        ({"employees": 100, "persons": {"data": 101}}, "101 people in three roles, and 100 employees"),
        ({"employees": 100, "persons": {"data": -1}}, "persons.data: -1 is out of range"),
        ({"assets": "5000 bn yuan"}, "no rural bank is near that size"),
        ({"assets": "1 bn yuan", "kind": "private"}, "no private bank is near that size"),
        ({"assets": "20 trillion yuan"}, "out of range"),
        ({"assets": 0}, "0 is out of range"),
        ({"items": {"goals": 4}}, "is no rung of"),
        ({"scores": {"data": 140}}, "140 is out of range"),
    ],
)  # fmt: skip
def test_totals_that_do_not_add_up_and_sizes_without_peers_are_refused(
    changed: dict[str, Any], said: str
) -> None:
    faults = Faults()
    assert validated(BankSettings, {**LEAST, **changed}, "bank", faults) is None
    assert any(said in str(fault) for fault in faults), [str(fault) for fault in faults]


def test_bad_loans_may_be_an_amount_and_small_and_large_banks_are_taken() -> None:
    bank = BankSettings.model_validate({**LEAST, "loans": "10 bn yuan", "bad_loans": "150 million yuan"})
    assert bank.bad_loans == pytest.approx(1.5)
    assert BankSettings.model_validate({**LEAST, "assets": "1 bn yuan"}).assets == 1e9
    assert BankSettings.model_validate({**LEAST, "kind": "city", "assets": "5,000 bn yuan"}).assets == 5e12


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("none.xlsx", "does not exist"),
        ("text.xlsx", "is no workbook that can be read"),
        ("other.xls", ".xls is no form that can be read"),
        ("sheets.xlsx", "has no sheet Bank, only Sheet1, Sheet2"),
    ],
)
def test_a_wrong_file_or_sheet_is_one_clear_sentence(tmp_path: Path, name: str, said: str) -> None:
    path = tmp_path / name
    if name == "text.xlsx":
        path.write_text("no workbook")
    if name == "sheets.xlsx":
        book = openpyxl.Workbook()
        for title in ("Sheet1", "Sheet2"):
            sheet = (
                book[title] if title in book else book.create_sheet(title) if book["Sheet"].title else None
            )
            assert sheet is not None
            sheet["A1"] = "x"
        del book["Sheet"]
        book.save(path)
    faults = Faults()
    bank_file.read(path, faults)
    assert len(faults) == 1
    assert said in str(next(iter(faults)))


def test_dates_and_branches_in_words_are_read_wherever_a_bank_is_told() -> None:
    bank = BankSettings.model_validate({**LEAST, "since": "2023年末", "branches": "四川 40、云南2家；HE"})
    assert (bank.since, bank.branches) == ("2024Q1", {"SC": 40, "YN": 2, "HE": 1})
    faults = Faults()
    assert validated(BankSettings, {**LEAST, "branches": "7"}, "bank", faults) is None
    assert "'7' is not known" in str(*faults)


def test_many_banks_come_from_a_row_each(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text(
        "银行名称,类型,省份,起始季度,总资产（亿元）,不良贷款率,items.goals\n甲,农商行,山东,2024Q1,300,1.5%,2 较完善\n"
        '乙,城商行,四川,2024Q1,"1,800",,\n,,,,,,\n',
        encoding="utf-8",
    )
    faults = Faults()
    banks = [BankSettings.model_validate(found.data) for found in bank_file.read_many(path, faults)]
    assert list(faults) == []
    assert [(bank.name, bank.kind, bank.assets) for bank in banks] == [
        ("甲", "rural", 30e9),
        ("乙", "city", 180e9),
    ]
    assert banks[0].bad_loans == 1.5
    assert banks[0].items == {"goals": Answer(answers=(2,))}
    path.write_text("name,kind,assets (bn yuan)\nA,rural,3,5\n", encoding="utf-8")
    assert not bank_file.read_many(path, said := Faults())
    assert [str(fault).partition(";")[0] for fault in said] == [
        f"{path}:line 2: has more cells than the header"
    ]
    path.write_text("name,kind,assets (bn yuan)\nA,rural,many\n", encoding="utf-8")
    (found,) = bank_file.read_many(path, faults)
    assert bank_file.checked(found, found.data, faults.placed(found.where)) is None
    assert [str(fault).removeprefix(f"{path}:line 2, column ").partition(";")[0] for fault in faults] == [
        "assets (bn yuan): 'many' is not a number", "province: is missing", "since: is missing",
    ]  # fmt: skip


def test_weak_and_conflicting_answers_widen_what_is_known() -> None:
    def spread(*answers: int, evidence: str = "claimed") -> float:
        chances = Answer(answers=answers, evidence=evidence).chances(2, TrustInAnswers())
        assert sum(chances) == pytest.approx(1.0)
        mean = sum(rung * chance for rung, chance in enumerate(chances))
        return float(sum(chance * (rung - mean) ** 2 for rung, chance in enumerate(chances)))

    assert spread(1, evidence="audited") == 0.0
    assert spread(1, evidence="audited") < spread(1, evidence="documented") < spread(1) < spread(0, 2)


def test_the_template_asks_for_everything_and_overwrites_nothing(templates: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(templates["en"])
    assert [row[0] for row in book["Items"].iter_rows(min_row=2, values_only=True)].sort() == list(
        asked()
    ).sort()
    assert book["Items"].data_validations.count > len(asked())
    with pytest.raises(FileExistsError):
        api.template(templates["en"])
    for path in templates.values():
        assert settings(path)[1], "a blank template holds no bank"


def test_hidden_lines_of_a_workbook_are_not_read_in_silence(
    templates: dict[str, Path], tmp_path: Path
) -> None:
    path = filled(templates, "en", tmp_path / "ours.xlsx", LEAST, Staff_B2=3, Floors_C2="11 %")
    book = openpyxl.load_workbook(path)
    book["Staff"].sheet_state = "hidden"
    book["Bank"].row_dimensions[7].hidden = book["Floors"].column_dimensions["C"].hidden = True
    book.save(path)
    faults = Faults()
    assert bank_file.read(path, faults).data == {}
    assert [str(fault).partition(": ")[2].partition(";")[0] for fault in faults] == [
        "the sheet Bank hides what is in row 7",
        "the sheet Staff hides what is in the whole sheet",
        "the sheet Floors hides what is in column C",
    ]


def test_plans_are_read_line_by_line(templates: dict[str, Path], tmp_path: Path) -> None:
    lines = {  # the sixth as below a name merged over its lines
        2: ("A", "technology spending", 2026, "60", "million yuan a year", None),
        3: ("A", "Data", 2026, 12.5, "million yuan a year", None),
        4: ("B 2", "大模型客户服务", "2026年二季度", None, None, "联盟"),
        5: ("B 2", "科技人员", 2027, 45, None, None),
        6: (None, "language model", None, "联盟", None, None),
        7: ("A", "Technology spending over revenue", None, 0.035, "million yuan a year", None),
    }
    path = filled(templates, "en", tmp_path / "ours.xlsx", {})
    book = openpyxl.load_workbook(path)
    for row, values in lines.items():
        for column, value in enumerate(values, 1):
            book["Plans"].cell(row, column, value)
    book.save(path)
    faults = Faults()
    plans = bank_file.read(path, faults).data["plans"]
    assert list(faults) == []
    assert plans == {
        "A": {
            "spending": {"2026": "60 million yuan"},
            "dimensions": {"2026": {"data": "12.5 million yuan"}},
            "spend_ratio": "0.035",
        },
        "B_2": {
            "title": "B 2",
            "headcount": {"2027": {"technologists": 45.0}},
            "language_model": "联盟",
            "projects": [{"item": "llm_service", "start": "2026Q2", "route": "联盟"}],
        },
    }
    assert PlanSettings.model_validate(plans["B_2"]).model_routes == ("alliance",)


def test_nothing_on_the_sheet_of_plans_is_left_aside_in_silence(
    templates: dict[str, Path], tmp_path: Path
) -> None:
    lines = [
        ("A", "Technology spending", 2024, 5, None, "vendor"),
        (None, "Data", 2025, None, None, None),
        (None, "language model", None, None, None, "union"),
        (None, "Technology spending over revenue", 2026, "4 %", None, None),
        (None, None, 2026, 7, None, None),
    ]
    path = filled(templates, "en", tmp_path / "ours.xlsx", LEAST)
    book = openpyxl.load_workbook(path)
    for row, values in enumerate(lines, 2):
        for column, value in enumerate(values, 1):
            book["Plans"].cell(row, column, value)
    book.save(path)
    faults = Faults()
    file = bank_file.read(path, faults)
    assert file.data["plans"]["A"]["language_model"] == "union", "its route may stand in the column of routes"
    assert [str(fault) for fault in faults] == [f"{path}:Plans!D6: a value stands beside no field"]
    assert [note.spoken("en") for note in file.notes] == [
        f"{path}:Plans!F2 is not read: Technology spending has none",
        f"{path}:Plans!B3 has no value and is not read",
        f"{path}:Plans!C5 is not read: Technology spending over revenue has none",
    ]


def test_the_items_worth_checking_first_are_those_in_most_doubt_that_count() -> None:
    answers = {"goals": [1, 3], "committee": {"answers": [2], "evidence": "audited"}, "evaluation": 1}
    bank = BankSettings.model_validate(
        {**LEAST, "items": answers, "staff": {"data": 0.01}, "spend_ratio": 0.03}
    )
    table = item_doubts(bank).set_index("item")
    assert table.loc["goals", "reason"] == "conflicting"
    assert table.loc["committee", "points"] == 0
    assert table.loc["evaluation", "reason"] == "claimed"
    assert not {"spend", "data_people", "other_data"} & set(table.index), (
        "settled elsewhere, or not to be checked"
    )
    first = worth_checking(bank)
    assert len(first) == 5
    assert first["points"].is_monotonic_decreasing
    settled = bank.model_copy(update={"scores": Scores.model_validate(dict.fromkeys(DIMENSIONS, 50))})
    assert set(worth_checking(settled)["item"]) == {"goals", "evaluation"}
