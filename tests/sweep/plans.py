"""Plans of sweeps, as `sweeps.run` makes them."""

from sweeps.spec import as_spec
from sweeps.sweep.planning.plan import make_plan


def plan_of(train, data=None, **form):
    return make_plan(as_spec({"trainable": "none", **form}), train, data)
