"""How the figures on deep networks are drawn."""
