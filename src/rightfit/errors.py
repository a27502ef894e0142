"""Everything that rightfit raises or warns about, as one tree.

```
RightfitError (Exception)
├── DataError (ValueError)            the table or the arrays cannot be used as they are
│   ├── FileError                     a file cannot be read, or is not what its name says
│   ├── ColumnError                   one column is missing, mistyped or unusable; names it
│   └── RowError                      one row is unusable; names it (counted from 0)
├── OptionError (ValueError)          an option or a parameter makes no sense here; names it
├── FitError (ArithmeticError)        the fit asked for has no answer, e.g. separable classes without penalty
│   └── OutOfTime                     the time that a walk was given is up
├── StoreError (ValueError)           a .rightfit file is damaged, unsafe or from another world
└── MissingExtraError (ImportError)   an optional dependency is not installed; says how to get it

RightfitWarning (UserWarning)
├── NotConvergedWarning               a fit stopped before its certificate was reached; says by how much
└── SuspiciousDataWarning             leaks, identifiers, drift, values outside the training range
```

Messages are one or two sentences: what is wrong, by name, and what to do. The command line prints them
without a traceback and exits with ``exit_code``.
"""

from __future__ import annotations


class RightfitError(Exception):
    """Root of all errors that rightfit raises on purpose."""

    exit_code = 1


class DataError(RightfitError, ValueError):
    """The table or the arrays cannot be used as they are."""

    exit_code = 3


class FileError(DataError):
    """A file cannot be read, or is not what its name says."""


class ColumnError(DataError):
    """One column is missing, mistyped or unusable; the message names it."""


class RowError(DataError):
    """One row is unusable; the message names it, counted from 0."""


class OptionError(RightfitError, ValueError):
    """An option or parameter makes no sense here; the message names it and the values it may take."""

    exit_code = 2


class FitError(RightfitError, ArithmeticError):
    """The fit that was asked for has no answer, such as separable classes without a penalty."""

    exit_code = 4


class OutOfTime(FitError):
    """The time that a walk was given is up; what it had found so far is lost."""


class StoreError(RightfitError, ValueError):
    """A ``.rightfit`` file is damaged, unsafe, or written by an incompatible version."""

    exit_code = 5


class MissingExtraError(RightfitError, ImportError):
    """An optional dependency is not installed; the message gives the command that installs it."""

    exit_code = 6


class RightfitWarning(UserWarning):
    """Root of all warnings."""


class NotConvergedWarning(RightfitWarning):
    """A fit stopped before its certificate was reached; the message gives the gap that is left."""


class SuspiciousDataWarning(RightfitWarning):
    """Something in the data deserves a look: leaks, identifiers, drift, values out of range."""
