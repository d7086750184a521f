// The mirror: the kernel and the reference behind one connection; every operation runs on both and is compared.
//
// 1. What the caller gets is the kernel's answer. Where the reference's differs (rows, types, codes, messages,
// counters,
//    descriptions), the answer is SQLITE_INTERNAL with a message "mirror: ...", which says how.
// 2. After a statement has committed, the pages of both databases are compared, byte by byte.
// 3. The reference never touches the kernel's files: it works on copies beside them ("-mirror" behind the name), made
//    when the first mirrored connection of this process opens a file, removed when the last one closes it. So other
//    processes may read the file, but what they write is seen by the kernel alone.
//
// Made for tests: one thread at a time, and twice as slow as the slower one. Spec: DESIGN section 4.
#ifndef KEELBACK_ENGINE_MIRROR_ENGINE_HPP
#define KEELBACK_ENGINE_MIRROR_ENGINE_HPP

#include "engine.hpp"

namespace keelback::engine {

Failure open_mirror(const OpenRequest& request, EngineHost& host, std::unique_ptr<EngineConnection>& connection);

}  // namespace keelback::engine

#endif
