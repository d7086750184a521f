// MD5, SHA-1, SHA-256 and SHA-3: the bytes of the digest. No secret is ever digested with these; they are functions of
// SQL, and a library for them would be the only one that the kernel needs.
//
// Spec: RFC 1321, FIPS 180-4, FIPS 202. Twin: keelback_core/reference/vm/functions/digest_sha.py.
#ifndef KEELBACK_VM_FUNCTIONS_DIGEST_SHA_HPP
#define KEELBACK_VM_FUNCTIONS_DIGEST_SHA_HPP

#include <string>

#include "../../value/interrupt_source.hpp"
#include "../../value/value.hpp"

namespace keelback::vm::digest {

// They append to an empty string.
Status md5(InterruptWatch& watch, Bytes data, std::string& digest);
Status sha1(InterruptWatch& watch, Bytes data, std::string& digest);
Status sha256(InterruptWatch& watch, Bytes data, std::string& digest);
// bits: 224, 256, 384 or 512.
Status sha3(InterruptWatch& watch, Bytes data, int bits, std::string& digest);

}  // namespace keelback::vm::digest

#endif
