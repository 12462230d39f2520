"""`sdeopt verify`: the results of the theory derived here and now."""
