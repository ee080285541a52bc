"""What the services promise one another, in pydantic and nothing else."""
