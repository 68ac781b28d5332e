"""What is told of data: what was understood, what is to be beaten, what looks like a mistake."""
