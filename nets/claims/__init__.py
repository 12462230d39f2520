"""What the paper says of its figures on deep networks, as claims: one subject a file."""
