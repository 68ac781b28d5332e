"""Workers as Ray actors: what they are sent, how they are started, and what they answer."""
