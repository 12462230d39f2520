"""How fast the nets are: against plain torch, and one way of computing against another."""
