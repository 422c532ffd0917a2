"""What a file may say of a bank: its sheets, its columns and its fields, each with the names that people give them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from agents.honeycomb import DIMENSIONS, TALENTS
from experiments.config.names import Names
from experiments.config.sentences import Sentence

SHEETS: Final = Names(
    {
        "bank": ("our bank", "own bank", "the bank", "银行", "基本信息"),
        "staff": ("people", "员工"),
        "items": ("questionnaire", "answers", "问卷", "题目"),
        "plans": ("plan", "计划"),
        "floors": ("floor", "limits", "约束", "红线"),
        "banks": ("members", "peers", "成员", "同业", "成员银行", "同业银行"),
        "guide": ("readme", "read me", "notes", "说明"),
    },
    {
        "bank": Sentence("Bank", "本行"),
        "staff": Sentence("Staff", "人员"),
        "items": Sentence("Items", "条目"),
        "plans": Sentence("Plans", "规划"),
        "floors": Sentence("Floors", "底线"),
        "banks": Sentence("Banks", "成员行"),
        "guide": Sentence("Guide", "填写说明"),
    },
)
ROW, MEANING, VALUE, UNIT, EVIDENCE = "field", "meaning", "value", "unit", "evidence"
COUNT, PAY, SHARE = "persons", "pay", "share"
PLAN, WHEN, ROUTE = "plan", "year", "route"
COLUMNS: Final = Names(
    {
        ROW: ("item", "row", "key", "role", "字段", "指标", "角色", "条目", "底线", "floor"),
        MEANING: ("what it is", "name", "说明"),
        VALUE: ("answer", "amount", "数值", "填写", "金额"),
        UNIT: ("units",),
        EVIDENCE: ("grade of evidence", "佐证"),
        COUNT: ("people", "headcount", "人"),
        PAY: ("pay a year", "cost a person", "薪酬"),
        SHARE: ("share of staff", "占比"),
        PLAN: ("plan name", "方案", "规划名称"),
        WHEN: ("start", "quarter", "when", "年份", "起始季度", "季度"),
        ROUTE: ("delivery", "way", "方式", "途径"),
    },
    {
        ROW: Sentence("Field", "项目"),
        MEANING: Sentence("Meaning", "含义"),
        VALUE: Sentence("Value", "值"),
        UNIT: Sentence("Unit", "单位"),
        EVIDENCE: Sentence("Evidence", "依据"),
        COUNT: Sentence("Persons", "人数"),
        PAY: Sentence("Pay", "人均成本"),
        SHARE: Sentence("Share", "占员工比例"),
        PLAN: Sentence("Plan", "规划"),
        WHEN: Sentence("Year or quarter", "年份或季度"),
        ROUTE: Sentence("Route", "实施方式"),
    },
)

# Key, English, Chinese, unit that the template suggests in either language; then other words for it.
_FIELDS: Final = """
name                    | Name                                | 银行名称               |                               | bank name; 名称; bank
kind                    | Kind of bank                        | 机构类型               |                               | type; bank type; bank kind; 类型; 银行类型
province                | Province                            | 省份                   |                               | 所在省份; 注册地; home province; 地区
since                   | First quarter                       | 起始季度               |                               | quarter; start; 起点; 基准日; balance sheet date
assets                  | Total assets                        | 总资产                 | bn yuan; 亿元                 | 资产; 资产总额; 资产总计
loans                   | Loans                               | 贷款余额               | bn yuan; 亿元                 | 贷款; 各项贷款
revenue                 | Revenue                             | 营业收入               | million yuan a year; 万元/年  | income; 营收; operating income
margin                  | Net interest margin                 | 净息差                 | %; %                          | nim; 息差
fees                    | Net fee income                      | 手续费及佣金净收入     | million yuan a year; 万元/年  | fee income; 手续费; 中间业务收入
operating_costs         | Operating costs                     | 业务及管理费           | million yuan a year; 万元/年  | costs; operating expenses; 营业支出; 费用; 成本
bad_loans               | Bad loans                           | 不良贷款率             | %; %                          | npl; npl ratio; 不良率; 不良贷款
coverage                | Provision coverage                  | 拨备覆盖率             | %; %                          | 拨备
capital                 | Capital adequacy                    | 资本充足率             | %; %                          | capital ratio; car; 资本
technology_spending     | Technology spending                 | 科技投入               | million yuan a year; 万元/年  | it spending; technology budget; 科技支出; 信息科技投入
spend_ratio             | Technology spending over revenue    | 科技投入占营业收入比例 | %; %                          | spending ratio; 科技投入占比
employees               | Employees                           | 员工总数               | persons; 人                   | staff total; headcount; 员工人数
branches                | Branches by province                | 各省网点               |                               | branches; 网点; 网点分布; 网点省份
focus                   | Strategic focus                     | 战略重点               |                               | focuses; 特色业务; 业务重点
partners.vendors        | Technology vendors                  | 科技供应商数量         |                               | vendors; 供应商
partners.exporting_bank | Uses a large bank's technology      | 使用大行技术输出       |                               | exporting bank; 技术输出行
partners.alliances      | Allied banks                        | 联盟银行数量           |                               | alliances; 联盟
union                   | Uses its provincial union's platform | 使用省联社平台        |                               | union platform; 省联社
language_model          | Language model                      | 大模型应用方式         |                               | llm; 大模型; language model route
discount_rate           | Discount rate                       | 贴现率                 | %; %                          | 折现率; rate
scores.strategy         | Score: strategy                     | 得分：战略             | points; 分                    | strategy score; 战略得分
scores.organization     | Score: organization                 | 得分：组织             | points; 分                    | organization score; organisation score; 组织得分
scores.technology       | Score: technology                   | 得分：技术             | points; 分                    | technology score; 技术得分
scores.application      | Score: application                  | 得分：应用             | points; 分                    | application score; 应用得分
scores.data             | Score: data                         | 得分：数据             | points; 分                    | data score; 数据得分
scores.ecosystem        | Score: ecosystem                    | 得分：生态             | points; 分                    | ecosystem score; 生态得分
staff.technologists     | Technologists                       | 科技人员               | %; %                          | technology staff; it staff
staff.data              | Data people                         | 数据人员               | %; %                          | data staff
staff.composite         | Composite people                    | 复合型人员             | %; %                          | composite staff; 复合型人才
pay.technologists       | Pay of technologists                | 科技人员人均成本       | thousand yuan a year; 万元/年 |
pay.data                | Pay of data people                  | 数据人员人均成本       | thousand yuan a year; 万元/年 |
pay.composite           | Pay of composite people             | 复合型人员人均成本     | thousand yuan a year; 万元/年 |
floors.capital          | Floor: capital adequacy             | 底线：资本充足率       | %; %                          | 资本充足率底线
floors.profit           | Floor: profit                       | 底线：利润             | million yuan a year; 万元/年  | 利润底线; profit
floors.run_cost         | Ceiling: running cost over budget   | 上限：运行成本占预算   | %; %                          | run cost; running cost; 运行成本上限
floors.market           | Floor: market share kept            | 底线：保住的市场份额   | %; %                          | market; market share; 市场份额底线
trust.claimed           | Trust in what is claimed            | 自评可信度             | %; %                          |
trust.documented        | Trust in what is documented         | 有佐证可信度           | %; %                          |
trust.audited           | Trust in what is audited            | 经审计可信度           | %; %                          |
"""  # noqa: E501 - a table


@dataclass(frozen=True)
class Entry:
    """A field of a bank that a file may fill in.

    Parameters
    ----------
    key : str
        Dotted, as in the group ``bank``.
    title : Sentence
        What a reader calls it.
    units : Sentence
        Unit that the template suggests; empty for words and names.
    words : tuple of str
        What else it is called.
    """

    key: str
    title: Sentence
    units: Sentence
    words: tuple[str, ...]

    @property
    def sheet(self) -> str:
        """The sheet it stands on."""
        head = self.key.partition(".")[0]
        return head if head in ("staff", "floors") else "staff" if head == "pay" else "bank"


def _entry(line: str) -> Entry:
    key, english, chinese, units, words = (cell.strip() for cell in line.split("|"))
    unit, _, in_chinese = units.partition(";")
    others = tuple(word.strip() for word in words.split(";") if word.strip())
    return Entry(key, Sentence(english, chinese), Sentence(unit.strip(), in_chinese.strip()), others)


ENTRIES: Final = tuple(map(_entry, _FIELDS.strip().splitlines()))
DIMENSION_TITLES: Final = {
    name: Sentence(name.capitalize(), chinese)
    for name, chinese in zip(DIMENSIONS, ("战略", "组织", "技术", "应用", "数据", "生态"), strict=True)
}


DELIVERY_NAMES: Final = Names(
    {
        "own": ("build", "builds", "自研", "自主"),
        "vendor": ("buy", "buys", "purchase", "外购", "采购服务"),
        "export": ("large bank", "exporting bank", "大行"),
        "union": ("provincial union", "省联社平台"),
        "alliance": ("allies", "联合"),
    },
    {
        "own": Sentence("own build", "自建"),
        "vendor": Sentence("vendor", "采购"),
        "export": Sentence("exporting bank", "大行输出"),
        "union": Sentence("union", "省联社"),
        "alliance": Sentence("alliance", "联盟"),
    },
)
PLAN_FIELDS: Final = Names(
    {
        "spending": ("spending", "it spending", "technology budget", "科技支出", "总投入"),
        "spend_ratio": ("spending over revenue", "科技投入占比"),
        "language_model": ("llm", "大模型"),
        "pay": ("pay a person", "薪酬"),
        **{f"dimensions.{name}": (name,) for name in DIMENSIONS},
        **{f"headcount.{role}": (f"{role} heads", f"{role} people") for role in TALENTS},
    },
    {
        "spending": Sentence("Technology spending", "科技投入"),
        "spend_ratio": Sentence("Technology spending over revenue", "科技投入占营业收入比例"),
        "language_model": Sentence("Language model", "大模型应用方式"),
        "pay": Sentence("Pay", "人均成本"),
        **{f"dimensions.{name}": title for name, title in DIMENSION_TITLES.items()},
        "headcount.technologists": Sentence("Technologists", "科技人员"),
        "headcount.data": Sentence("Data people", "数据人员"),
        "headcount.composite": Sentence("Composite people", "复合型人员"),
    },
)


@cache
def entry_names(sheet: str = "") -> Names:
    """Fields by what they are called; of one sheet, its own words alone, as a role on the sheet of people."""
    chosen = [entry for entry in ENTRIES if not sheet or entry.sheet == sheet]
    words = {entry.key: (entry.key.replace(".", " "), *entry.words) for entry in chosen}
    if sheet:
        words = {
            key: (*known, key.partition(".")[2]) for key, known in words.items() if not key.startswith("pay.")
        }
    return Names(words, {entry.key: entry.title for entry in chosen if entry.key in words})
