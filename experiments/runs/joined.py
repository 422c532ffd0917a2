"""The records of several worlds as one: scenarios under other assumptions beside those under the study's own."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model.record import Record


def joined(parts: Sequence[tuple[Sequence[int], Record]]) -> Record:
    """Join records on the scenario axis.

    Parameters
    ----------
    parts : sequence of (places, Record)
        Each record with the places of its scenarios among all. All have the same replicates, quarters and banks.

    Returns
    -------
    Record
        The scenarios in the order of their places.
    """
    first = parts[0][1]
    if len(parts) == 1:
        return first
    order = np.argsort([place for places, _ in parts for place in places])
    records = [record for _, record in parts]
    policies = tuple(dict.fromkeys(name for record in records for name in record.policies))
    names = [name for record in records for name in record.scenarios]
    return replace(
        first,
        scenarios=tuple(names[place] for place in order),
        policies=policies,
        true=_laid([record.true for record in records], order),
        small=_laid([record.small for record in records], order),
        survey=_laid([record.survey for record in records], order),
        outcomes=_by_name([record.outcomes for record in records], order),
        costs=_laid([_under(record, policies) for record in records], order),
        bank_index=_laid([record.bank_index for record in records], order),
        province_index=_laid([record.province_index for record in records], order),
        banks=None if first.banks is None else _by_name([record.banks or {} for record in records], order),
        graphs={key: graph for record in records for key, graph in record.graphs.items()},
        items=None
        if first.items is None
        else _laid([r.items for r in records if r.items is not None], order),
        own=None if first.own is None else _by_name([record.own or {} for record in records], order),
    )


def _laid(arrays: Sequence[np.ndarray], order: np.ndarray) -> np.ndarray:
    laid: np.ndarray = np.concatenate(arrays)[order]
    return laid


def _by_name(parts: Sequence[dict[str, np.ndarray]], order: np.ndarray) -> dict[str, np.ndarray]:
    return {name: _laid([part[name] for part in parts], order) for name in parts[0]}


def _under(record: Record, policies: Sequence[str]) -> np.ndarray:
    """Costs of shape (scenarios, replicates, years, policies, payers, kinds) with a place for every policy."""
    shape = list(record.costs.shape)
    shape[3] = len(policies)
    costs = np.zeros(shape)
    for place, name in enumerate(record.policies):
        costs[:, :, :, policies.index(name)] = record.costs[:, :, :, place]
    return costs
