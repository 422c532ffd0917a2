"""The data dictionary of the laboratory's tables: what a row is, and what each column means."""

from typing import Any, Final

from experiments.analysis.evidence import columns as evidence

TABLES: Final = {
    "frontier": "what one bundle does and costs, and whether another does at least as well for no more",
    "variance": "how the variance of one paired effect divides between parameters and seeds",
    "shapley": "what one lever, or one channel, contributes to the effect of one scenario",
    "channels": "what one channel of the model contributes to the effect in focus",
    "factorial": "paired effect of one coalition of a bundle's levers",
    "pairs": "what two levers of a bundle do together beyond what they do alone",
    "surface": "paired effect of two policies at one pair of strengths",
    "ranking": "probability that one scenario takes one place",
    "reversal": "condition under which a challenger most often beats the leader",
    "information": "what knowing one parameter would be worth",
    "sensitivity": "how the effect in focus depends on one parameter",
    "discovery": "bound on one parameter of the box in which the bundle in focus fails",
    "assumptions": "one contrast of the 2x2 of assumptions and policy",
    "winners": "paired change of the index of one group of banks, pooled among provinces",
    "thresholds": "probability that one threshold is passed in one year",
    "dispersion": "difference between two scenarios among rural institutions, by spread within provinces",
    "own_bank_breaks": "how one parameter decides about the failure of the own bank's plan in one scenario",
    "own_share": "how the own bank's plan ends in one scenario at one share of revenue",
    "own_staff": "how the own bank's plan ends with one staff, in the first scenario",
    **evidence.TABLES,
}
TEXT: Final = {
    **evidence.TEXT,
    "scenario": "label of the scenario",
    "outcome": "a dimension, index or an outcome",
    "bank_kind": "large, city, rural, private or all (all small and medium banks)",
    "dominated_by": "the bundle that beats it, or its baseline; empty when none does",
    "decomposition": "levers or channels",
    "channel": "name of the policy or channel; residual: what the others leave",
    "levers": "policies of the coalition, joined by +",
    "first": "first of a pair",
    "second": "second of a pair",
    "verdict": "complements, substitutes or neither, at 90 %",
    "leader": "the scenario with the largest median gain",
    "challenger": "one of the next best",
    "parameter": "name of the uncertain number; a policy's strength is its place in the declared range",
    "side": "low, middle or high third of the parameter's draws",
    "data": "kind of data that would tell the parameter",
    "failure": "wrong_way: the effect is not for the better; worst_quarter: among the worst quarter of runs",
    "changed": "overrides that make the changed assumptions",
    "contrast": "which two cells of the 2x2 are compared",
    "grouping": "kind, size_quintile or province",
    "group": "name of the group",
    "threshold": "affordable or adopted",
}
NUMBERS: Final = {
    **evidence.NUMBERS,
    "effect": ("paired effect", "that of the outcome"),
    "probability": ("share of runs", "0-1"),
    "cost": ("cost beyond the baseline over all years and payers, mean over runs", "million yuan"),
    "point_price": (
        "cost of one point of the outcome; missing unless for the better in 95 % of runs",
        "million yuan",
    ),
    "gap_probability": ("share of runs in which the rural-city gap closes", "0-1"),
    "gap_effect": ("paired effect on the rural-city gap", "points"),
    "gap_price": (
        "cost of one point by which the gap closes; missing unless it closes in 95 % of runs",
        "million yuan",
    ),
    "on_frontier": ("1 where no bundle beats it", ""),
    "frontier_probability": ("share of runs in which no bundle beats it", "0-1"),
    "mean": ("mean over the study's runs", "that of the outcome"),
    "sd": ("standard deviation over the study's runs", "that of the outcome"),
    "share_parameters": ("share of variance by parameters alone", "0-1"),
    "share_seeds": ("share of variance by seeds alone", "0-1"),
    "share_both": ("share of variance by both together", "0-1"),
    "replicates_sign": ("runs for a 90 % interval of the mean that leaves zero out", "runs"),
    "replicates_tenth": ("runs for a half-width of a tenth of the mean", "runs"),
    "low": ("lower end", "that of its table"),
    "high": ("upper end", "that of its table"),
    "median": ("median", "year"),
    "interaction": ("together less alone", "that of the outcome"),
    "first_strength": ("strength of the first policy", "0-1"),
    "second_strength": ("strength of the second policy", "0-1"),
    "place": ("place, 1 the best", ""),
    "gain": ("effect turned so that more is better", "that of the outcome"),
    "probability_given": ("share of runs in which the challenger leads under the condition", "0-1"),
    "noise": ("what shuffled parameters show in 95 % of cases", "0-1"),
    "clear": ("1 where beyond noise", ""),
    "value": ("expected gain from choosing with the parameter known", "that of the outcome"),
    "value_noise": (
        "the most that any parameter shows when runs are shuffled, 95 % quantile",
        "that of the outcome",
    ),
    "variance_share": ("share of the variance of the leader's effect", "0-1"),
    "variance_noise": ("the most that any parameter shows when runs are shuffled, 95 % quantile", "0-1"),
    "value_of_everything": (
        "expected gain from choosing with parameters and luck known",
        "that of the outcome",
    ),
    "centre": ("effect with every parameter at its central value", "that of the outcome"),
    "mu_star": ("mean absolute elementary effect (Morris)", "that of the outcome"),
    "mu_star_error": ("half-width of its 90 % interval", "that of the outcome"),
    "sigma": ("standard deviation of elementary effects", "that of the outcome"),
    "first": ("Sobol index of first order", "0-1"),
    "total": ("Sobol index of total order", "0-1"),
    "seed_noise": ("share of variance that the seed takes part in", "0-1"),
    "base_samples": ("base samples of the Sobol design", ""),
    "threshold": (
        "effect, turned so that more is better, at and below which a run fails",
        "that of the outcome",
    ),
    "failures": ("share of all runs that fail", "0-1"),
    "behind": ("share of runs in which the own bank's index ends below the median of its kind", "0-1"),
    "exhausted": (
        "share of runs in which its budget does not cover its running cost in the last year",
        "0-1",
    ),
    "spend_ratio": ("technology spending over revenue at the start", "0-1"),
    "own": ("1 at the bank's own number", ""),
    "keeps_up": (
        "share of runs in which the own bank's index ends at or above the median of its kind",
        "0-1",
    ),
    "holds_place": ("share of runs in which it leaves no fewer of its kind behind than at the start", "0-1"),
    "index": ("index of the own bank in the last quarter", "points"),
    "people": ("technologists, data and composite people over all staff", "percent"),
    "hired": ("more people in every role over the present number", "0-1"),
    "trained": ("technologists who become composite people over all technologists", "0-1"),
    "fails_low": ("share of runs that fail among those in the lowest third of the parameter", "0-1"),
    "fails_high": ("share of runs that fail among those in the highest third of the parameter", "0-1"),
    "error": ("standard error of the difference", "0-1"),
    "range": ("end of the sampled range", "that of the parameter"),
    "coverage": ("share of the failures inside the box", "0-1"),
    "density": ("share of the runs inside the box that fail", "0-1"),
    "mass": ("share of all runs inside the box", "0-1"),
    "density_unseen": ("density on runs that the box was not found on, mean over resamples", "0-1"),
    "coverage_unseen": ("coverage on runs that the box was not found on, mean over resamples", "0-1"),
    "stability": ("share of resampled sets of runs that bound the parameter from the same side", "0-1"),
    "banks": ("banks in the group", "banks"),
    "raw": ("median without pooling", "points"),
    "weight": ("weight of the group's own banks", "0-1"),
    "year": ("calendar year", ""),
    "by_then": ("share of runs that have passed it by then", "0-1"),
    "never": ("share of runs that do not pass it within the study", "0-1"),
    "provinces": ("provinces in the group", "provinces"),
    "dispersion": (
        "mean standard deviation of the index among a province's rural institutions, baseline",
        "points",
    ),
    "difference": ("first less second; for the slope, a point of dispersion", "points"),
    **dict.fromkeys(("lose_large", "lose", "same", "gain_large"), ("share of banks", "0-1")),
}
NUMERIC_HERE: Final = {("sensitivity", "first"), ("discovery", "threshold")}
ENDS: Final = {"_low": "5 % quantile of: ", "_high": "95 % quantile of: "}


def column(table: str, name: str) -> dict[str, Any]:
    """Describe one column of one table."""
    if name in TEXT and (table, name) not in NUMERIC_HERE:
        return _entry(name, "string", TEXT[name], "")
    if name in NUMBERS:
        return _entry(name, "float64", *NUMBERS[name])
    if name.startswith("cost_") and not name.endswith(tuple(ENDS)):
        return _entry(
            name, "float64", f"part of the cost paid by {name.removeprefix('cost_')}", "million yuan"
        )
    for end, words in ENDS.items():
        if name.endswith(end):
            meaning, unit = NUMBERS[name.removesuffix(end)]
            return _entry(name, "float64", words + meaning, unit)
    raise KeyError(f"column {name} of {table} has no meaning")


def described(table: str, names: list[str]) -> dict[str, dict[str, Any]]:
    """Describe the columns of a table, in order."""
    return {name: column(table, name) for name in names}


def _entry(name: str, dtype: str, meaning: str, unit: str) -> dict[str, Any]:
    return {"name": name, "dtype": dtype, "meaning": meaning, "unit": unit, "low": None, "high": None}
