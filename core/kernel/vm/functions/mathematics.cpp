// The mathematical functions.
//
// Arguments must be numbers, or texts that are numbers as a whole; anything else gives NULL, and so does a result that
// is not a number. Twin: keelback_core/reference/vm/functions/mathematics.py.
#include <cmath>
#include <numbers>

#include "../../value/cast.hpp"
#include "../../value/numeric_text.hpp"
#include "registry.hpp"

namespace keelback::vm::functions {

namespace {

// The number that an argument is; NULL if none.
Value number_of(const Value& argument) {
  if (argument.is_number()) return argument;
  if (!argument.is_text()) return Value();
  // '5.' stays a real here, where a column would make it an integer.
  return text_to_number(argument.text());
}

Status give_real(const FunctionContext& context, double real) {
  return std::isnan(real) ? give_null(context) : give(context, Value::of_real(real));
}

template <double (*compute)(double)>
Status unary(const FunctionContext& context, Arguments arguments) {
  const Value number = number_of(arguments[0]);
  return number.is_null() ? give_null(context) : give_real(context, compute(number.number()));
}

template <double (*compute)(double, double)>
Status binary(const FunctionContext& context, Arguments arguments) {
  const Value left = number_of(arguments[0]);
  const Value right = number_of(arguments[1]);
  if (left.is_null() || right.is_null()) return give_null(context);
  return give_real(context, compute(left.number(), right.number()));
}

// Integers stay integers, reals reals: negative zero too.
template <double (*compute)(double)>
Status rounding(const FunctionContext& context, Arguments arguments) {
  const Value number = number_of(arguments[0]);
  if (!number.is_real()) return give(context, number);
  return give_real(context, compute(number.real()));
}

double degrees(double value) { return value * (180.0 / std::numbers::pi); }
double radians(double value) { return value * (std::numbers::pi / 180.0); }

// Logarithms of what is not positive are NULL.
template <double (*compute)(double)>
double logarithm(double value) {
  return value <= 0.0 ? std::nan("") : compute(value);
}

// log(base, x). Here, and nowhere else, x counts by its numeric prefix, as in SQLite.
Status log_to_base(const FunctionContext& context, Arguments arguments) {
  const Value base = number_of(arguments[0]);
  if (base.is_null() || arguments[1].is_null()) return give_null(context);
  const double of_base = logarithm<std::log>(base.number());
  const double of_number = logarithm<std::log>(to_real(arguments[1]));
  return of_base > 0.0 ? give_real(context, of_number / of_base) : give_null(context);
}

Status pi(const FunctionContext& context, Arguments) { return give(context, Value::of_real(std::numbers::pi)); }

constexpr ScalarEntry table[] = {
    {"acos", 1, unary<std::acos>},
    {"acosh", 1, unary<std::acosh>},
    {"asin", 1, unary<std::asin>},
    {"asinh", 1, unary<std::asinh>},
    {"atan", 1, unary<std::atan>},
    {"atan2", 2, binary<std::atan2>},
    {"atanh", 1, unary<std::atanh>},
    {"ceil", 1, rounding<std::ceil>},
    {"ceiling", 1, rounding<std::ceil>},
    {"cos", 1, unary<std::cos>},
    {"cosh", 1, unary<std::cosh>},
    {"degrees", 1, unary<degrees>},
    {"exp", 1, unary<std::exp>},
    {"floor", 1, rounding<std::floor>},
    {"ln", 1, unary<logarithm<std::log>>},
    {"log", 1, unary<logarithm<std::log10>>},
    {"log", 2, log_to_base},
    {"log10", 1, unary<logarithm<std::log10>>},
    {"log2", 1, unary<logarithm<std::log2>>},
    {"mod", 2, binary<std::fmod>},
    {"pi", 0, pi},
    {"pow", 2, binary<std::pow>},
    {"power", 2, binary<std::pow>},
    {"radians", 1, unary<radians>},
    {"sin", 1, unary<std::sin>},
    {"sinh", 1, unary<std::sinh>},
    {"sqrt", 1, unary<std::sqrt>},
    {"tan", 1, unary<std::tan>},
    {"tanh", 1, unary<std::tanh>},
    {"trunc", 1, rounding<std::trunc>},
};

}  // namespace

std::span<const ScalarEntry> mathematics_scalars() { return table; }

}  // namespace keelback::vm::functions
