"""Aspiration: what a bank expects of itself, from its past, its performance and its peers."""

from agents.column import Array, Number


def adapted(
    aspiration: Array, performance: Array, peers: Array, own_weight: Number, peer_weight: Number
) -> Array:
    """``A' = a1 A + a2 y + a3 ybar`` with weights that sum to one (Cyert & March; Greve; literature L016).

    Parameters
    ----------
    aspiration, performance : ndarray, shape (R, n)
        0-1.
    peers : ndarray, shape (R, 1)
        Mean performance of the bank's kind, 0-1.
    own_weight, peer_weight : float or ndarray
        a2 and a3; a1 is what remains.

    Returns
    -------
    ndarray, shape (R, n)
        0-1.
    """
    return aspiration + own_weight * (performance - aspiration) + peer_weight * (peers - aspiration)
