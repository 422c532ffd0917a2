"""Four ways to divide a change budget over the six dimensions, behind one name each.

Every rule is a function of a bank (or cohort) that returns shares of shape ``(6, R, n)`` which sum to one.
"""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

import numpy as np

from agents.allocation.fixed_plan import fixed_plan
from agents.allocation.reinforcement import reinforcement
from agents.allocation.return_maximising import return_maximising
from agents.allocation.satisficing import satisficing

Rule = Callable[[Any], np.ndarray]

RULES: Final = MappingProxyType(
    {
        "satisficing": satisficing,
        "reinforcement": reinforcement,
        "return_maximising": return_maximising,
        "fixed_plan": fixed_plan,
    }
)
