"""Compiled building blocks of the engine: random words, noise, block passes, generated drivers."""
