#include "mirror_hosts.hpp"

#include <algorithm>

#include "plugin/table.h"

namespace keelback::engine {

namespace {

bool has_instance(int question) { return question >= KB_ASK_STEP && question <= KB_ASK_DROP; }

// Questions that both engines ask in the same order and number.
bool is_strict(int question) {
  switch (question) {
    case KB_ASK_SCALAR:
    case KB_ASK_STEP:
    case KB_ASK_INVERSE:
    case KB_ASK_VALUE:
    case KB_ASK_FINAL:
    case KB_ASK_UPDATE:
    case KB_ASK_PREUPDATE:
    case KB_ASK_COMMIT:
    case KB_ASK_ROLLBACK:
    case KB_ASK_WAL:
      return true;
    default:
      return false;
  }
}

// The request without the number of the group, which is each engine's own.
std::string comparable(int question, Reader request) {
  std::string text;
  Writer writer(text);
  for (int place = 0; request.has_more(); ++place) {
    const Value value = request.next();
    if (place != 1 || !has_instance(question)) writer.value_as_given(value, request.subtype());
  }
  return text;
}

}  // namespace

int RecordingHost::ask(int question, Reader request, std::string& answer) {
  const int code = host.ask(question, request, answer);
  if (question == KB_ASK_COMPARE || question == KB_ASK_DROP || question == KB_ASK_BUSY) return code;
  if (question == KB_ASK_PROGRESS) {
    was_interrupted = was_interrupted || Reader(answer.data(), answer.size()).integer() != 0;
    return code;
  }
  asked.push_back({question, comparable(question, request), code, answer});
  return code;
}

void RecordingHost::random_bytes(std::span<uint8_t> out) {
  host.random_bytes(out);
  std::string answer;
  Writer(answer).blob({reinterpret_cast<const char*>(out.data()), out.size()});
  asked.push_back({KB_ASK_RANDOM, {}, 0, std::move(answer)});
}

int64_t RecordingHost::current_time_milliseconds() {
  const int64_t now = host.current_time_milliseconds();
  std::string answer;
  Writer(answer).integer(now);
  asked.push_back({KB_ASK_TIME, {}, 0, std::move(answer)});
  return now;
}

bool ReplayingHost::find(int question, const std::string& request, Question& found) {
  const auto is_same = [&](const Question& entry) { return entry.question == question && entry.request == request; };
  const auto place = std::find_if(first_.asked.begin(), first_.asked.end(), is_same);
  if (place == first_.asked.end()) return false;
  const bool is_out_of_order = std::any_of(first_.asked.begin(), place, [&](const Question& entry) {
    return is_strict(entry.question) && is_strict(question);
  });
  if (is_out_of_order && difference_.empty()) difference_ = "questions in another order";
  found = std::move(*place);
  first_.asked.erase(place);
  return true;
}

int ReplayingHost::ask(int question, Reader request, std::string& answer) {
  answer.clear();
  switch (question) {
    case KB_ASK_COMPARE:
      return first_.host.ask(question, request, answer);
    case KB_ASK_DROP:
      return result::OK;
    case KB_ASK_BUSY:
      Writer(answer).integer(0);
      return result::OK;
    case KB_ASK_PROGRESS:
      Writer(answer).integer(first_.was_interrupted ? 1 : 0);
      return result::OK;
    case KB_ASK_RANDOM: {
      std::string bytes(static_cast<size_t>(std::max<int64_t>(request.integer(), 0)), '\0');
      random_bytes({reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
      Writer(answer).blob(bytes);
      return result::OK;
    }
    case KB_ASK_TIME:
      Writer(answer).integer(current_time_milliseconds());
      return result::OK;
    case KB_ASK_IS_FILE_NEW:
      Writer(answer).integer(first_.has_filled_file ? 1 : 0);
      return result::OK;
    default:
      break;
  }
  Question found;
  if (find(question, comparable(question, request), found)) {
    answer = std::move(found.answer);
    return found.code;
  }
  if (is_strict(question) && difference_.empty()) {
    difference_ = "only the second engine asks question " + std::to_string(question);
  }
  // An authorizer, or what compilation asks: the engines compile at different times.
  return is_strict(question) ? result::INTERNAL : first_.host.ask(question, request, answer);
}

void ReplayingHost::random_bytes(std::span<uint8_t> out) {
  Question found;
  if (!find(KB_ASK_RANDOM, {}, found)) {
    first_.host.random_bytes(out);
    return;
  }
  const std::string_view bytes = Reader(found.answer.data(), found.answer.size()).bytes();
  std::fill(std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin()), out.end(), uint8_t{0});
}

int64_t ReplayingHost::current_time_milliseconds() {
  Question found;
  if (find(KB_ASK_TIME, {}, found)) time_ = Reader(found.answer.data(), found.answer.size()).integer();
  if (time_ == 0) time_ = first_.host.current_time_milliseconds();
  return time_;
}

std::string ReplayingHost::take_difference() {
  std::string found = std::move(difference_);
  difference_.clear();
  const auto is_left = [](const Question& entry) { return is_strict(entry.question); };
  if (found.empty() && std::any_of(first_.asked.begin(), first_.asked.end(), is_left)) {
    found = "only the first engine asks a question";
  }
  first_.begin();
  return found;
}

}  // namespace keelback::engine
