"""Descriptors of files, as the operating system gives them.

1. Never 0, 1 or 2: a program whose standard streams are closed would print into a database.
2. A file that is made beside a database has its permissions, whatever the umask says, and its owner where root makes
   it: who may write the database must be able to write its journal, its WAL and its shared memory.

It knows nothing of locks. Twin: kernel/storage/os_open.
"""

from __future__ import annotations

import os

_FIRST_DESCRIPTOR = 3
_ALL_PERMISSIONS = 0o777


def open_descriptor(path: str, mode: int, permissions: int = 0o644) -> int:
    """As os.open. OSError, ValueError."""
    while True:
        descriptor = os.open(path, mode | os.O_CLOEXEC, permissions)
        if descriptor >= _FIRST_DESCRIPTOR:
            return descriptor
        # The place is taken for good, by a file that does no harm.
        os.close(descriptor)
        os.open(os.devnull, os.O_RDWR)


def open_beside(path: str, mode: int, database: os.stat_result) -> int:
    """The same of a file that, where it is made, is made beside a database. OSError, ValueError."""
    wanted = database.st_mode & _ALL_PERMISSIONS
    descriptor = open_descriptor(path, mode | os.O_NOFOLLOW, wanted)
    status = os.fstat(descriptor)
    if mode & os.O_CREAT and status.st_size == 0:
        try:
            if status.st_mode & _ALL_PERMISSIONS != wanted:
                os.fchmod(descriptor, wanted)
            if os.geteuid() == 0:
                os.fchown(descriptor, database.st_uid, database.st_gid)
        except OSError:
            # The file serves this user at least.
            return descriptor
    return descriptor


def can_write(path: str) -> bool:
    """Whether what is there may be read and written."""
    return os.access(path, os.R_OK | os.W_OK)
