"""The stochastic differential equations of Secs 2, 3 and 5.4 on the losses of Sec. 4.3."""
