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
# # The published numbers again, digit for digit
#
# For an academic. A study is named by its settings, code and data. Its folder holds a manifest with the resolved
# settings, the seed, the streams of random numbers and the hash of every file, and the manifest alone is enough
# to run it again.

# %%
from pathlib import Path
from shutil import copytree
from tempfile import mkdtemp

from experiments import api

place = Path(mkdtemp())
study = api.simulate(
    "experiment=main",
    "replicates=8",
    "outputs.report=false",
    f"outputs.folder={place}",
)
manifest = study.manifest
{key: manifest[key] for key in ("name", "seed", "overrides", "python")} | {"files": len(manifest["files"])}

# %% [markdown]
# ## Run it again, from the manifest alone
#
# `replay` composes nothing: it reads the settings in the manifest, computes every run anew and compares every
# file. What ran where, and on how many workers, does not matter; a change of code, data or packages is named in
# `notes`.

# %%
again = api.replay(study.folder / "manifest.json", place / "again")
again.same, again.differences

# %% [markdown]
# ## Is a folder that somebody sent me sound?
#
# `verify` recomputes the tables and finds a single changed digit, and where it stands.

# %%
api.verify(study.folder).same

# %%
import pandas as pd

altered = copytree(study.folder, place / "altered")
scores = pd.read_parquet(altered / "scores.parquet")
scores.loc[100, "score"] += 1e-9
scores.to_parquet(altered / "scores.parquet")
[str(difference) for difference in api.verify(altered).differences]

# %% [markdown]
# ## The same numbers in pandas, xarray and DuckDB

# %%
frame = study.frame("scores")
last = frame[
    (frame["quarter"] == "2030Q4") & (frame["measure"] == "true") & (frame["scenario"] == "union_reform")
]
last.groupby(["bank_kind", "dimension"], observed=True)["score"].median().unstack().round(2)

# %%
data = study.dataset()
data["score"].sel(scenario="union_reform", quarter="2030Q4").median("replicate").dropna(
    "bank_kind"
).to_pandas().round(2)

# %%
study.views().sql(
    """
    select bank_kind, dimension, round(median(score), 2) as score
    from scores
    where scenario = 'union_reform' and quarter = '2030Q4' and measure = 'true' and bank_kind = 'rural'
    group by all order by all
    """
).df()

# %% [markdown]
# ## A question of one's own
#
# `python simulate.py experiment=convergence` asks whether banks that start ahead gain more (Matthew effect, beta above
# zero) or less (mean reversion), on true scores and as two noisy surveys would show it; here at a small size.
# [docs/questions.md](../docs/questions.md) lists ten such questions with their commands.

# %%
asked = api.simulate(
    "experiment=convergence",
    "scenarios=[baseline]",
    "replicates=16",
    "outputs.report=false",
    f"outputs.folder={place}",
)
columns = ["beta", "beta_low", "beta_high", "beta_surveyed", "sigma_start", "sigma_end"]
asked.frame("convergence").set_index("group")[columns].round(2)

# %% [markdown]
# ## Uncertainty of parameters, and of seeds
#
# Each replicate draws its own member of the calibrated ensemble, and its own strength of each policy. With
# `uncertainty.parameters=central` replicates keep the central values of the model and differ by chance and by the
# strength of the policy. The spread of levels and of paired effects under both tells the two apart; from 32 replicates
# a standard deviation is known to about an eighth.

# %%
small = ["scenarios=[baseline,both]", "replicates=32", "outputs.report=false", f"outputs.folder={place}"]
posterior = api.simulate(*small)
central = api.simulate(*small, "uncertainty.parameters=central")


def spread(results) -> pd.Series:
    """Standard deviation over replicates: index of rural institutions, and effect of both policies on it."""
    bands = results.frame("bands")
    rows = bands[
        (bands["outcome"] == "index")
        & (bands["bank_kind"] == "rural")
        & (bands["quarter"] == "2030Q4")
        & (bands["measure"] == "true")
        & (bands["scenario"] == "both")
    ]
    return rows.set_index("quantity")["sd"]


pd.DataFrame({"parameters and seeds": spread(posterior), "seeds alone": spread(central)}).round(3)

# %% [markdown]
# Pairing takes most of the chance out of an effect: few replicates tell an effect, where a level needs many. A
# published table should give the hash of the study beside it, `manifest["study"]`, and whether the manifest is intact:

# %%
len(manifest["study"]), api.open(study.folder).manifest.intact
