"""A user's series are read from any spreadsheet, and what is wrong is said with its line and column."""

import csv
import datetime
import json
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from agents.honeycomb import KINDS
from experiments.calibration.fit import CalibrationProblem
from experiments.calibration.targets import read_targets
from experiments.config import series
from experiments.config.assembly import read_provinces, scenario, world
from experiments.config.errors import ConfigError
from experiments.config.load import compose_study
from experiments.config.study import StudySettings, restored
from experiments.config.tables import single_table
from experiments.figures.source import observed_scores
from model.population import GROUPS

DATA = Path(__file__).resolve().parents[2] / "data"


def written(tmp_path: Path, content: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "mine.csv"
    path.write_bytes(content.encode(encoding))
    return path


def refused(path: Path, reader: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        series.READERS[reader](str(path))
    return caught.value


def said(path: Path, reader: str) -> str:
    return str(refused(path, reader))


def test_shipped_series_are_read() -> None:
    margin = series.margin(DATA / "series" / "margin.csv")
    assert set(margin) == set(series.MARGIN_GROUPS)
    assert margin["city"]["2023"] == 1.57
    shares = series.market_shares(DATA / "series" / "inclusive_share.csv")
    assert shares["large"]["2025Q2"] == 45.11
    quality = series.asset_quality(DATA / "series" / "asset_quality.csv")
    assert quality["coverage"]["city"]["2023"] == 194.94
    starts = series.starts(quality)
    assert set(starts) == set(KINDS)
    assert starts["city"] == 1.8871
    assert series.openness(DATA / "provinces.csv")["SC"] == 0.35


def test_shipped_market_shares_give_the_shipped_starts() -> None:
    shares = series.market_shares(DATA / "series" / "inclusive_share.csv")
    starts = series.market_starts(shares, 17.0, {"city": 0.145, "private": 0.0293})
    assert starts == {"large": 0.4865, "rural": 0.3392, "city": 0.145, "private": 0.0293}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "utf-16"])
def test_excel_csv_of_the_labs_own_scores(tmp_path: Path, encoding: str) -> None:
    text = (DATA / "source" / "scores.csv").read_text("utf-8").replace("\n", "\r\n")
    scores = series.scores(written(tmp_path, text, encoding))
    with (DATA / "source" / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(len(years) for kinds in scores.values() for years in kinds.values())
    assert all(scores[r["bank_type"]][r["dimension"]][r["year"]] == float(r["score"]) for r in rows)


def test_chinese_tables(tmp_path: Path) -> None:
    rows = "\n".join(f"城商行,{year}年,{2.1 - 0.1 * (year - 2019):.2f}%" for year in range(2019, 2026))
    margin = series.margin(written(tmp_path, f"机构类型,年份,净息差\n{rows}\n", "gb18030"))
    assert margin == {"city": {str(year): round(2.1 - 0.1 * (year - 2019), 1) for year in range(2019, 2026)}}
    scores = series.scores(written(tmp_path, "银行类型,维度,年份,得分\n农商行,数据,2024,５５.5分\n"))
    assert scores == {"rural": {"data": {"2024": 55.5}}}
    openness = series.openness(written(tmp_path, "省份,开放度\n四川省,40%\nZhejiang,0.8\n"))
    assert openness == {"SC": 0.4, "ZJ": 0.8}
    quality = series.asset_quality(
        written(
            tmp_path, "年份,机构类型,指标,数值\n2020,农商行,不良贷款率,3.9%\n2020,农商行,拨备覆盖率,180%\n"
        )
    )
    assert quality["bad_loans"] == {"rural": {"2020": 3.9}}
    assert series.starts(quality) == {"rural": 1.8}


def test_a_workbook_with_one_sheet_is_a_table(tmp_path: Path) -> None:
    book, path = openpyxl.Workbook(), tmp_path / "mine.xlsx"
    sheet = book.worksheets[0]
    sheet.title = "份额"
    for row in (
        ("季度", "类型", "市场份额"),
        (datetime.date(2020, 12, 31), "大行", 0.31),
        ("2021年末", "大行", "=1/3"),
    ):
        sheet.append(row)
    sheet["C2"].number_format = "0%"
    book.save(path)
    assert "份额!C3: holds a formula whose result was not saved" in said(path, "market_shares")
    sheet["C3"] = 33
    book.save(path)
    assert series.market_shares(path) == {"large": {"2020Q4": 31.0, "2021Q4": 33.0}}
    book.create_sheet("其他")["A1"] = "x"
    book.save(path)
    assert "has several sheets with something in them: 份额, 其他" in said(path, "market_shares")


def test_what_a_workbook_hides_is_neither_read_nor_passed_over(tmp_path: Path) -> None:
    book, path = openpyxl.Workbook(), tmp_path / "mine.xlsx"
    sheet = book.worksheets[0]
    for row in (("province", "value", "checked by"), ("SC", 0.4, ""), ("SD", 0.5, ""), ("", "", "")):
        sheet.append(row)
    sheet.row_dimensions[4].hidden = sheet.column_dimensions["E"].hidden = True
    book.save(path)
    assert series.openness(path) == {"SC": 0.4, "SD": 0.5}, "what is hidden holds nothing"
    sheet.row_dimensions[3].hidden = sheet.column_dimensions["B"].hidden = True
    book.save(path)
    (fault,) = refused(path, "openness").faults
    assert fault.spoken("en") == (
        f"{path}: the sheet Sheet hides what is in row 3, column B; allowed rows and columns in sight, or deleted"
    )
    assert "工作表“Sheet”隐藏了有内容的部分：第 3 行、B 列；可用：取消隐藏" in fault.spoken("zh")
    sheet.row_dimensions[3].hidden = sheet.column_dimensions["B"].hidden = False
    book.create_sheet("empty")
    sheet.sheet_state = "hidden"
    book.save(path)
    assert "hides what is in the whole sheet" in said(path, "openness")


def test_every_row_of_a_workbook_is_read(tmp_path: Path) -> None:
    book, path = openpyxl.Workbook(), tmp_path / "long.xlsx"
    for row in range(5_500):
        book.worksheets[0].append((row,))
    book.save(path)
    assert len(single_table(path).rows) == 5_500


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (
            "province;value\nSC;0,4\n",
            "'0,4' can be read in two ways or not at all; allowed 1200, 1,200 or 1.2",
        ),
        (
            "province,value\nSC,0,4\n",
            "line 2: has more cells than the header; allowed a decimal point as in 3.5",
        ),
        ("province,value\nSC,0.4,\n", ""),
    ],
)
def test_a_decimal_comma_is_refused_however_cells_are_parted(
    tmp_path: Path, content: str, fault: str
) -> None:
    path = written(tmp_path, content)
    if fault:
        assert fault in said(path, "openness")
    else:
        assert series.openness(path) == {"SC": 0.4}


def test_a_small_number_in_its_unit_is_no_share(tmp_path: Path) -> None:
    quality = series.asset_quality(written(tmp_path, "year,kind,value\n2020,city,1.8 %\n2020,private,0.3\n"))
    assert quality["bad_loans"] == {"city": {"2020": 1.8}, "private": {"2020": 0.3}}
    shares = series.market_shares(written(tmp_path, "quarter,kind,value,units\n2020Q4,large,0.31,share\n"))
    assert shares == {"large": {"2020Q4": 31.0}}


def test_units_of_a_column_are_converted(tmp_path: Path) -> None:
    rows = "\n".join(f"{year},city,{200 - year + 2019},bp" for year in range(2019, 2025))
    margin = series.margin(written(tmp_path, f"year,kind,value,unit\n{rows}\n"))
    assert margin["city"]["2020"] == 1.99


@pytest.mark.parametrize(
    ("reader", "content", "fault"),
    [
        (
            "margin",
            "year,kind,value\n2019,citi,2\n",
            "line 2, column kind: 'citi' is no kind of banks here; allowed large",
        ),
        ("margin", "year,kind,value\n2019,citi,2\n", "did you mean city?"),
        (
            "margin",
            "year,kind,value\n2019,city,2 yuan\n",
            "line 2, column value: '2 yuan' is not in percent of assets",
        ),
        ("margin", "year,kind,value\n2019,city,0.02\n", "line 2, column value: '0.02' is out of range"),
        (
            "margin",
            "year,kind,value\n1919,city,2\n",
            "line 2, column year: '1919' is no whole number of 2000 to 2040",
        ),
        ("margin", "year,kind,value\n2019,city,2\n2019,city,2\n", "line 3: city 2019 stands twice"),
        (
            "margin",
            "year,kind,value\n2019,city,2\n2020,city,2\n",
            "city: has no margin for 2021, 2022, 2023, 2024",
        ),
        ("margin", "year,kind,value\n2019,city,\n", "line 2, column value: '' is not a number"),
        ("margin", "year,kind,value\n", "has no row of data"),
        (
            "market_shares",
            "quarter,kind,value\n2021Q4,large,30\n",
            "has no share of the large banks at the end of 2020",
        ),
        ("market_shares", "quarter,kind,value\n2020Q4,large,130\n", "'130' is out of range"),
        (
            "market_shares",
            "quarter,kind,value\n2020Q4,large,0.31\n2021Q4,large,0.33\n",
            "large: is nowhere above 0.33, as shares are; allowed numbers in percent",
        ),
        (
            "market_shares",
            "quarter,kind,value\n2020Q4,large,31\n2020Q4,other,40\n2020Q4,rural,31\n2020Q4,city,14\n",
            "adds to 102 in 2020Q4; allowed at most 100 percent",
        ),
        ("asset_quality", "year,kind,value\n2020,city,0.018\n", "bad_loans city: is nowhere above 0.018"),
        (
            "asset_quality",
            "year,kind,measure,value\n2020,city,capital,0.13\n",
            "capital city: is nowhere above 0.13",
        ),
        ("scores", "bank_type,dimension,year,score\ncity,data,2023,0.5\n", "city data: is nowhere above 0.5"),
        ("openness", "province,value,开放度\nSC,0.4,0.5\n", "has the column value twice"),
        (
            "asset_quality",
            "year,kind,value\n2023,city,1.8\n",
            "city bad_loans: begins in 2023, after the start",
        ),
        (
            "asset_quality",
            "year,kind,measure,value\n2020,city,profit,1\n",
            "line 2, column measure: 'profit' is not known",
        ),
        ("openness", "province,value\nSichaun,0.4\n", "did you mean SC?"),
        ("openness", "province,value\nSC,40\n", "did you mean 40 %?"),
        (
            "scores",
            "bank_type,dimension,year,score\nlarge,data,2023,50\n",
            "'large' is no kind of banks here",
        ),
        ("scores", "bank_type,dimension,year,score\ncity,data,2023,150\n", "allowed 0 to 100 points"),
        ("scores", "bank_type,dimension,year,score\ncity,data,2019,50\n", "2020 to 2040"),
        (
            "scores",
            "bank_type,year,score\ncity,2023,50\n",
            "has no column dimension, only bank_type, year, score",
        ),
    ],
)
def test_faults_name_line_and_column(tmp_path: Path, reader: str, content: str, fault: str) -> None:
    assert fault in said(written(tmp_path, content), reader)


def test_all_faults_of_a_file_come_together(tmp_path: Path) -> None:
    path = written(
        tmp_path, "bank_type,dimension,year,score\ncity,dat,2023,50\nx,data,2023,50\ncity,data,2023,-1\n"
    )
    assert len(said(path, "scores").splitlines()) == 3


LINES = "year,kind,value\n" + "".join(
    f"{year},city,{2.2 - 0.1 * (year - 2019)}\n" for year in range(2019, 2025)
)


def composed(*words: str) -> StudySettings:
    return compose_study(["scenarios=[baseline,data_sharing]", "replicates=2", "end=2025Q4", *words])


def test_shipped_tables_given_as_ones_own_change_no_number() -> None:
    shipped = composed()
    own = composed(
        "series.margin=data/series/margin.csv",
        "series.market_shares=data/series/inclusive_share.csv",
        "series.openness=data/provinces.csv",
    )
    for kind in KINDS:
        known = shipped.banks[kind].plain() | {"inclusive_market": own.banks[kind]["inclusive_market"]}
        assert own.banks[kind].plain() == known
        assert own.banks[kind]["inclusive_market"] == pytest.approx(
            shipped.banks[kind]["inclusive_market"], abs=1e-3
        )
    for one, other in zip(own.scenarios, shipped.scenarios, strict=True):
        for path in ("margin", "large_share"):
            a, b = (getattr(scenario(each).environment, path) for each in (one, other))
            np.testing.assert_array_equal(a, b)
    assert read_provinces(own.series.openness) == read_provinces()


def test_a_series_replaces_the_shipped_one_and_is_part_of_the_study(tmp_path: Path) -> None:
    path = written(tmp_path, LINES)
    study = composed(f"series.margin='{path}'")
    margin = scenario(study.scenarios[1]).environment.margin
    shipped = scenario(composed().scenarios[1]).environment.margin
    city = GROUPS.index("city")
    assert margin[3, city] == pytest.approx(2.1)
    assert not np.array_equal(margin[:, city], shipped[:, city])
    np.testing.assert_array_equal(np.delete(margin, city, 1), np.delete(shipped, city, 1))
    again = restored(json.loads(json.dumps(study.plain())))
    assert again.digest == study.digest != composed().digest
    elsewhere = tmp_path / "elsewhere.csv"
    elsewhere.write_text(LINES.replace("\n", "\r\n"), encoding="utf-8-sig")
    assert composed(f"series.margin='{elsewhere}'").digest == study.digest
    np.testing.assert_array_equal(scenario(again.scenarios[1]).environment.margin, margin)


def test_starts_are_numbers_of_the_banks(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "年份,机构类型,指标,数值\n2020,农商行,拨备覆盖率,180%\n2020,城商行,拨备覆盖率,200%\n2020,农商行,不良贷款率,4.5%\n",
    )
    study = composed(f"series.asset_quality='{path}'", "banks.city.coverage=1.5")
    assert study.banks["rural"]["coverage"] == 1.8
    assert study.banks["city"]["coverage"] == 1.5
    assert study.row("banks.rural.coverage").grade == "own data"
    assert scenario(study.scenarios[0]).environment.bad_loans[3, GROUPS.index("rural")] == pytest.approx(4.5)
    openness = written(tmp_path, "province,value\n四川,0.9\n")
    assert {
        p.code: p.openness for p in world(composed(f"series.openness='{openness}'")).population.provinces
    }["SC"] == 0.9


def test_faults_of_a_series_come_with_those_of_the_study(tmp_path: Path) -> None:
    path = written(tmp_path, "year,kind,value\n2019,citi,2\n2020,city,x\n")
    words = (f"series.margin='{path}'", "series.openness=/nowhere.csv", "series.scores=3", "seed=-1")
    with pytest.raises(ConfigError) as caught:
        composed(*words)
    said = str(caught.value)
    assert f"{path}:line 2, column kind: 'citi' is no kind of banks here" in said
    assert "did you mean city?" in said
    assert f"{path}:line 3, column value: 'x' is not a number" in said
    assert "series.openness: /nowhere.csv: does not exist" in said
    assert "series.scores: 3 is no file; allowed the path of a table (CSV)" in said
    assert "command line:seed" in said
    with pytest.raises(ConfigError) as caught:
        composed(*words, "report=zh")
    assert ":第 3 行，列 value: 'x' 不是数" in str(caught.value)
    quality = written(tmp_path, "year,kind,measure,value\n2020,city,coverage,600\n")
    with pytest.raises(
        ConfigError, match=r"city coverage: starts with 6, which is out of range; allowed 1 to 5"
    ):
        composed(f"series.asset_quality='{quality}'")


def test_scores_of_ones_own_are_what_calibration_fits(tmp_path: Path) -> None:
    text = (DATA / "source" / "scores.csv").read_text("utf-8").replace("\n", "\r\n")
    shipped = read_targets()
    for encoding in ("utf-8-sig", "gb18030"):
        again = read_targets(written(tmp_path, text, encoding))
        np.testing.assert_array_equal(again.values, shipped.values)
    own = CalibrationProblem(
        composed(f"series.scores='{written(tmp_path, text + 'S999,city,data,2024,70,,,x')}'")
    )
    assert own.targets.years[-1] == 2024
    assert CalibrationProblem(composed()).targets.years == shipped.years
    wrong = written(tmp_path, "bank_type,dimension,year,score\ncity,dat,2023,50\n")
    with pytest.raises(ConfigError, match=r"mine\.csv:line 2, column dimension: 'dat' is not known"):
        read_targets(wrong)
    with pytest.raises(ConfigError, match=r"mine\.csv:line 2, column dimension: 'dat' is not known"):
        composed("task=calibrate", f"calibration.scores='{wrong}'")
    seen = observed_scores(DATA, {"series": {"scores": {"city": {"data": {"2024": 70.0}}}}})
    assert seen[["bank_kind", "dimension", "year", "score"]].to_numpy().tolist() == [
        ["city", "data", 2024, 70.0]
    ]
