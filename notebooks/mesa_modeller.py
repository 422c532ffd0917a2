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
# # An ordinary Mesa model
#
# For who knows Mesa. The banking system is a `mesa.Model`: built by keywords, stepped quarter by quarter, with agents,
# a data collector, `running`, `agent.remove()`, copies and the batch runner as usual.

# %%
import mesa
import numpy as np

from agents.kinds import BANK_KINDS, CityBank
from experiments import api
from experiments.mesa_model import BankingModel

model = api.model(rng=7, policies=["data_sharing"], end="2026Q4")
while model.running:
    model.step()
model.datacollector.get_model_vars_dataframe().iloc[::4].round(1)

# %%
banks = model.agents.select(lambda bank: bank.kind == "rural")
{"rural banks": len(banks), "mean index": round(float(banks.agg("index", np.mean)), 1)}

# %% [markdown]
# ## A rule and a kind of bank of your own
#
# A rule is a function of what banks know; a kind is a class that does something in its own way. Twenty lines, and no
# file of the lab is touched.


# %%
def follow_the_gap(bank):
    """Money goes where the score lies furthest below what the bank expects of itself."""
    return np.maximum(bank.aspiration - bank.score, 0.0) + 1.0


@BANK_KINDS.register("city")
class KeenCityBank(CityBank):
    """City banks that see twice the benefit in every system and put half of their money into data."""

    @classmethod
    def benefit(cls, seen):
        return 2.0 * seen

    @classmethod
    def divide(cls, rule, outlook):
        weights = np.array(rule.divide(outlook))
        weights = weights / weights.sum(0)
        weights[4] += 1.0  # data
        return weights


keen = api.model(rng=7, allocation=follow_the_gap, end="2026Q4")
while keen.running:
    keen.step()
BANK_KINDS.register("city", CityBank)
city = keen.banks.rows("city")
{
    "data": round(float(keen.dims[4, city].mean() - model.dims[4, city].mean()), 1),
    "share of money": round(float(keen.shares[4, city].mean()), 2),
}

# %% [markdown]
# ## A bank leaves the market

# %%
twin = api.model(rng=7, end="2022Q4")
for _ in range(4):
    twin.step()
largest = max(twin.agents, key=lambda bank: float(bank.assets))
largest.remove()
while twin.running:
    twin.step()
len(twin.agents)

# %% [markdown]
# ## Batch runs, and functions for whatever explores functions
#
# `mesa.batch_run` takes the class. `api.evaluator` gives a function of the model's numbers: EMA Workbench takes it as
# the function of a `Model`, SALib as what is evaluated on a sample.

# %%
rows = mesa.batch_run(
    BankingModel,
    {"end": "2021Q4", "network": ["partnerships", "none"]},
    rng=[1, 2],
    display_progress=False,
)
{
    network: round(np.mean([r["index"] for r in rows if r["network"] == network]), 2)
    for network in ("partnerships", "none")
}

# %%
evaluate = api.evaluator("index rural", end="2024Q4", replicates=4)
{peer: round(evaluate(behaviour__peer=peer)["index rural"], 2) for peer in (0.0, 0.5, 1.0)}
