"""The merge patch of RFC 7396 on JSONB, as json_patch() does it.

1. A patch that is an object changes the target member by member: null removes, an object goes on inside, everything
   else replaces. Any other patch replaces the target.
2. Members keep their place and label; new ones come at the end with the label of the patch.
3. Objects that are open lie on a stack, so nesting is bounded by the stated limit only.

Spec: https://sqlite.org/json1.html#jpatch, RFC 7396. Twin: core/kernel/vm/functions/json_patch.
"""

from __future__ import annotations

from keelback_core.value.errors import SqlError
from keelback_core.value.result_codes import ERROR

from .json_binary import MAXIMUM_DEPTH, NULL, OBJECT, TEXT, TEXT_RAW, element, element_bounds, overwrite
from .json_print import malformed
from .json_string import same_label


class _Member:
    """A label and its value, both as JSONB."""

    __slots__ = ("label", "value")

    def __init__(self, label: bytes, value: bytes) -> None:
        self.label = label
        self.value = value

    def has_label(self, label: bytes) -> bool:
        """Whether this member's label says the same."""
        return same_label(*_name(self.label), *_name(label))


def _name(label: bytes) -> tuple[bytes, bool]:
    start, end = element_bounds(label, 0)
    return label[start:end], label[0] & 0x0F in (TEXT, TEXT_RAW)


def _members(data: bytes) -> list[_Member]:
    """The members of an object. SqlError "malformed JSON"."""
    position, end = element_bounds(data, 0)
    members = []
    while position < end:
        stop = element_bounds(data, position)[1]
        value_stop = element_bounds(data, stop)[1] if stop else 0
        if not TEXT <= data[position] & 0x0F <= TEXT_RAW or not value_stop or value_stop > end:
            raise malformed()
        members.append(_Member(data[position:stop], data[stop:value_stop]))
        position = value_stop
    return members


class _Merge:
    """An object being patched: its old bytes, its members, and those of the patch that are still to come."""

    __slots__ = ("members", "old", "owner", "patches")

    def __init__(self, old: bytes, members: list[_Member], patches: list[_Member], owner: _Member | None) -> None:
        self.old = old
        self.members = members
        self.patches = patches
        self.owner = owner


def _begin(target: bytes, patch: bytes, owner: _Member | None) -> _Merge:
    members = _members(target) if target[0] & 0x0F == OBJECT else []
    return _Merge(target, members, _members(patch)[::-1], owner)


def merge_patch(target: bytes, patch: bytes) -> bytes:
    """The target with the patch applied."""
    if patch[0] & 0x0F != OBJECT:
        return overwrite(len(target), patch)
    stack = [_begin(target, patch, None)]
    while True:
        merge = stack[-1]
        if merge.patches:
            deeper = _apply(merge, merge.patches.pop())
            if deeper is not None:
                if len(stack) > MAXIMUM_DEPTH:
                    raise SqlError(ERROR, "JSON nested too deep")
                stack.append(deeper)
            continue
        done = _assembled(merge)
        stack.pop()
        if merge.owner is None:
            return done
        merge.owner.value = done


def _assembled(merge: _Merge) -> bytes:
    """The object; its old header stays if the size does."""
    payload = b"".join([member.label + member.value for member in merge.members])
    start, end = element_bounds(merge.old, 0)
    if merge.old[0] & 0x0F == OBJECT and end - start == len(payload):
        return merge.old[:start] + payload
    return element(OBJECT, payload)


def _apply(merge: _Merge, change: _Member) -> _Merge | None:
    """One member of the patch; the merge of its value where that is an object."""
    kind = change.value[0] & 0x0F
    found = None
    for member in merge.members:
        if member.has_label(change.label):
            found = member
            break
    if kind == NULL:
        if found is not None:
            merge.members.remove(found)
        return None
    if kind != OBJECT:
        if found is None:
            merge.members.append(change)
        else:
            found.value = overwrite(len(found.value), change.value)
        return None
    if found is None:
        found = _Member(change.label, element(OBJECT, b""))
        merge.members.append(found)
    return _begin(found.value, change.value, found)
