"""The screen: what a sweep shows while it runs, and what it has come to."""
