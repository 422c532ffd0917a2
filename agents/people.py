"""Technologists, data people and composite people: hired, trained, lost."""

import numpy as np

from agents.honeycomb import COMPOSITE, DATA_PEOPLE, TECHNOLOGISTS

Numbers = np.ndarray | float


def teams(staff: np.ndarray, assets: np.ndarray, assets_a_head: Numbers, on_projects: Numbers) -> np.ndarray:
    """Person-years a year that a bank has for change; a composite person counts twice.

    Parameters
    ----------
    staff : ndarray, shape (3, M, R)
        Share of staff by role (``TALENTS``).
    assets : ndarray
        Assets at the start, million yuan.
    assets_a_head, on_projects : float or ndarray
        Million yuan of assets an employee; share of technology people's time for change, 0-1.
    """
    people = staff[TECHNOLOGISTS] + staff[DATA_PEOPLE] + 2.0 * staff[COMPOSITE]
    result: np.ndarray = people * (assets * (on_projects / assets_a_head))
    return result


def wanted(
    start: np.ndarray,
    spend: np.ndarray,
    spend_start: np.ndarray,
    wages: Numbers,
    elasticity: Numbers,
    years: float,
) -> np.ndarray:
    """People a bank would employ, share of staff: they follow real spending.

    Parameters
    ----------
    start : ndarray, shape (3, M, R)
        Wanted at the start, share of staff.
    spend, spend_start : ndarray
        Technology spending now and at the start.
    wages, elasticity : float or ndarray
        Growth of wages, 1/year; elasticity of staff to real spending.
    years : float
        Since the start.
    """
    result: np.ndarray = start * np.exp(elasticity * (np.log(spend / spend_start) - wages * years))
    return result


def turn_over(
    staff: np.ndarray, wanted: np.ndarray, hiring: np.ndarray, leaving: np.ndarray, trained: np.ndarray
) -> np.ndarray:
    """People after a quarter: vacancies filled, people lost, technologists trained into composite people (H003).

    Parameters
    ----------
    staff, wanted : ndarray, shape (3, M, R)
        Share of staff.
    hiring, leaving, trained : ndarray, shape (M, R)
        Vacancies filled, people leaving, technologists that become composite; 1/year.
    """
    after = staff + 0.25 * (hiring * np.maximum(wanted - staff, 0.0) - leaving * staff)
    moved = after[TECHNOLOGISTS] * (0.25 * trained)
    after[TECHNOLOGISTS] -= moved
    after[COMPOSITE] += moved
    result: np.ndarray = after
    return result


def supplied(stock: np.ndarray, index: np.ndarray, need: Numbers) -> np.ndarray:
    """Whether a bank has the people that its own level of digital work asks for; the questionnaire's talent items.

    Parameters
    ----------
    stock : ndarray
        Share of staff in the role.
    index : ndarray
        Mean score of the bank, 0-100.
    need : float or ndarray
        Share of staff needed at an index of 60, in units of 2 %.
    """
    return stock >= 0.02 * need * (0.6 + 0.4 * index / 60.0)
