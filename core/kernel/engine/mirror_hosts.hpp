// What the two engines of a mirror ask of their host: the first one's questions are answered and kept, the second one
// gets the same answers for the same questions.
//
// 1. A function, aggregate or hook of the user is called once, however many engines run; a second engine that asks
//    something else, or in another order, is a difference.
// 2. Comparisons of a user's collation go to the user from both: engines compare as often as their algorithms need.
// 3. Waiting for locks is the first engine's; the second never waits, and is interrupted where the first one was.
// 4. A file that the first engine's VACUUM INTO has filled is a new one to the second.
// 5. Numbers of aggregates' groups are each engine's own, and not compared.
//
// Must not know: what is asked for what reason.
#ifndef KEELBACK_ENGINE_MIRROR_HOSTS_HPP
#define KEELBACK_ENGINE_MIRROR_HOSTS_HPP

#include <deque>

#include "engine.hpp"

namespace keelback::engine {

struct Question {
  int question = 0;
  std::string request;
  int code = 0;
  std::string answer;
};

class RecordingHost final : public EngineHost {
 public:
  explicit RecordingHost(EngineHost& host) : host(host) {}
  int ask(int question, Reader request, std::string& answer) override;
  void random_bytes(std::span<uint8_t> out) override;
  int64_t current_time_milliseconds() override;
  // A new operation of both engines begins.
  void begin() {
    asked.clear();
    was_interrupted = false;
    has_filled_file = false;
  }

  EngineHost& host;
  std::deque<Question> asked;
  bool was_interrupted = false;
  // The first engine has just put what a VACUUM INTO gives into a file that had nothing in it.
  bool has_filled_file = false;
};

class ReplayingHost final : public EngineHost {
 public:
  explicit ReplayingHost(RecordingHost& first) : first_(first) {}
  int ask(int question, Reader request, std::string& answer) override;
  void random_bytes(std::span<uint8_t> out) override;
  int64_t current_time_milliseconds() override;
  // The first question that only one of the two has asked since this was last called; empty if there is none.
  std::string take_difference();

 private:
  bool find(int question, const std::string& request, Question& found);

  RecordingHost& first_;
  std::string difference_;
  // The last answer to each of these, for an engine that asks more often.
  int64_t time_ = 0;
};

}  // namespace keelback::engine

#endif
