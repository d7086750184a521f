// The plug-in's side of the border: brings up CPython, starts the cffi module, guards every upcall.
//
// 1. The interpreter is started here (isolated, no signal handlers, no site) only if the process has none; one that
//    runs already must be of the minor version this file was compiled for.
// 2. It is never finalised, and this library is never unloaded: CPython cannot be.
// 3. Nothing here may be entered before `start` gave 0.
//
// Spec: DESIGN section 5.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <dlfcn.h>
#include <pthread.h>
#include <time.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

#include "packing.hpp"
#include "table.h"

extern "C" {
int kb_cffi_start(void);
int kb_python_call(int operation, long long handle, const char* request, size_t size, struct kb_reply* reply);
int kb_python_step(long long statement, struct kb_reply* reply);
int kb_ask(int question, long long host, const char* request, size_t size, const char** answer, size_t* answer_size);
}

namespace {

enum class Stage { untouched, starting, running, failed };

std::atomic<Stage> stage{Stage::untouched};
std::atomic<unsigned long> starting_thread{0};
kb_ask_function ask_function = nullptr;
bool interpreter_is_ours = false;

// The two below live for ever: a static destructor would run while other threads still call us.
std::string& error_text() {
  static auto* text = new std::string;
  return *text;
}

std::mutex& boot_mutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

__thread PyGILState_STATE fork_gil;
__thread bool is_forking = false;

void before_fork() {
  if (!interpreter_is_ours || !Py_IsInitialized()) return;
  fork_gil = PyGILState_Ensure();
  is_forking = true;
  PyOS_BeforeFork();
}

void after_fork_in_parent() {
  if (!is_forking) return;
  is_forking = false;
  PyOS_AfterFork_Parent();
  PyGILState_Release(fork_gil);
}

// The child's thread state is kept: deleting the last one trips a defect of CPython 3.11. If the thread held the
// GIL before the fork (fork from a callback), it goes on holding it.
void after_fork_in_child() {
  if (!is_forking) return;
  is_forking = false;
  PyOS_AfterFork_Child();
  if (fork_gil == PyGILState_UNLOCKED) PyEval_SaveThread();
}

template <typename Use>
void for_each_path(const std::string& paths, Use&& use) {
  for (size_t begin = 0; begin <= paths.size();) {
    size_t end = paths.find(':', begin);
    if (end == std::string::npos) end = paths.size();
    if (end > begin) use(paths.substr(begin, end - begin));
    begin = end + 1;
  }
}

bool append_path(PyWideStringList* list, const std::string& path) {
  wchar_t* wide = Py_DecodeLocale(path.c_str(), nullptr);
  if (wide == nullptr) return false;
  PyStatus status = PyWideStringList_Append(list, wide);
  PyMem_RawFree(wide);
  return PyStatus_Exception(status) == 0;
}

int start_interpreter(const kb_start& settings) {
  PyPreConfig pre;
  PyPreConfig_InitIsolatedConfig(&pre);
  pre.configure_locale = 0;
  pre.utf8_mode = 1;
  PyStatus status = Py_PreInitialize(&pre);
  if (PyStatus_Exception(status)) {
    error_text() = std::string("cannot start Python: ") + (status.err_msg ? status.err_msg : "unknown reason");
    return -1;
  }
  PyConfig config;
  PyConfig_InitIsolatedConfig(&config);
  config.install_signal_handlers = 0;
  config.site_import = 0;
  config.write_bytecode = 1;
  config.parse_argv = 0;
  config.user_site_directory = 0;
  config.configure_c_stdio = 0;
  config.pathconfig_warnings = 0;
  PyConfig_SetBytesString(&config, &config.home, settings.python_home);
  config.module_search_paths_set = 1;
  for_each_path(settings.module_paths,
                [&](const std::string& path) { append_path(&config.module_search_paths, path); });
  status = Py_InitializeFromConfig(&config);
  PyConfig_Clear(&config);
  if (PyStatus_Exception(status)) {
    error_text() = std::string("cannot start Python: ") + (status.err_msg ? status.err_msg : "unknown reason");
    return -1;
  }
  PyEval_SaveThread();
  interpreter_is_ours = true;
  pthread_atfork(&before_fork, &after_fork_in_parent, &after_fork_in_child);
  return 0;
}

// Asked once: Py_GetVersion writes its answer into one place, so that threads which ask at the same time, as they may
// without the GIL, would read halves of it.
const std::string& running_version() {
  static const std::string version = [] {
    const std::string whole(Py_GetVersion());
    return whole.substr(0, whole.find(' '));
  }();
  return version;
}

int ensure_interpreter(const kb_start& settings) {
  if (Py_IsInitialized()) {
    const std::string& version = running_version();
    char* end = nullptr;
    const long major = std::strtol(version.c_str(), &end, 10);
    const long minor = *end == '.' ? std::strtol(end + 1, nullptr, 10) : -1;
    if (major == PY_MAJOR_VERSION && minor == PY_MINOR_VERSION) return 0;
    error_text() =
        std::string("Keelback's engine was built for CPython ") + PY_VERSION + ", this process runs CPython " + version;
    return -1;
  }
  std::lock_guard guard(boot_mutex());
  if (Py_IsInitialized()) return 0;
  Dl_info info{};
  if (dladdr(reinterpret_cast<void*>(&error_text), &info) != 0 && info.dli_fname != nullptr) {
    dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE | RTLD_NOLOAD);
  }
  if (settings.python_home == nullptr) {
    error_text() = "this process has no Python, and no place to find one was given";
    return -1;
  }
  return start_interpreter(settings);
}

void take_python_error() {
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  PyObject* text = value != nullptr ? PyObject_Str(value) : nullptr;
  const char* bytes = text != nullptr ? PyUnicode_AsUTF8(text) : nullptr;
  error_text() = std::string("cannot load Keelback's engine: ") +
                 (type != nullptr ? reinterpret_cast<PyTypeObject*>(type)->tp_name : "unknown error") + ": " +
                 (bytes != nullptr ? bytes : "?");
  Py_XDECREF(text);
  Py_XDECREF(type);
  Py_XDECREF(value);
  Py_XDECREF(traceback);
  PyErr_Clear();
}

// Makes `import keelback_core` and `import _cffi_backend` possible in an interpreter that is not ours, without
// giving it more: the core's folder goes to the end of sys.path, cffi's only while its module is imported.
int prepare_imports(const kb_start& settings) {
  if (interpreter_is_ours) return 0;
  PyObject* path = PySys_GetObject("path");
  if (path == nullptr || !PyList_Check(path)) return 0;
  if (settings.core_path != nullptr) {
    for_each_path(settings.core_path, [&](const std::string& folder) {
      PyObject* core = PyUnicode_DecodeFSDefault(folder.c_str());
      if (core == nullptr) return;
      if (PySequence_Contains(path, core) == 0) PyList_Append(path, core);
      Py_DECREF(core);
    });
    if (PyErr_Occurred()) return -1;
  }
  PyObject* backend = PyImport_ImportModule("_cffi_backend");
  if (backend == nullptr && settings.cffi_path != nullptr) {
    PyErr_Clear();
    PyObject* folder = PyUnicode_DecodeFSDefault(settings.cffi_path);
    if (folder == nullptr) return -1;
    PyList_Append(path, folder);
    PyObject* invalidated = PyRun_String("__import__('importlib').invalidate_caches()", Py_eval_input,
                                         PyEval_GetBuiltins(), PyEval_GetBuiltins());
    if (invalidated == nullptr) PyErr_Clear();
    Py_XDECREF(invalidated);
    backend = PyImport_ImportModule("_cffi_backend");
    const Py_ssize_t last = PyList_Size(path) - 1;
    if (last >= 0) PyList_SetSlice(path, last, last + 1, nullptr);
    Py_DECREF(folder);
  }
  if (backend == nullptr) return -1;
  Py_DECREF(backend);
  return 0;
}

int start_module(const kb_start& settings) {
  for (;;) {
    Stage expected = Stage::untouched;
    if (stage.compare_exchange_strong(expected, Stage::starting)) {
      starting_thread = PyThread_get_thread_ident();
      ask_function = settings.ask;
      const int failure = prepare_imports(settings) != 0 ? -1 : kb_cffi_start();
      if (failure != 0) take_python_error();
      stage.store(failure != 0 ? Stage::failed : Stage::running, std::memory_order_release);
      return failure;
    }
    if (expected == Stage::running) return 0;
    if (expected == Stage::failed) return -1;
    if (starting_thread == PyThread_get_thread_ident()) {
      error_text() = "the engine is used while it starts";
      return -1;
    }
    Py_BEGIN_ALLOW_THREADS;
    const timespec pause{0, 200000};
    nanosleep(&pause, nullptr);
    Py_END_ALLOW_THREADS;
  }
}

int start(const kb_start* settings) {
  const Stage now = stage.load(std::memory_order_acquire);
  if (now == Stage::failed) return -1;
  if (now == Stage::running) {
    if (Py_IsInitialized()) return 0;
    error_text() = "the Python interpreter has been finalized";
    return -1;
  }
  if (ensure_interpreter(*settings) != 0) {
    stage = Stage::failed;
    return -1;
  }
  const PyGILState_STATE gil = PyGILState_Ensure();
  const int result = start_module(*settings);
  PyGILState_Release(gil);
  return result;
}

const char* error() { return error_text().c_str(); }

// Holds the GIL. A host that is Python may call with an exception pending, even where it has given up the GIL
// (_sqlite3 resets statements so), and its callbacks may leave one behind for the host to find when the call returns:
// Python code that we run must neither see it nor lose it.
class Entrance {
 public:
  Entrance() : gil_(PyGILState_Ensure()), outer_(innermost_) {
    innermost_ = this;
    take_pending();
  }
  Entrance(const Entrance&) = delete;
  Entrance& operator=(const Entrance&) = delete;
  ~Entrance() {
    innermost_ = outer_;
    if (type_ != nullptr) PyErr_Restore(type_, value_, traceback_);
    PyGILState_Release(gil_);
  }

  // Lays aside what a callback of the host left pending. An interpreter of our own runs no callbacks of a host.
  static void leave_callback() {
    if (interpreter_is_ours || innermost_ == nullptr) return;
    const PyGILState_STATE gil = PyGILState_Ensure();
    innermost_->take_pending();
    PyGILState_Release(gil);
  }

 private:
  // A newer one has the older as its context, as where Python raises while it handles another.
  void take_pending() {
    if (PyErr_Occurred() == nullptr) return;
    PyObject *type = type_, *value = value_, *traceback = traceback_;
    PyErr_Fetch(&type_, &value_, &traceback_);
    if (type == nullptr) return;
    PyErr_NormalizeException(&type_, &value_, &traceback_);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (value != nullptr && traceback != nullptr) PyException_SetTraceback(value, traceback);
    if (value_ != nullptr && value != value_) {
      PyException_SetContext(value_, value);
    } else {
      Py_XDECREF(value);
    }
    Py_XDECREF(type);
    Py_XDECREF(traceback);
  }

  static __thread Entrance* innermost_;
  PyGILState_STATE gil_;
  Entrance* outer_;
  PyObject *type_ = nullptr, *value_ = nullptr, *traceback_ = nullptr;
};

__thread Entrance* Entrance::innermost_ = nullptr;

int call(int operation, long long handle, const char* request, size_t size, kb_reply* reply) {
  reply->size = 0;
  if (!Py_IsInitialized()) return 21;
  Entrance entrance;
  return kb_python_call(operation, handle, request, size, reply);
}

// CPython has one object for each small number; null until it was asked for.
std::array<PyObject*, 256> small_numbers{};

// A new reference.
PyObject* number_object(unsigned number) {
  if (number >= small_numbers.size()) return PyLong_FromUnsignedLong(number);
  if (small_numbers[number] == nullptr) small_numbers[number] = PyLong_FromUnsignedLong(number);
  Py_XINCREF(small_numbers[number]);
  return small_numbers[number];
}

// The lists of a statement's tokens are kept for the next one, as they take as long to make and to let go as to fill.
// Whoever still refers to one keeps it for himself.
constexpr size_t most_kept_tokens = 1000;
enum TokenList { list_of_kinds, list_of_starts, list_of_ends, token_list_count };
std::array<PyObject*, token_list_count> spare_lists{};

PyObject* take_list(TokenList which, size_t size) {
  PyObject* list = std::exchange(spare_lists[which], nullptr);
  if (list != nullptr && Py_REFCNT(list) == 1) {
    auto* own = reinterpret_cast<PyListObject*>(list);
    if (static_cast<size_t>(own->allocated) >= size) {
      const auto used = static_cast<size_t>(Py_SIZE(list));
      for (size_t place = size; place < used; ++place) Py_XDECREF(own->ob_item[place]);
      for (size_t place = used; place < size; ++place) own->ob_item[place] = nullptr;
      Py_SET_SIZE(own, static_cast<Py_ssize_t>(size));
      return list;
    }
  }
  Py_XDECREF(list);
  return PyList_New(static_cast<Py_ssize_t>(size));
}

void keep_list(TokenList which, PyObject* list) {
  if (list == nullptr) return;
  if (spare_lists[which] == nullptr && PyList_GET_SIZE(list) <= static_cast<Py_ssize_t>(most_kept_tokens)) {
    spare_lists[which] = list;
  } else {
    Py_DECREF(list);
  }
}

// A new reference.
PyObject* list_of_numbers(TokenList which, const auto* numbers, size_t count) {
  PyObject* list = take_list(which, count);
  if (list == nullptr) return nullptr;
  PyObject** const items = reinterpret_cast<PyListObject*>(list)->ob_item;
  for (size_t place = 0; place < count; ++place) {
    PyObject* const before = items[place];
    // Where the text before had the same, as most of the kinds of like statements are.
    if (before != nullptr && numbers[place] < small_numbers.size() && before == small_numbers[numbers[place]]) continue;
    PyObject* const number = number_object(numbers[place]);
    if (number == nullptr) {
      Py_DECREF(list);
      return nullptr;
    }
    items[place] = number;
    Py_XDECREF(before);
  }
  return list;
}

// What `Border.compile_entrance` (embedding.py) gives, asked once.
PyObject* find_compile_entrance() {
  static PyObject* entrance = nullptr;
  if (entrance != nullptr) return entrance;
  PyObject* module = PyImport_ImportModule("keelback_core.engine.embedding");
  PyObject* border = module == nullptr ? nullptr : PyObject_GetAttrString(module, "installed");
  PyObject* found = border == nullptr ? nullptr : PyObject_CallMethod(border, "compile_entrance", nullptr);
  Py_XDECREF(module);
  Py_XDECREF(border);
  if (entrance == nullptr) entrance = found;
  return entrance;
}

// A new reference. Only texts of ASCII come with their tokens.
PyObject* text_object(const kb_compile_request& request) {
  const auto size = static_cast<Py_ssize_t>(request.size);
  if (request.token_count == 0) return PyUnicode_DecodeUTF8(request.sql, size, "surrogateescape");
  constexpr Py_UCS4 last_of_ascii = 0x7F;
  PyObject* text = PyUnicode_New(size, last_of_ascii);
  if (text != nullptr) std::memcpy(PyUnicode_DATA(text), request.sql, request.size);
  return text;
}

int compile(long long handle, const kb_compile_request* request, kb_reply* reply) {
  reply->size = 0;
  if (!Py_IsInitialized()) return 21;
  Entrance entrance;
  constexpr size_t first_list = 6;
  PyObject* function = find_compile_entrance();
  PyObject* arguments[10] = {
      PyLong_FromLongLong(handle),
      text_object(*request),
      PyLong_FromLong(request->mode),
      PyBool_FromLong(request->is_lifting),
      PyBool_FromLong(request->has_temporary),
      PyBool_FromLong(request->defers_foreign_keys),
      list_of_numbers(list_of_kinds, request->kinds, request->token_count),
      list_of_numbers(list_of_starts, request->starts, request->token_count),
      list_of_numbers(list_of_ends, request->ends, request->token_count),
      PyBool_FromLong(request->has_context_words),
  };
  bool is_complete = function != nullptr;
  for (PyObject* argument : arguments) is_complete = is_complete && argument != nullptr;
  // A compilation makes hundreds of objects and drops them all: to collect garbage meanwhile finds nothing and costs a
  // tenth of it.
  const int collects = PyGC_Disable();
  PyObject* answer = is_complete ? PyObject_Vectorcall(function, arguments, 10, nullptr) : nullptr;
  if (collects != 0) PyGC_Enable();
  for (size_t place = 0; place < first_list; ++place) Py_XDECREF(arguments[place]);
  keep_list(list_of_kinds, arguments[first_list + list_of_kinds]);
  keep_list(list_of_starts, arguments[first_list + list_of_starts]);
  keep_list(list_of_ends, arguments[first_list + list_of_ends]);
  Py_XDECREF(arguments[first_list + token_list_count]);
  int code = 7;
  if (answer != nullptr) code = keelback::plugin::give_reply(answer, reply);
  Py_XDECREF(answer);
  PyErr_Clear();
  return code;
}

int step(long long statement, kb_reply* reply) {
  reply->size = 0;
  if (!Py_IsInitialized()) return 21;
  Entrance entrance;
  return kb_python_step(statement, reply);
}

void* wait_begin() {
  if (!Py_IsInitialized() || !PyGILState_Check()) return nullptr;
  return PyEval_SaveThread();
}

void wait_end(void* token) {
  if (token != nullptr) PyEval_RestoreThread(static_cast<PyThreadState*>(token));
}

const kb_engine engine{KB_ENGINE_VERSION, start, error, call, step, compile, wait_begin, wait_end};

}  // namespace

void* kb_reply_reserve(kb_reply* reply, size_t size) {
  if (size > reply->capacity) {
    void* larger = std::realloc(reply->data, size);
    if (larger == nullptr) return nullptr;
    reply->data = static_cast<unsigned char*>(larger);
    reply->capacity = size;
  }
  return reply->data;
}

int kb_ask(int question, long long host, const char* request, size_t size, const char** answer, size_t* answer_size) {
  const int code = ask_function(question, host, request, size, answer, answer_size);
  Entrance::leave_callback();
  return code;
}

extern "C" __attribute__((visibility("default"))) const kb_engine* keelback_engine_v1() { return &engine; }
