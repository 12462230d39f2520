"""What a proof is: relations, facts that only checked steps can make, results that carry them."""
