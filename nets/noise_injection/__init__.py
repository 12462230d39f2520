"""Noise on the weights of networks that are averaged now and then: Adilova et al. (2018), Sec. 4."""
