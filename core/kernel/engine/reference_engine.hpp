// The Python engine behind the engine interface.
#ifndef KEELBACK_ENGINE_REFERENCE_ENGINE_HPP
#define KEELBACK_ENGINE_REFERENCE_ENGINE_HPP

#include "engine.hpp"

namespace keelback::engine {

Failure open_reference(const OpenRequest& request, EngineHost& host, std::unique_ptr<EngineConnection>& connection);

}  // namespace keelback::engine

#endif
