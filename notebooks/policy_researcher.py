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
# # What does each lever move, for whom, when, and at what price?
#
# For a policy researcher. Every lever of the library is played alone against the baseline, on the same luck: run
# 7 of a policy meets the margins, chances and draws of run 7 of the baseline, so that a small number of runs
# already tells the effect. Sizes are small here so that the notebook runs in seconds; `python simulate.py
# experiment=levers` is the full study.

# %%
from tempfile import mkdtemp

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
folder = mkdtemp()
quiet = {"outputs": {"report": False, "folder": folder}}
study = api.simulate(scenarios=["baseline", *levers], replicates=16, **quiet)
study.tables

# %% [markdown]
# ## The target of each lever
#
# A lever declares its aim: an outcome, or an item of the questionnaire on its ladder from 0 to 100, and the effect by
# 2030 that was held plausible before (grey). That is where it has to show; an item is a fiftieth of the index.

# %%
paths = study.frame("paths")
targets = paths[paths["role"] == "target"].set_index(["scenario", "outcome", "bank_kind"])
targets[["prior_low", "prior_high", "end", "end_low", "end_high", "plausible", "area", "gained"]].round(2)

# %%
study.plot.effects()
# %% [markdown]
# `gained` is in quarters: how much sooner the lever brings banks to where they would be at the end without it. An
# effect is a path, not an end point:

# %%
study.plot.fan("technology", kind="rural", scenarios=["union_reform"])
# %% [markdown]
# ## What each lever does to the gap
#
# `rural_city_gap` is the mean score of city banks less that of rural institutions: below zero the gap closes. The
# interval holds 90 % of the paired runs, each with its own parameters of the model and its own strength of the policy.

# %%
gap = paths[paths["role"] == "gap"].set_index("scenario")[["end", "end_low", "end_high", "probability"]]
gap.sort_values("end").round(2)

# %% [markdown]
# ## At what price
#
# What a policy costs the whole system does not shrink with a sample of its banks: prices are of the national system,
# some 4,000 banks, which a study of the sample plays again with a few runs. Where the change is within noise, for the
# worse, or free, a reason stands instead. Costs are judgements with ranges, not accounts.

# %%
priced = api.simulate(
    scenarios=["baseline", "union_reform", "data_sharing"],
    replicates=4,
    task="policy",
    analysis={"methods": ["cost_effectiveness"], "outcome": "rural_city_gap", "discount": 0.03},
    **quiet,
)
frontier = priced.frame("frontier").set_index("scenario")
frontier[["cost", "target", "target_price", "item_price", "gap_effect", "gap_price", "gap_reason"]].round(1)

# %% [markdown]
# ## Does the leader close it where margins are severe?

# %%
leader = str(gap["end"].idxmin())
severe = api.simulate(policies=[leader], environment="severe", replicates=16, **quiet)
severe.summary().query("role in ('target', 'gap', 'index')").round(2)

# %% [markdown]
# ## What this cannot say
#
# The strengths of policies are priors with ranges: no datum identifies them. The order of levers is therefore an
# order under stated assumptions, and a lever whose interval covers zero has not been shown to do nothing. The
# full study, its report and `analysis.methods=[ranking]` show how often the order turns over.
