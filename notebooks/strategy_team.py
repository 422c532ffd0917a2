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
# For a bank's strategy team. **The bank is invented**: a rural commercial bank in a county of Shandong. To bring
# your own, copy `conf/bank/example.yaml`, or give numbers as below. The bank stands *beside* the simulated
# system: it sees margins, peers, partners and policies, and nobody else changes because of it.

# %%
from tempfile import mkdtemp

import matplotlib.pyplot as plt

from experiments import api

ours = [
    "bank=example",
    "bank.assets.value=35e9",
    "bank.spend_ratio=0.032",
    "bank.plan={strategy: 0.1, organization: 0.1, technology: 0.35, application: 0.25, data: 0.1, ecosystem: 0.1}",
]
study = api.simulate(
    *ours,
    "task=policy",
    "analysis.methods=[own_bank]",
    "scenarios=[baseline,severe_margin,descent_faster,union_service]",
    "replicates=32",
    "outputs.report=false",
    f"outputs.folder={mkdtemp()}",
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
# ## How much of the budget is maintenance, and when does change pay back?
#
# The balance is cumulated income from digital capability less spending on change, against the same bank, with the
# same luck, that changes nothing. What capability earns is an assumption: read the order, not the yuan.

# %%
own = study.frame("own_bank")
plan = own[(own["variant"] == "plan") & (own["scenario"] == "baseline")]
share = (
    plan[plan["outcome"] == "run_share"]
    .groupby("quarter", observed=True)["value"]
    .quantile([0.05, 0.5, 0.95])
    .unstack()
)
figure, axes = plt.subplots(figsize=(7, 2.5))
axes.fill_between(range(len(share)), share[0.05], share[0.95], color="#f89c20", alpha=0.3, linewidth=0)
axes.plot(range(len(share)), share[0.5], color="#f89c20")
axes.set_xticks(range(0, len(share), 4), share.index[::4].astype(str))
axes.set_ylabel("Run cost, % of budget")
figure.tight_layout()

# %%
answers["payback"].round(1)

# %% [markdown]
# ## Build, buy, union or alliance?
#
# Had the bank known only one route to language models.

# %%
answers["routes"].query("scenario == 'baseline'").set_index("route").drop(columns="scenario").round(1)

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

# %%
early = answers["early"].query("scenario == 'baseline' and clear != 0").set_index("outcome")
early[["median", "low90", "high90"]].round(2)

# %% [markdown]
# A self-assessment is taken as true here, and compared with what the model says of peers. The report of `python
# simulate.py experiment=own_bank` shows the same with more runs, in the section *Your bank*.
