"""Stacks: models that train as one, how their arrays lie, who is in, and what each goes on from."""
