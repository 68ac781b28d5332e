"""Search quality: schedulers driven over learning curves in simulated time."""
