"""The reference's tests of round_trip, on the kernel's storage."""

from __future__ import annotations

from storage_bodies import kernel_tests

# That test reaches into the pager of the reference.
globals().update(kernel_tests("test_round_trip", without=("test_the_lock_byte_page_is_passed_over",)))
