"""What the policy laboratory found, as a section of the report: the answer in sentences, then its tables."""

from experiments.report.laboratory.answer import Answer, answer

__all__ = ["Answer", "answer"]
