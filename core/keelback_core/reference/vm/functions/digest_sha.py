"""MD5, SHA-1, SHA-256 and SHA-3 in plain Python: `hashlib` would pull in libraries that the engine must do without.

Each function takes bytes and returns the digest's bytes. Spec: RFC 1321, FIPS 180-4, FIPS 202.
Twin: core/kernel/vm/functions/digest_sha.
"""

from __future__ import annotations

from math import floor, sin

_32_BITS = 0xFFFFFFFF
_64_BITS = 0xFFFFFFFFFFFFFFFF


def _rotate(value: int, count: int) -> int:
    return (value << count | value >> (32 - count)) & _32_BITS


def _padded(data: bytes, byte_order: str) -> bytes:
    """The message with its end mark and its length in bits, in blocks of 64 bytes."""
    length = (len(data) * 8).to_bytes(8, "little" if byte_order == "little" else "big")
    return data + b"\x80" + bytes((55 - len(data)) % 64) + length


_MD5_SINES = tuple([floor(abs(sin(step + 1)) * 4294967296) for step in range(64)])
_MD5_SHIFTS = ((7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21))


def md5(data: bytes) -> bytes:
    """RFC 1321."""
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    message = _padded(data, "little")
    for start in range(0, len(message), 64):
        words = [int.from_bytes(message[at : at + 4], "little") for at in range(start, start + 64, 4)]
        a, b, c, d = state
        for step in range(64):
            part = step // 16
            if part == 0:
                mixed, word = b & c | ~b & d, step
            elif part == 1:
                mixed, word = d & b | ~d & c, (5 * step + 1) % 16
            elif part == 2:
                mixed, word = b ^ c ^ d, (3 * step + 5) % 16
            else:
                mixed, word = c ^ (b | ~d & _32_BITS), 7 * step % 16
            total = (a + mixed + _MD5_SINES[step] + words[word]) & _32_BITS
            a, d, c, b = d, c, b, (b + _rotate(total, _MD5_SHIFTS[part][step % 4])) & _32_BITS
        state = [(old + new) & _32_BITS for old, new in zip(state, (a, b, c, d), strict=True)]
    return b"".join([word.to_bytes(4, "little") for word in state])


def sha1(data: bytes) -> bytes:
    """FIPS 180-4, SHA-1."""
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0]
    message = _padded(data, "big")
    for start in range(0, len(message), 64):
        words = [int.from_bytes(message[at : at + 4], "big") for at in range(start, start + 64, 4)]
        for at in range(16, 80):
            words.append(_rotate(words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16], 1))
        a, b, c, d, e = state
        for step in range(80):
            if step < 20:
                mixed, constant = b & c | ~b & d, 0x5A827999
            elif step < 40:
                mixed, constant = b ^ c ^ d, 0x6ED9EBA1
            elif step < 60:
                mixed, constant = b & c | b & d | c & d, 0x8F1BBCDC
            else:
                mixed, constant = b ^ c ^ d, 0xCA62C1D6
            total = (_rotate(a, 5) + mixed + e + constant + words[step]) & _32_BITS
            a, b, c, d, e = total, a, _rotate(b, 30), c, d
        state = [(old + new) & _32_BITS for old, new in zip(state, (a, b, c, d, e), strict=True)]
    return b"".join([word.to_bytes(4, "big") for word in state])


def _primes(count: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return found


def _root_bits(value: int, power: int) -> int:
    """The first 32 bits behind the point of the square (2) or cube (3) root, exactly."""
    target = value << (32 * power)
    low, high = 0, 1 << 40
    while high - low > 1:
        middle = (low + high) // 2
        if middle**power <= target:
            low = middle
        else:
            high = middle
    return low & _32_BITS


_SHA256_START = tuple([_root_bits(prime, 2) for prime in _primes(8)])
_SHA256_STEPS = tuple([_root_bits(prime, 3) for prime in _primes(64)])


def _turn(value: int, first: int, second: int, third: int) -> int:
    """The exclusive or of three rotations to the right."""
    return _rotate(value, 32 - first) ^ _rotate(value, 32 - second) ^ _rotate(value, 32 - third)


def sha256(data: bytes) -> bytes:
    """FIPS 180-4, SHA-256."""
    state = list(_SHA256_START)
    message = _padded(data, "big")
    for start in range(0, len(message), 64):
        words = [int.from_bytes(message[at : at + 4], "big") for at in range(start, start + 64, 4)]
        for at in range(16, 64):
            early, late = words[at - 15], words[at - 2]
            first = _rotate(early, 25) ^ _rotate(early, 14) ^ early >> 3
            second = _rotate(late, 15) ^ _rotate(late, 13) ^ late >> 10
            words.append((words[at - 16] + first + words[at - 7] + second) & _32_BITS)
        a, b, c, d, e, f, g, h = state
        for step in range(64):
            one = h + _turn(e, 6, 11, 25) + (e & f ^ ~e & g) + _SHA256_STEPS[step] + words[step]
            two = _turn(a, 2, 13, 22) + (a & b ^ a & c ^ b & c)
            a, b, c, d, e, f, g, h = (one + two) & _32_BITS, a, b, c, (d + one) & _32_BITS, e, f, g
        state = [(old + new) & _32_BITS for old, new in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    return b"".join([word.to_bytes(4, "big") for word in state])


def _keccak_constants() -> list[int]:
    """The round constants, from the shift register that defines them."""
    constants = []
    register = 1
    for _ in range(24):
        constant = 0
        for position in range(7):
            if register & 1:
                constant |= 1 << ((1 << position) - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return constants


_KECCAK_CONSTANTS = _keccak_constants()


def _rotate_lane(value: int, count: int) -> int:
    return (value << count | value >> (64 - count)) & _64_BITS if count else value


def _keccak(lanes: list[list[int]]) -> list[list[int]]:
    """Keccak-f[1600] on lanes[x][y]."""
    for constant in _KECCAK_CONSTANTS:
        parity = [column[0] ^ column[1] ^ column[2] ^ column[3] ^ column[4] for column in lanes]
        mixed = [parity[(x + 4) % 5] ^ _rotate_lane(parity[(x + 1) % 5], 1) for x in range(5)]
        lanes = [[lane ^ mixed[x] for lane in lanes[x]] for x in range(5)]
        x, y = 1, 0
        current = lanes[x][y]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x][y] = lanes[x][y], _rotate_lane(current, (step + 1) * (step + 2) // 2 % 64)
        for y in range(5):
            row = [lanes[x][y] for x in range(5)]
            for x in range(5):
                lanes[x][y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])
        lanes[0][0] ^= constant
    return lanes


def sha3(data: bytes, bits: int) -> bytes:
    """FIPS 202, SHA3-224, -256, -384 or -512."""
    rate = 200 - bits // 4
    message = bytearray(data) + b"\x06"
    message += bytes(-len(message) % rate)
    message[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for start in range(0, len(message), rate):
        for at in range(rate // 8):
            place = start + 8 * at
            lanes[at % 5][at // 5] ^= int.from_bytes(message[place : place + 8], "little")
        lanes = _keccak(lanes)
    output = b"".join([lanes[at % 5][at // 5].to_bytes(8, "little") for at in range(25)])
    return output[: bits // 8]
