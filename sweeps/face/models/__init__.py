"""Models out of a sweep: the winner in `best/`, its predictions, and the winner trained again."""
