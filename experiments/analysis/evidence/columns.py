"""What each column of the academic's tables means, for the data dictionary."""

from typing import Final

TABLES: Final = {
    "convergence": "how the banks' change of the index depends on where they started, and how their spread changes",
    "placebo": "what the network does to one outcome, beside what shuffled networks do",
    "survey_weights": "index of one group of banks, or an effect on it, raw and weighted to the national system",
    "identification": "one parameter of one independent combination that the posterior tells, or does not",
    "measurement_break": "surveyed score of application with and without the language-model item, in one year",
}
TEXT: Final = {"quantity": "level or effect"}
NUMBERS: Final = {
    "beta": ("slope of the change of the true index on its start, over the study", "points a point"),
    "beta_surveyed": ("the slope that two surveys of the same banks would show", "points a point"),
    "sigma_start": ("standard deviation among the banks at the start, median over runs", "points"),
    "sigma_end": ("standard deviation among the banks at the end, median over runs", "points"),
    "sigma_ratio": ("standard deviation at the end over that at the start", ""),
    "shuffles": ("seeds, each with its own network and shuffling", ""),
    "network": ("with the network less without any, mean over runs", "that of the outcome"),
    "shuffled": ("with the shuffled network less without any, mean over runs", "that of the outcome"),
    "as_large": ("share of shuffled networks that do at least as much as the median true one", "0-1"),
    "direction": ("number of the combination, the stiffest first", ""),
    "variance": ("posterior over prior variance of the combination", ""),
    "chance_low": ("below which chance brings the smallest of the combinations left in 5 % of cases", ""),
    "informed": ("1 where the variance is below chance", ""),
    "rank": ("place of the parameter in the combination, by weight", ""),
    "loading": ("weight of the parameter in the combination, in prior standard deviations", ""),
    "effective": ("banks that an unweighted sample as precise would have", "banks"),
    "covered": ("share of the nation's banks in a kind and region that the sample has", "0-1"),
    "weighted": ("weighted by kind and region to the nation's banks", "points"),
    "without": ("surveyed score of application without the item on language models", "points"),
    "with_item": ("surveyed score of application with the item on language models", "points"),
    "shift": ("with the item less without it, paired", "points"),
}
