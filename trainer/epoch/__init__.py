"""What an epoch is made of, minibatch by minibatch, and what it is judged by."""
