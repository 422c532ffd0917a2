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
assets: {value: 35.0e+9, unit: yuan, range: [1.0e+8, 5.0e+12], source: own data, grade: own data}
spend_ratio: 0.032
staff: {technologists: 0.02, data: 0.004, composite: 0.005}
scores: {strategy: 52, organization: 45, technology: 44, application: 46, data: 44, ecosystem: 40}
plan: {strategy: 0.10, organization: 0.10, technology: 0.35, application: 0.25, data: 0.10, ecosystem: 0.10}
""",
    encoding="utf-8",
)
study = api.simulate(
    "bank=ours",
    "experiment=own_bank",
    "scenarios=[baseline,severe_margin,large_bank_opens,union_service,union_bank]",
    "replicates=32",
    "outputs.report=false",
    f"outputs.folder={mine}",
    configs=[mine],
)
answers = study.own_bank()
list(answers)

# %% [markdown]
# ## Where are we against peers of our kind and size?
#
# Share of them with a lower score, percent: median and 90 % of runs.

# %%
place = answers["place"].query("scenario == 'baseline'")
place.pivot(index="dimension", columns="quarter", values=["q05", "q50", "q95"]).round(0)

# %% [markdown]
# ## Which dimension is our bottleneck?
#
# Points of the index by 2030Q4 for one more million yuan, the money from outside. What it builds has to be kept
# running out of our own budget.

# %%
gains = answers["bottleneck"].query("scenario == 'baseline'").set_index("dimension")
gains[["median", "low90", "high90"]].sort_values("median", ascending=False).round(2)

# %% [markdown]
# ## Is our plan better than deciding like our kind?

# %%
answers["against_its_kind"].set_index("scenario")[["median", "low90", "high90", "probability"]].round(2)

# %% [markdown]
# ## What budget share keeps us from falling behind?
#
# Share of runs in which the index ends at or above the median of our kind, by technology spending over revenue.

# %%
share = study.frame("own_share")
share.pivot(index="spend_ratio", columns="scenario", values="keeps_up").round(2)

# %% [markdown]
# ## Hire or train?
#
# Gain of the index against the present staff: more people in every role (down), technologists who come to know the
# business (across). Pay is not in the model.

# %%
staff = study.frame("own_staff")
staff.pivot(index="hired", columns="trained", values="effect").round(2)

# %% [markdown]
# ## How much of the budget is maintenance, and when does change pay back?
#
# The balance is cumulated income from digital capability less spending on change, against the same bank, with the
# same luck, that changes nothing. What capability earns is an assumption: read the order, not the yuan.

# %%
answers["maintenance"].query("scenario == 'baseline'").set_index("year")[["q05", "q50", "q95"]].round(0)

# %%
answers["payback"].round(1)

# %%
answers["paid_back_by"].pivot(index="scenario", columns="year", values="share").round(2)

# %% [markdown]
# ## Build, buy, union or alliance?
#
# Had the bank known only one route to language models.

# %%
answers["routes"].query("scenario == 'baseline'").set_index("route").drop(columns="scenario").round(1)

# %% [markdown]
# ## What if a large bank opens in our county, or our union reforms?
#
# Market share, percent of that at the start, and money for change, million yuan a quarter: medians. Then what each
# scenario changes at our bank by 2030Q4, paired with the baseline.

# %%
paths = answers["stress"]
figure, panels = plt.subplots(1, 2, figsize=(8, 2.5))
for axes, outcome in zip(panels, ("inclusive_share", "change_budget"), strict=True):
    rows = paths[paths["outcome"] == outcome]
    for scenario in ("baseline", "severe_margin", "large_bank_opens"):
        line = rows[rows["scenario"] == scenario]
        axes.plot(range(len(line)), line["q50"], label=scenario)
    axes.set_xticks(range(0, len(line), 8), line["quarter"].iloc[::8])
    axes.set_title(outcome, fontsize=9)
panels[0].legend(fontsize=7)
figure.tight_layout()

# %%
changes = answers["changes"].query("outcome in ('index', 'technology', 'inclusive_share', 'budget')")
changes.set_index(["scenario", "outcome"])[["median", "low90", "high90", "probability"]].round(2)

# %% [markdown]
# ## Where does the plan break?
#
# A run fails where the index ends below the median of our kind, or the budget of the last year does not cover
# what must be kept running. Then the uncertain numbers that tell failing runs from others: the share that fails
# in the lowest and in the highest third of each. With 32 runs most of these differences are luck; `error` says
# how large luck is.

# %%
answers["failures"].round(2)

# %%
breaks = study.frame("own_bank_breaks")
here = breaks[breaks["scenario"] == "baseline"]
here[["parameter", "fails_low", "fails_high", "difference", "error"]].head(6).round(2)

# %% [markdown]
# ## What should move within a year if the plan works?
#
# At the start, after twelve months (`q05` to `q95`), and against the same bank that changes nothing.

# %%
early = answers["early"].query("scenario == 'baseline' and clear != 0").set_index("outcome")
early[["start", "q05", "q50", "q95", "median", "low90", "high90"]].round(2)

# %% [markdown]
# A self-assessment is taken as true here, and compared with what the model says of peers. The report of `python
# simulate.py experiment=own_bank` shows the same with more runs, in the section *Your bank*.
