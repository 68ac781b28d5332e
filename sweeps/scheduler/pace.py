"""How often the model is asked, and how often it learns: deciding must stay cheap in long sweeps."""

from __future__ import annotations

_MANY = 512  # results; from here on one more or less moves the model little, and its constants have settled

_PLAN, _PLAN_OF_MANY = 32, 16  # a plan is for one in so many of the results there are
_LATE_PLAN = 384  # the same once all trials have begun: who goes on is then all there is to decide
_LONGEST_PLAN = 192  # from here on a longer one saves little, and is out of date before it ends

_LEARN_LEAST = 4
_LEARN_PART, _LEARN_PART_OF_MANY = 8, 1  # one search takes as long as deciding hundreds of trials


def plan_length(results: int, *, all_begun: bool) -> int:
    """How many jobs to decide on at a time."""
    part = _LATE_PLAN if all_begun else _PLAN if results < _MANY else _PLAN_OF_MANY
    return min(max(results // part, 1), _LONGEST_PLAN)


def patience(results: int) -> int:
    """How many more results to wait for until the model's constants are looked for again."""
    return max(_LEARN_LEAST, results // (_LEARN_PART if results < _MANY else _LEARN_PART_OF_MANY))
