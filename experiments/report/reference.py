"""What a study is held against: the observed scores with their sampling error, and the provinces' places on a map."""

from pathlib import Path

import pandas as pd

ERRORS = {"city": "Z002", "rural": "Z003", "private": "Z004"}  # rows of noise_and_limits.csv
TILES = ["code", "name_en", "name_zh", "tile_column", "tile_row"]


def observed_scores(data: Path) -> pd.DataFrame:
    """Scores of the survey with their standard error (points); empty without the file."""
    columns = ["bank_kind", "year", "dimension", "score", "error"]
    path = data / "source" / "scores.csv"
    if not path.exists():
        return pd.DataFrame(columns=columns)
    frame = pd.read_csv(path).rename(columns={"bank_type": "bank_kind"})
    limits = pd.read_csv(data / "source" / "noise_and_limits.csv").set_index("id")["value"].astype(str)
    error = {kind: float(limits[row].split()[0]) for kind, row in ERRORS.items()}
    return frame.assign(error=frame["bank_kind"].map(error))[columns]


def tiles(data: Path) -> pd.DataFrame:
    """Provinces with their names and their places on the map of tiles; empty without the file."""
    path = data / "provinces.csv"
    return pd.read_csv(path, keep_default_na=False)[TILES] if path.exists() else pd.DataFrame(columns=TILES)
