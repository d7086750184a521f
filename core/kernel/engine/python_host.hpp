// Finds a Python, loads the kbengine plug-in into it and starts it.
#ifndef KEELBACK_ENGINE_PYTHON_HOST_HPP
#define KEELBACK_ENGINE_PYTHON_HOST_HPP

#include "engine.hpp"
#include "plugin/table.h"

namespace keelback::engine {

// Once per process; afterwards only checks that the interpreter still lives.
Failure load_python_engine(kb_ask_function ask);
// nullptr before load_python_engine succeeded.
const kb_engine* loaded_engine();

}  // namespace keelback::engine

#endif
