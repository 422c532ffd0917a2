"""Systems bought as projects: what they cost, what a bank sees in them, which it starts."""

import numpy as np

Numbers = np.ndarray | float
MANY = 2**15  # numbers


def can_start(
    rung: np.ndarray,
    left: np.ndarray,
    relevant: np.ndarray,
    base: np.ndarray,
    free: np.ndarray,
) -> np.ndarray:
    """Whether a project can be started: nothing stands, none is under way, what it needs has begun.

    Parameters
    ----------
    rung, left : ndarray of int8, shape (B, M, R)
        Rung reached; quarters of a project still to go.
    relevant : ndarray of bool
        Whether the bank needs the system at all.
    base : ndarray of int8
        Rung of the item that is needed first.
    free : ndarray of bool, shape (B, 1, 1)
        Needs nothing first.
    """
    result: np.ndarray = (rung == 0) & (left == 0) & relevant & (free | (base > 0))
    return result


def unlocked(
    gain: np.ndarray, rung: np.ndarray, base_row: np.ndarray, first: int, discount: float
) -> np.ndarray:
    """Gain of each system with, for a planner who sees it, part of the gain of what it would let the bank start.

    Parameters
    ----------
    gain : ndarray, shape (B, M, R)
    rung : ndarray of int8, shape (B, M, R)
    base_row : ndarray of int
        Row of the item each system needs, counted from the first system; its own row for none, negative for others.
    first : int
        Unused rows below it are no systems.
    discount : float
        Part of the gain credited, 0-1.
    """
    total = gain.copy()
    for k, needed in enumerate(base_row):
        if needed >= first and needed != k:
            total[needed] += discount * gain[k] * ((rung[k] == 0) & (rung[needed] == 0))
    return total


def choose(
    cost: np.ndarray,
    ratio: np.ndarray,
    work: np.ndarray,
    purse: np.ndarray,
    people: np.ndarray,
    picks: int,
    stretch: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Start the project with the most perceived benefit for its price, again and again, until money or people run out.

    Parameters
    ----------
    cost, ratio, work : ndarray, shape (B, n)
        Million yuan; benefit for a million, 0 where a project cannot be started; person-years a year.
    purse, people : ndarray, shape (n,)
        Million yuan at hand; person-years free.
    picks : int
        Most projects a bank starts at once.
    stretch : ndarray, shape (n,)
        A project may cost this many times what is at hand; the rest is paid first out of next year's money.

    Returns
    -------
    tuple of ndarray
        Projects started, bool (B, n); money and people left.
    """
    started = np.zeros(ratio.shape, bool)
    for more in reversed(range(picks)):
        open_to = ratio * ((cost <= purse * stretch) & (work <= people))
        best = np.maximum.reduce(open_to, 0)
        on = best > 0  # who starts nothing now starts nothing later
        number = np.count_nonzero(on)
        if not number:
            break
        if open_to.size > MANY and 2 * number < len(on):  # few go on: the others are left out
            some, purse, people = np.flatnonzero(on), purse.copy(), people.copy()
            costs, ratios, works = (one.take(some, 1) for one in (cost, ratio, work))
            begun, purse[some], people[some] = choose(
                costs, ratios, works, purse[some], people[some], more + 1, stretch[some]
            )
            started[:, some] |= begun
            break
        hit = (open_to == best) & on
        purse = purse - np.add.reduce(cost * hit, 0)
        people = people - np.add.reduce(work * hit, 0)
        started |= hit
        ratio = ratio * ~hit
    return started, purse, people
