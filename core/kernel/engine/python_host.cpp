// Where the plug-in and its Python come from.
//
// 1. A process that is a CPython gives its own interpreter, if a plug-in for its minor version lies beside us.
// 2. Any other process gets the libpython found at configure time (KEELBACK_PYTHON_HOME, KEELBACK_CORE_PATH override),
//    loaded globally: extension modules look their Py* symbols up there.
// 3. Nothing that was loaded is ever unloaded, ourselves included.
//
// The private runtime (DESIGN section 5) will come before both: a folder `pyrt` beside us.
#include "python_host.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <climits>
#include <cstdlib>
#include <mutex>

namespace keelback::engine {

namespace {

std::atomic<const kb_engine*> engine{nullptr};

struct Loading {
  std::mutex mutex;
  std::string error;
  const kb_engine* table = nullptr;
  std::string home, paths, core, cffi;
};

Loading& loading() {
  static auto* state = new Loading;
  return *state;
}

std::string own_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&own_folder), &info) == 0 || info.dli_fname == nullptr) return ".";
  dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE | RTLD_NOLOAD);
  char resolved[PATH_MAX];
  const std::string path = realpath(info.dli_fname, resolved) != nullptr ? resolved : info.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash);
}

// The "3.11" of the CPython that this process runs, empty if it runs none.
std::string running_python() {
  auto* version = reinterpret_cast<const char* (*)()>(dlsym(RTLD_DEFAULT, "Py_GetVersion"));
  auto* is_initialized = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "Py_IsInitialized"));
  if (version == nullptr || is_initialized == nullptr || is_initialized() == 0) return {};
  const std::string text = version();
  const size_t minor = text.find('.') + 1;
  size_t end = minor;
  while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
  return text.substr(0, end);
}

std::string find_plugin(const std::string& version) {
  const std::string folder = own_folder();
  std::string tag = version;
  tag.erase(tag.find('.'), 1);
  for (const char* place : {"/", "/keelback/"}) {
    const std::string path = folder + place + "kbengine.cpython-" + tag + ".so";
    if (access(path.c_str(), R_OK) == 0) return path;
  }
  return {};
}

const char* environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

bool load_libpython(const std::string& home) {
  const std::string baked =
      home == KEELBACK_PYTHON_HOME_DEFAULT ? KEELBACK_LIBPYTHON : home + "/lib/" KEELBACK_LIBPYTHON_NAME;
  for (const std::string& path : {baked, std::string(KEELBACK_LIBPYTHON_NAME)}) {
    if (dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE) != nullptr) return true;
    const char* reason = dlerror();
    loading().error = std::string("cannot load Python: ") + (reason != nullptr ? reason : path.c_str());
  }
  return false;
}

std::string module_paths(const std::string& home) {
  const std::string library = home + "/lib/python" KEELBACK_PYTHON_VERSION;
  return library + ":" + library + "/lib-dynload";
}

bool load() {
  Loading& state = loading();
  const std::string running = running_python();
  state.core = environment("KEELBACK_CORE_PATH", KEELBACK_CORE_PATH_DEFAULT);
  state.cffi = KEELBACK_CFFI_PATH;
  const std::string plugin = find_plugin(running.empty() ? KEELBACK_PYTHON_VERSION : running);
  if (plugin.empty()) {
    const bool is_ours = running.empty() || running == KEELBACK_PYTHON_VERSION;
    state.error = is_ours ? "cannot find Keelback's engine (kbengine) beside libkeelback.so"
                          : "this process runs CPython " + running + ", but Keelback's engine was built for CPython " +
                                KEELBACK_PYTHON_VERSION;
    return false;
  }
  if (running.empty()) {
    state.home = environment("KEELBACK_PYTHON_HOME", KEELBACK_PYTHON_HOME_DEFAULT);
    state.paths = module_paths(state.home) + ":" + state.cffi + ":" + state.core;
    if (!load_libpython(state.home)) return false;
  }
  void* handle = dlopen(plugin.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    const char* reason = dlerror();
    state.error = std::string("cannot load Keelback's engine: ") + (reason != nullptr ? reason : plugin.c_str());
    return false;
  }
  auto* entry = reinterpret_cast<const kb_engine* (*)()>(dlsym(handle, KB_ENGINE_ENTRY));
  if (entry == nullptr || entry()->version != KB_ENGINE_VERSION) {
    state.error = "Keelback's engine at " + plugin + " does not belong to this library";
    return false;
  }
  state.table = entry();
  return true;
}

}  // namespace

const kb_engine* loaded_engine() { return engine.load(std::memory_order_acquire); }

Failure load_python_engine(kb_ask_function ask) {
  Loading& state = loading();
  // A start that waits for the GIL is not made under this mutex: the thread that has the GIL may want the mutex.
  {
    std::lock_guard guard(state.mutex);
    if (state.table == nullptr && state.error.empty() && !load() && state.error.empty()) state.error = "unknown reason";
    if (state.table == nullptr) return {result::ERROR, state.error, -1};
  }
  const bool is_private = !state.home.empty();
  const kb_start settings{is_private ? state.home.c_str() : nullptr, is_private ? state.paths.c_str() : nullptr,
                          state.core.c_str(), state.cffi.c_str(), ask};
  if (state.table->start(&settings) != 0) return {result::ERROR, state.table->error(), -1};
  engine.store(state.table, std::memory_order_release);
  return {};
}

}  // namespace keelback::engine
