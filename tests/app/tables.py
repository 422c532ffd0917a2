"""What the page shows beside what the tables of a study hold, digit for digit."""

import numpy as np

from experiments.app.setting import Question, Setting, Use

QUESTION = Question.about(Setting((Use("data_sharing", 0.7, "2026Q3", ("city", "rural"), ("west", "east")),)))
KEYS = ["scenario", "quantity", "outcome", "bank_kind"]


def same_paths(shown, bands, kinds, passed_over="-"):
    """Hold every path of an answer to the rows of ``bands.parquet``; variables of one beginning are passed over."""
    told = dict(iter(bands[bands["measure"] == "true"].groupby(KEYS, observed=True)))
    for name in shown.paths:
        for kind in kinds:
            if name[2].startswith(passed_over):
                continue
            line, rows = shown.path(*name, kind), told.get((*name, kind), bands[:0])
            assert len(rows) == len(line["quarter"]), (name, kind)
            for column in ("q05", "q50", "q95", "mean"):
                assert np.array_equal(line[column], rows[column].to_numpy()), (name, kind, column)
