"""The first stage: readers of files, which know nothing of specs."""
