"""What every service owes a client: a wish is done once, and who wants to be forgotten is."""
