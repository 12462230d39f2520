"""Theorems that a check holds against simulation, one a file; a new file is found by itself.

A file holds ``THEOREM``, a `sims.check.theorem.Theorem`. Its name is that of the result in
`theory.results`, with what tells two statements of one result apart.
"""
