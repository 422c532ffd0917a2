"""The quarters of a study by themselves, for checking dates when other keys of the study are at fault."""

from __future__ import annotations

from pydantic import ValidationInfo, field_validator

from experiments.settings.fields import Quarter, Strict


class Horizon(Strict):
    """First and last quarter, both counted in."""

    start: Quarter
    end: Quarter

    @field_validator("end")
    @classmethod
    def _after_start(cls, end: str, others: ValidationInfo) -> str:
        if end <= others.data.get("start", ""):
            raise ValueError(f"{end} does not come after the start {others.data['start']}")
        return end
