"""The reference's tests of modes, on the kernel's storage."""

from __future__ import annotations

from storage_bodies import kernel_tests

globals().update(kernel_tests("test_modes"))
