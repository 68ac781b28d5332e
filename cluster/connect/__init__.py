"""The way to a Ray: started here, in this process or another, or knocked at before it is joined."""
