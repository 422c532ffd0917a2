# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Our bank and our plan: where does the plan break?
#
# For a bank's strategy team. **The bank is invented**: a rural commercial bank in a county of Shandong. Yours is a
# small file in a folder of your own, which need not lie in the repository; write down what you know, and leave the
# rest to its kind. `conf/bank/example.yaml` explains every line. The bank stands *beside* the simulated system: it
# sees margins, peers, partners and policies, and nobody else changes because of it.

# %%
from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt

from experiments import api

mine = Path(mkdtemp())  # for instance Path.home() / "our-bank"
(mine / "bank").mkdir()
(mine / "bank" / "ours.yaml").write_text(
    """\
name: Invented County Rural Commercial Bank
kind: rural
province: SD
since: 2024Q1
assets: 350亿元
revenue: 7.4 亿元
margin: 1.75 %
bad_loans: 1.6
capital: 12.4
spend_ratio: 3.2 %
employees: 620
staff: {technologists: 0.02, data: 0.004, composite: 0.005}
scores: {strategy: 52, organization: 45, technology: 44, application: 46, data: 44, ecosystem: 40}
floors: {capital: 11.0, profit: 0.2亿元, market: 0.7}
discount_rate: 0.07
plans:
  data_first:
    dimensions: {2024: {organization: 1e6, technology: 2e6, application: 2e6, data: 4e6, ecosystem: 1e6}}
    projects: [{item: platform, start: 2024Q1, route: vendor}, {item: quality, start: 2024Q1}]
  own_model:
    spending: {2024: 0.3亿元}
    projects: [{item: llm_service, start: 2025Q1, route: build}]
  allied: {spend_ratio: 0.032, language_model: alliance}
""",
    encoding="utf-8",
)
study = api.simulate(
    "bank=ours",
    "experiment=own_bank",
    "scenarios=[baseline,severe_margin,large_bank_opens,union_bank]",
    "analysis.methods=[own_reverse]",
    "replicates=16",
    "outputs.report=false",
    f"outputs.folder={mine}",
    configs=[mine],
)
answers = study.own_bank()
list(answers)

# %% [markdown]
# ## Which plan?
#
# Beside what peers do and as today. `keeps_up`: no floor of ours is fallen below and the index ends at or above the
# median of our kind; `npv` in million yuan against the same bank that keeps running what it has.

# %%
answers["choice"].set_index("plan").round(2)

# %% [markdown]
# ## What breaks them?
#
# Share of runs that fall below a floor in any year, and the blow of our own at which half of the runs fall below each
# floor: 0 where they do without one, NaN where they bear the largest that was tried.

# %%
answers["floors"].pivot(index="scenario", columns="plan", values="any").round(2)

# %%
reverse = study.frame("own_reverse")
reverse.pivot(index=["plan", "floor"], columns="driver", values="breaks_at").round(1)

# %% [markdown]
# ## Does every number reconcile?
#
# Technology spending by use, and the revenue at the start to the profit of the last year; million yuan.

# %%
budget = answers["budget"].query("scenario == 'baseline' and plan == 'data_first'").set_index("year")
budget.drop(columns=["plan", "scenario"]).round(2)

# %%
answers["bridge"].query("scenario == 'baseline'").set_index("plan").drop(columns="scenario").round(1)

# %% [markdown]
# ## Where are we among peers, and which dimension is our bottleneck?
#
# Those whose difference to the best may be luck are tied.

# %%
answers["place"].pivot(index="dimension", columns="year", values=["q05", "q50", "q95"]).round(0)

# %%
answers["bottleneck"].round(3)

# %% [markdown]
# ## What share of revenue keeps us up? Hire or train? Build, buy, share or wait?

# %%
answers["shares"].pivot(index="times", columns="scenario", values="keeps_up").round(2)

# %%
answers["people"].round(2)

# %%
answers["routes"].set_index("route").round(1)

# %% [markdown]
# ## When does it pay back, and what should move within a year?

# %%
answers["payback"].query("scenario == 'baseline'").set_index("plan").drop(columns="scenario").round(2)

# %%
paths = answers["paths"].query("outcome == 'index' and scenario == 'baseline'")
for plan, line in paths.groupby("plan", sort=False):
    plt.plot(line["year"], line["q50"], label=plan)
plt.legend(fontsize=7)
plt.title("Index, median of the runs", fontsize=9)

# %%
early = answers["early"].query("plan == 'data_first'").set_index("outcome")
early[["still", "q05", "q50", "q95", "effect", "effect_low", "effect_high"]].round(2)

# %% [markdown]
# What we entered is taken as true here. `python simulate.py experiment=own_bank` shows the same with more runs and
# writes the board paper: `board.html`, `board.pptx` and `board.xlsx`.
