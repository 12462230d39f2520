"""Wide against deep minima: which of them coupled agents gather in."""
