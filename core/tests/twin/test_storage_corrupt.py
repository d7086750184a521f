"""The reference's tests of corrupt, on the kernel's storage."""

from __future__ import annotations

from storage_bodies import kernel_tests

# That test reaches into the pager of the reference.
globals().update(kernel_tests("test_corrupt", without=("test_a_tree_that_runs_in_a_circle_ends_in_an_error",)))
