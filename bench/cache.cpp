// The program cache: nanoseconds of CPU a hit, and threads that find and store at once.
//
//     build/bench/cache                 ns per exact hit, per lifted hit, per miss
//     build/bench/cache threads [n]     n threads for a second; exit code 1 if one finds a foreign program
//
// A prepare costs this and making the statement object; real SQLite's sqlite3_prepare_v2 costs 3 to 30 microseconds.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "../core/kernel/cache/program_cache.hpp"

namespace {

using namespace keelback;
using namespace keelback::cache;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// A statement whose program can be told from all others by its number of registers.
CachedStatement statement_of(int number, int hidden) {
  auto made = std::make_shared<program::Program>();
  made->register_count = number;
  made->hidden_parameter_count = hidden;
  made->instructions = made->make<program::Instruction>(20);
  return {made};
}

// As encode_lifting: all liftable literals of the text are free.
std::string lifting_of(std::string_view text) {
  LiftedText lifted;
  if (!lifted.lift(text)) return {};
  std::string bytes;
  const auto add = [&bytes](size_t number) {
    if (number >= 0x80) bytes.push_back(static_cast<char>(0x80 | (number >> 7)));
    bytes.push_back(static_cast<char>(number & 0x7F));
  };
  add(lifted.literals().size());
  for (const Literal& literal : lifted.literals()) {
    add(literal.start);
    add(0);
  }
  return bytes;
}

int hidden_of(std::string_view text) {
  LiftedText lifted;
  return lifted.lift(text) ? static_cast<int>(lifted.literals().size()) : 0;
}

template <typename Find>
void report(const char* name, int rounds, Find&& find) {
  double best = 1e9;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const double start = cpu_seconds();
    for (int round = 0; round < rounds; ++round) find(round);
    best = std::min(best, (cpu_seconds() - start) / rounds * 1e9);
  }
  std::printf("%-58s %8.1f ns\n", name, best);
}

void measure() {
  // From here on locks and reference counts are atomic, as in any process that has had a second thread.
  std::thread([] {}).join();
  ProgramCache cache(10000, 100'000'000);
  const Surroundings surroundings{schema_identity("a schema"), settings_identity("settings")};
  Found found;
  const std::vector<std::string> texts = {
      "SELECT s, v FROM t WHERE id = ?1",
      "SELECT s, v FROM t WHERE id = 17",
      "INSERT INTO t VALUES (1, 2, 3.5, 'text of a row')",
      "SELECT a.name, count(*) AS n, sum(b.amount) AS total FROM customers AS a JOIN orders AS b ON b.customer = a.id"
      " JOIN items AS c ON c.of_order = b.id WHERE a.region = 'north' AND c.price > 10.5 AND b.day BETWEEN 100 AND 200"
      " GROUP BY a.name ORDER BY total",
  };
  int number = 0;
  for (const std::string& text : texts) {
    if (!cache.store(surroundings, text, text.size(), lifting_of(text), statement_of(++number, hidden_of(text)),
                     found)) {
      std::exit(1);
    }
  }
  for (const std::string& text : texts) {
    const std::string name = "exact: " + text.substr(0, 46);
    report(name.c_str(), 300000, [&](int) {
      if (!cache.find(surroundings, text, found)) std::exit(1);
    });
  }
  std::vector<std::string> others;
  for (int place = 0; place < 1000; ++place) {
    others.push_back("SELECT s, v FROM t WHERE id = " + std::to_string(1000 + place));
    others.push_back("INSERT INTO t VALUES (" + std::to_string(1000 + place) + ", 12, 2.25, 'other text " +
                     std::to_string(place) + "')");
    others.push_back(texts[3] + ";");
    others.back().replace(others.back().find("100 AND"), 3, std::to_string(1000 + place));
  }
  // The semicolon makes another shape.
  const std::string closed = texts[3] + ";";
  if (!cache.store(surroundings, closed, closed.size(), lifting_of(closed), statement_of(9, hidden_of(closed)),
                   found)) {
    std::exit(1);
  }
  for (size_t kind = 0; kind < 3; ++kind) {
    const std::string name = "lifted: " + others[kind].substr(0, 45);
    report(name.c_str(), 300000, [&](int round) {
      if (!cache.find(surroundings, others[kind + 3 * static_cast<size_t>(round % 1000)], found)) std::exit(1);
    });
  }
  report("miss: SELECT w FROM t WHERE id = 17", 300000, [&](int) {
    if (cache.find(surroundings, "SELECT w FROM t WHERE id = 17", found)) std::exit(1);
  });
}

// Every thread stores and finds texts of all; a text's number is in its name, its program and its literal.
int hammer(int thread_count) {
  ProgramCache cache(200, 1'000'000);
  std::atomic<bool> is_over = false;
  std::atomic<int> faults = 0;
  std::atomic<int64_t> hits = 0;
  const auto work = [&](unsigned seed) {
    Found found;
    uint64_t random = seed * 2654435761u + 1;
    while (!is_over.load(std::memory_order_relaxed)) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      const auto table = static_cast<int>(random >> 40 & 0xFF);
      const auto value = static_cast<int64_t>(random >> 50);
      const Surroundings surroundings{schema_identity(std::to_string(table % 3)), settings_identity("")};
      const std::string text = "SELECT a FROM t" + std::to_string(table) + " WHERE b = " + std::to_string(value);
      if (!cache.find(surroundings, text, found)) {
        if (!cache.store(surroundings, text, text.size(), lifting_of(text), statement_of(table, 1), found)) ++faults;
      } else {
        hits.fetch_add(1, std::memory_order_relaxed);
      }
      if (found.statement->program->register_count != table || found.values.size() != 1 ||
          found.values[0].integer() != value || found.tail != text.size()) {
        ++faults;
      }
      if (random % 100000 == 0) cache.clear();
    }
  };
  std::vector<std::thread> threads;
  for (int number = 0; number < thread_count; ++number) threads.emplace_back(work, static_cast<unsigned>(number + 1));
  const timespec second{1, 0};
  nanosleep(&second, nullptr);
  is_over = true;
  for (std::thread& thread : threads) thread.join();
  const CacheCounts counts = cache.counts();
  std::printf("%d threads: %lld hits, %d faults, %zu entries of %zu bytes\n", thread_count,
              static_cast<long long>(hits.load()), faults.load(), counts.entries, counts.bytes);
  return faults == 0 && hits > 0 && counts.entries <= 200 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count > 1 && std::string_view(arguments[1]) == "threads") return hammer(count > 2 ? std::atoi(arguments[2]) : 4);
  measure();
  return 0;
}
