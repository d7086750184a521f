// How the kernel reports errors: a code of core/spec/errors.toml and its message, returned and never thrown.
//
// 1. A message is a text that lives for ever (a literal), so a Status is two words and costs nothing to make.
// 2. Without a message of its own a Status has the default message of its code.
// 3. Running out of memory is the one thing that is thrown (std::bad_alloc); it is caught at the border to C.
//
// Twin: keelback_core/value/errors.py.
#ifndef KEELBACK_VALUE_STATUS_HPP
#define KEELBACK_VALUE_STATUS_HPP

#include <utility>

#include "result_codes.hpp"

namespace keelback {

class [[nodiscard]] Status {
 public:
  constexpr Status() noexcept = default;
  constexpr explicit Status(int code, const char* message = nullptr) noexcept : code_(code), message_(message) {}

  constexpr bool is_ok() const noexcept { return code_ == result::OK; }
  constexpr int code() const noexcept { return code_; }
  constexpr int primary_code() const noexcept { return code_ & 0xFF; }
  constexpr const char* message() const noexcept { return message_ ? message_ : result::default_message(code_); }

 private:
  int code_ = result::OK;
  const char* message_ = nullptr;
};

inline constexpr Status ok_status{};
constexpr Status corrupt() noexcept { return Status(result::CORRUPT); }

// A value or the error why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) noexcept : value_(std::move(value)) {}
  constexpr Result(Status status) noexcept : status_(status) {}

  constexpr bool is_ok() const noexcept { return status_.is_ok(); }
  constexpr Status status() const noexcept { return status_; }
  constexpr T& value() noexcept { return value_; }
  constexpr const T& value() const noexcept { return value_; }

 private:
  T value_{};
  Status status_;
};

}  // namespace keelback

// Leave the function with the error of an expression that gives a Status.
#define KEELBACK_TRY(expression)                                                                             \
  do {                                                                                                       \
    if (const ::keelback::Status status_of_try = (expression); !status_of_try.is_ok()) return status_of_try; \
  } while (false)

#define KEELBACK_JOIN_INNER(left, right) left##right
#define KEELBACK_JOIN(left, right) KEELBACK_JOIN_INNER(left, right)
#define KEELBACK_TRY_ASSIGN_AS(name, target, expression) \
  auto name = (expression);                              \
  if (!name.is_ok()) return name.status();               \
  target = std::move(name.value())

// Assign the value of an expression that gives a Result, or leave the function with its error.
#define KEELBACK_TRY_ASSIGN(target, expression) \
  KEELBACK_TRY_ASSIGN_AS(KEELBACK_JOIN(result_of_try_, __LINE__), target, expression)

#endif
