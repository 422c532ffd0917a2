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
# # Which lever closes the gap between rural and city banks, at what cost, and how surely?
#
# For a policy researcher. Every lever of the library is played alone against the baseline, on the same luck: run
# 7 of a policy meets the margins, chances and draws of run 7 of the baseline, so that a small number of runs
# already tells the effect. Sizes are small here so that the notebook runs in seconds; `python simulate.py
# experiment=levers` is the full study.

# %%
from tempfile import mkdtemp

import matplotlib.pyplot as plt

from experiments import api

levers = [
    "inclusive_supervision",
    "data_sharing",
    "talent_policy",
    "alliances",
    "union_reform",
    "new_infrastructure",
    "data_governance",
    "differentiated_guidance",
]
study = api.simulate(
    f"scenarios=[baseline,{','.join(levers)}]",
    "replicates=16",
    "outputs.report=false",
    f"outputs.folder={mkdtemp()}",
)
study.tables

# %% [markdown]
# ## What each lever does to the gap
#
# `rural_city_gap` is the mean score of city banks less that of rural institutions; turned round here, so that a
# positive number closes it. The interval holds 90 % of the paired runs, each with its own parameters of the model and
# its own strength of the policy; `probability` is the share of runs that close it; `rural` is what rural institutions
# gain themselves (a gap also closes where city banks lose).

# %%
effects = study.frame("effects")
last = effects[(effects["quarter"] == "2030Q4") & (effects["measure"] == "true")]
gap = last[(last["outcome"] == "rural_city_gap") & (last["bank_kind"] == "all")]
by_lever = (-gap["effect"]).groupby(gap["scenario"], observed=True)
answer = by_lever.quantile([0.05, 0.5, 0.95]).unstack()
answer.columns = ["low", "closes", "high"]
answer["probability"] = by_lever.agg(lambda effect: (effect > 0).mean())
rural = last[(last["outcome"] == "index") & (last["bank_kind"] == "rural")]
answer["rural"] = rural.groupby("scenario", observed=True)["effect"].median()
answer = answer.sort_values("closes", ascending=False)
answer.round(2)

# %% [markdown]
# ## At what cost
#
# Million yuan over all years and payers, for the banks of this population (the 80 surveyed and the 18 large
# ones), and what a point of the gap costs where the interval leaves zero out. Costs are judgements with ranges,
# not accounts.

# %%
costs = study.frame("costs").groupby(["scenario", "replicate"], observed=True)["cost"].sum()
answer["cost"] = costs.groupby("scenario", observed=True).median()
answer["cost_of_a_point"] = (answer["cost"] / answer["closes"]).where(answer["low"] > 0)
answer.round(2)

# %%
figure, axes = plt.subplots(figsize=(7, 3))
axes.hlines(answer.index.astype(str), answer["low"], answer["high"], color="#9ecae8", linewidth=4)
axes.plot(answer["closes"], answer.index.astype(str), "o", color="#0072B2")
axes.axvline(0, color="black", linewidth=0.6)
axes.invert_yaxis()
axes.set_xlabel("Gap between rural and city banks by 2030Q4 (points; right of zero it closes)")
figure.tight_layout()

# %% [markdown]
# ## Does the leader close it where margins are severe?
#
# As the table has it: below zero the gap closes.

# %%
leader = str(answer.index[0])
severe = api.simulate(
    f"policy={leader}",
    "environment=severe",
    "replicates=16",
    "outputs.report=false",
    f"outputs.folder={mkdtemp()}",
)
bands = severe.frame("bands")
chosen = (
    (bands["quantity"] == "effect") & (bands["outcome"] == "rural_city_gap") & (bands["measure"] == "true")
)
bands[chosen & (bands["quarter"] == "2030Q4")][["scenario", "q05", "q50", "q95"]].round(2)

# %% [markdown]
# ## What this cannot say
#
# The strengths of policies are priors with ranges: no datum identifies them. The order of levers is therefore an
# order under stated assumptions, and a lever whose interval covers zero has not been shown to do nothing. The
# full study, its report and `analysis.methods=[ranking]` show how often the order turns over.
