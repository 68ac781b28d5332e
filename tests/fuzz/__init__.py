"""Whatever bytes somebody else wrote: each reader takes them, or refuses them in its own words."""
