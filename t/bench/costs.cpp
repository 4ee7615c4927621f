// What the module does beside a handshake, part by part, in nanoseconds: fingerprints of real hellos, and
// counting; the server's part of a handshake in libssl as the yardstick. Status 1 when one is dearer than it
// may be.
//
//   costs --hellos t/data/ja4_vectors.tsv [--rounds N]
//
// The only program here that has src/ linked in.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "hello/fingerprints.h"
#include "lone_handshake.h"
#include "options.h"
#include "stats/counter_board.h"
#include "stopwatch.h"

namespace {

using bench::nanoseconds_of;
using tls::Fingerprint;

constexpr double kMostOfFingerprint = 3000;    // ns
constexpr double kMostOfCounting = 1.0 / 100;  // of a handshake
constexpr size_t kColumnOfMessage = 3;
// An address in the counters' memory, and the length of a line of the cache.
constexpr size_t kAligned = 64;

struct Named {
    Fingerprint which;
    const char* variable;
};
constexpr Named kFingerprints[] = {
    {Fingerprint::Ja3, "$tls_ja3"},           {Fingerprint::Ja3Hash, "$tls_ja3_hash"},
    {Fingerprint::Ja4, "$tls_ja4"},           {Fingerprint::Ja4Raw, "$tls_ja4_r"},
    {Fingerprint::Ja4Original, "$tls_ja4_o"}, {Fingerprint::Ja4RawOriginal, "$tls_ja4_ro"},
};

std::string bytes_of(const std::string& hex) {
    std::string bytes;
    for (size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    return bytes;
}

std::vector<std::string> load_messages(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    std::vector<std::string> messages;
    while (std::getline(file, line)) {
        const std::vector<std::string> columns = bench::split(line, '\t');
        if (columns.size() > kColumnOfMessage) {
            messages.push_back(bytes_of(columns[kColumnOfMessage]));
        }
    }
    return messages;
}

// The messages must outlive what is parsed.
std::vector<tls::ClientHello> parse(const std::vector<std::string>& messages) {
    std::vector<tls::ClientHello> hellos;
    for (const std::string& message : messages) {
        const tls::ParsedHello parsed = tls::parse_client_hello(tls::ByteView::of(message));
        if (!parsed.ok) {
            bench::die("a hello of the file cannot be parsed");
        }
        hellos.push_back(parsed.hello);
    }
    if (hellos.empty()) {
        bench::die("there are no hellos");
    }
    return hellos;
}

struct Cost {
    double mean = 0;
    double most = 0;  // of any hello
};

// `make` for each hello, its value thrown away.
Cost cost_of(const std::vector<tls::ClientHello>& hellos, size_t rounds,
             const std::function<size_t(const tls::ClientHello&)>& make) {
    Cost cost;
    for (const tls::ClientHello& hello : hellos) {
        const double one = nanoseconds_of(rounds, [&] { return make(hello); });
        cost.mean += one / static_cast<double>(hellos.size());
        cost.most = std::max(cost.most, one);
    }
    return cost;
}

// What a connection pays when its hello is remembered and `variables` are asked for, the outline included.
size_t ask_for(const tls::ClientHello& hello, const Named* first, size_t count) {
    tls::Fingerprints fingerprints(hello);
    size_t length = 0;
    for (size_t i = 0; i < count; ++i) {
        length += fingerprints.get(first[i].which).size();
    }
    return length;
}

bool print_fingerprints(const std::vector<tls::ClientHello>& hellos, size_t rounds) {
    std::printf("%-40s %8s %8s\n", "ns, of real hellos", "mean", "most");
    const Cost outline =
        cost_of(hellos, rounds, [](const auto& hello) { return ask_for(hello, nullptr, 0); });
    std::printf("%-40s %8.0f %8.0f\n", "remembering a hello", outline.mean, outline.most);
    bool good = true;
    for (const Named& named : kFingerprints) {
        const Cost cost =
            cost_of(hellos, rounds, [&](const auto& hello) { return ask_for(hello, &named, 1); });
        std::printf("%-40s %8.0f %8.0f\n", (std::string("that and ") + named.variable).c_str(), cost.mean,
                    cost.most);
        good = good && cost.mean < kMostOfFingerprint;
    }
    const Cost all = cost_of(hellos, rounds, [](const auto& hello) {
        return ask_for(hello, kFingerprints, std::size(kFingerprints));
    });
    std::printf("%-40s %8.0f %8.0f\n", "that and all six", all.mean, all.most);
    return good;
}

tls::ConnectionEvent made_event() {
    tls::ConnectionEvent event;
    event.handshaken = true;
    event.version = 0x0304;
    event.cipher = 0x1302;
    event.group = 0x001d;
    event.signature = 0x0403;
    event.duration = std::chrono::microseconds(700);
    event.looked_for_certificate = true;
    return event;
}

// All that ngx_module/counting.cpp adds for a connection with a full handshake, gauges aside.
double cost_of_counting(size_t rounds) {
    const tls::CounterBoard::Shape shape{tls::CounterBoard::kFirstServer + 1, 1, 1};
    const size_t size = (tls::CounterBoard::size_of(shape) + kAligned - 1) / kAligned * kAligned;
    void* memory = std::aligned_alloc(kAligned, size);
    if (memory == nullptr) {
        bench::die("no memory");
    }
    std::fill_n(static_cast<char*>(memory), size, 0);
    tls::CounterBoard board = tls::CounterBoard::format(memory, shape, 1);
    const tls::ConnectionEvent event = made_event();
    const uint32_t place = tls::CounterBoard::kFirstServer;
    const double cost = nanoseconds_of(rounds, [&] {
        board.add(0, place, growth_of(event));
        board.add_recent(0, true, 1);
        tls::SessionOutcomes sessions;
        sessions.add(tls::TicketOutcome::Issued);
        board.add(0, place, growth_of(sessions));
        board.add(0, place, cell_of(tls::FamilyId::Received), 700);
        board.add(0, place, cell_of(tls::FamilyId::Sent), 1200);
        return size_t{1};
    });
    std::free(memory);
    return cost;
}

struct Yardstick {
    const char* text;
    int version;
    bench::Resumption resumption;
};
constexpr Yardstick kYardsticks[] = {
    {"libssl's part of a handshake, TLS 1.3", 0x0304, bench::Resumption::Off},
    {"TLS 1.3, resumed", 0x0304, bench::Resumption::On},
    {"TLS 1.2", 0x0303, bench::Resumption::Off},
    {"TLS 1.2, resumed: the cheapest", 0x0303, bench::Resumption::On},
};

bool print_counting(size_t rounds) {
    const double counting = cost_of_counting(rounds);
    std::printf("\n%-40s %8.0f\n", "ns, counting a handshake", counting);
    bool good = true;
    for (const Yardstick& one : kYardsticks) {
        const double handshake = bench::server_handshake_ns(one.version, one.resumption, rounds);
        std::printf("%-40s %8.0f %7.2f %%\n", one.text, handshake, 100 * counting / handshake);
        good = good && counting < kMostOfCounting * handshake;
    }
    return good;
}

int run(int count, char** values) {
    std::string path;
    size_t rounds = 200;
    bench::Arguments arguments(count, values);
    while (arguments.next()) {
        if (arguments.is("--hellos")) {
            path = arguments.text();
        } else if (arguments.is("--rounds")) {
            rounds = arguments.number(100'000);
        } else {
            arguments.unknown();
        }
    }
    if (path.empty() || rounds == 0) {
        bench::die("needs --hellos FILE");
    }
    const std::vector<std::string> messages = load_messages(path);
    const bool quick_fingerprints = print_fingerprints(parse(messages), rounds);
    const bool cheap_counting = print_counting(rounds);
    std::printf("\na fingerprint under 3 us: %s; counting under 1 %% of a handshake: %s\n",
                quick_fingerprints ? "yes" : "no", cheap_counting ? "yes" : "no");
    return quick_fingerprints && cheap_counting ? 0 : 1;
}

}  // namespace

int main(int count, char** values) {
    return run(count, values);
}
