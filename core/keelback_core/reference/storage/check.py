"""stub"""
from __future__ import annotations
from keelback_core.reference.storage.pager import Pager
class IntegrityCheck:
    def __init__(self, pager: Pager, max_errors: int) -> None:
        pass
    def run(self, roots):  # type: ignore
        return []
