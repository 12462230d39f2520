"""What the papers say of a figure, as claims: one subject a file."""
