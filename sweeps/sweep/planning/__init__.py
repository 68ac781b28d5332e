"""Before a sweep starts: the plan, what is held against it, and what it will about be."""
