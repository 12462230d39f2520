"""placeholder"""

STATEMENTS: tuple[object, ...] = ()
