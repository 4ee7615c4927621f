// Replaces certificates at a steady pace while a server serves them, and looks by real handshakes whether
// each is served in time.
//
//   churn --address IP:PORT --ca FILE --folder DIR --pem-names LIST --certbot-names LIST --seconds N
//         --per-minute N [--valid-ms 1000] [--grace-ms 100] [--probes 4] [--seed N]
//
// The folder was filled by make_certificates; both layouts share it (NAME.pem in DIR/live). Names without a
// certificate in it are given one before the clock begins. Prints one JSON object.
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "issuer.h"
#include "layout.h"
#include "names.h"
#include "options.h"
#include "probe.h"

namespace bench {
namespace {

struct Site {
    std::string name;
    Layout layout = Layout::Pem;
    uint64_t version = 0;
    uint64_t serial = 0;  // of the newest
};

struct Options {
    std::string address;
    std::string ca;
    std::string folder;
    std::vector<Site> sites;
    uint64_t seconds = 300;
    uint64_t per_minute = 1000;
    uint64_t valid_ms = 1000;  // how old the server's view may be
    uint64_t grace_ms = 100;   // and what is added for the way there
    uint64_t probes = 4;       // for each replacement: several, so that all workers are met
    uint64_t seed = 1;
};

// A replacement whose certificate must be served by then.
struct Check {
    size_t site = 0;
    uint64_t serial = 0;
    uint64_t due_ms = 0;
};

uint64_t now_ms() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

void wait_until(uint64_t when_ms) {
    const uint64_t now = now_ms();
    if (when_ms > now) {
        const uint64_t left = when_ms - now;
        const timespec time = {static_cast<time_t>(left / 1000), static_cast<long>(left % 1000) * 1'000'000};
        nanosleep(&time, nullptr);
    }
}

class Churn {
  public:
    explicit Churn(Options options)
        : options_(std::move(options)),
          issuer_(Issuer::load_or_make(options_.ca)),
          probe_(options_.address),
          order_(options_.sites.size(), true, options_.seed) {}

    // Every name gets its first certificate.
    void fill() {
        prepare_folder(options_.folder, Layout::Certbot);
        for (Site& site : options_.sites) {
            replace(&site);
        }
    }

    void run() {
        const uint64_t begin = now_ms();
        const uint64_t end = begin + options_.seconds * 1000;
        for (;;) {
            const uint64_t next = begin + replaced_ * 60'000 / options_.per_minute;
            if (next >= end && checks_.empty()) {
                break;
            }
            if (!checks_.empty() && (next >= end || checks_.front().due_ms <= next)) {
                wait_until(checks_.front().due_ms);
                check(checks_.front());
                checks_.pop_front();
                continue;
            }
            wait_until(next);
            late_ms_ = std::max(late_ms_, now_ms() - next);
            const size_t index = order_.next();
            replace(&options_.sites[index]);
            ++replaced_;
            swapped_ += options_.sites[index].layout == Layout::Certbot ? 1 : 0;
            checks_.push_back({index, serial_, now_ms() + options_.valid_ms + options_.grace_ms});
        }
    }

    void print() const {
        std::printf(
            "{\"replaced\": %llu, \"swapped_links\": %llu, \"probed\": %llu, \"in_between\": %llu, \"old\": "
            "%llu, \"failed\": "
            "%llu, "
            "\"late_ms\": %llu, \"failures\": {",
            count(replaced_), count(swapped_), count(probed_), count(in_between_), count(old_),
            count(failed_), count(late_ms_));
        const char* separator = "";
        for (const auto& [kind, number] : failures_) {
            std::printf("%s\"%s\": %llu", separator, kind.c_str(), count(number));
            separator = ", ";
        }
        std::printf("}}\n");
    }

    bool good() const { return old_ == 0 && failed_ == 0; }

  private:
    static unsigned long long count(uint64_t value) { return value; }

    void replace(Site* site) {
        const std::string folder = site->layout == Layout::Pem ? options_.folder + "/live" : options_.folder;
        const Pair pair = issuer_.issue(site->name, ++serial_);
        site->serial = serial_;
        put_pair(folder, site->layout, site->name, pair, ++site->version,
                 [&] { ask_in_between(site->name); });
    }

    // In the middle of a replacement the old pair goes on; only that there is an answer counts.
    void ask_in_between(const std::string& name) {
        uint64_t serial = 0;
        ++in_between_;
        ask(name, &serial);
    }

    bool ask(const std::string& name, uint64_t* serial) {
        std::string failure;
        if (probe_.ask(name, serial, &failure)) {
            return true;
        }
        ++failed_;
        ++failures_[failure];
        std::fprintf(stderr, "churn: %s: %s\n", name.c_str(), failure.c_str());
        return false;
    }

    void check(const Check& check) {
        // Replaced again since: a server that looked in the middle of that may keep what it had. The later
        // check decides.
        if (options_.sites[check.site].serial != check.serial) {
            return;
        }
        const std::string& name = options_.sites[check.site].name;
        for (uint64_t i = 0; i < options_.probes; ++i) {
            uint64_t serial = 0;
            ++probed_;
            if (ask(name, &serial) && serial < check.serial) {
                ++old_;
                std::fprintf(stderr, "churn: %s: still %llu instead of %llu, %llu ms after it was due\n",
                             name.c_str(), count(serial), count(check.serial),
                             count(now_ms() - check.due_ms));
            }
        }
    }

    Options options_;
    Issuer issuer_;
    Probe probe_;
    NameOrder order_;
    std::deque<Check> checks_;
    uint64_t serial_ = 0;
    uint64_t replaced_ = 0;
    uint64_t swapped_ = 0;
    uint64_t probed_ = 0;
    uint64_t in_between_ = 0;  // handshakes in the middle of a swap of links
    uint64_t old_ = 0;
    uint64_t failed_ = 0;
    uint64_t late_ms_ = 0;  // how far behind its pace it was at worst
    std::map<std::string, uint64_t> failures_;
};

void add_sites(const std::string& names, Layout layout, std::vector<Site>* sites) {
    for (const std::string& name : parse_names(names)) {
        sites->push_back({name, layout, 0, 0});
    }
}

Options parse_options(int count, char** values) {
    Options options;
    Arguments arguments(count, values);
    while (arguments.next()) {
        if (arguments.is("--address")) {
            options.address = arguments.text();
        } else if (arguments.is("--ca")) {
            options.ca = arguments.text();
        } else if (arguments.is("--folder")) {
            options.folder = arguments.text();
        } else if (arguments.is("--pem-names")) {
            add_sites(arguments.text(), Layout::Pem, &options.sites);
        } else if (arguments.is("--certbot-names")) {
            add_sites(arguments.text(), Layout::Certbot, &options.sites);
        } else if (arguments.is("--seconds")) {
            options.seconds = arguments.number(1'000'000);
        } else if (arguments.is("--per-minute")) {
            options.per_minute = arguments.number(10'000'000);
        } else if (arguments.is("--valid-ms")) {
            options.valid_ms = arguments.number(1'000'000);
        } else if (arguments.is("--grace-ms")) {
            options.grace_ms = arguments.number(1'000'000);
        } else if (arguments.is("--probes")) {
            options.probes = arguments.number(1000);
        } else if (arguments.is("--seed")) {
            options.seed = arguments.number();
        } else {
            arguments.unknown();
        }
    }
    if (options.ca.empty() || options.folder.empty() || options.sites.empty() || options.per_minute == 0) {
        die("needs --address, --ca, --folder and names");
    }
    return options;
}

}  // namespace
}  // namespace bench

// Writes "ready" when all names have a certificate and waits for a line, so that the server can be started in
// between.
int main(int count, char** values) {
    signal(SIGPIPE, SIG_IGN);
    bench::Churn churn(bench::parse_options(count, values));
    churn.fill();
    std::printf("ready\n");
    std::fflush(stdout);
    for (int c = std::getchar(); c != '\n' && c != EOF; c = std::getchar()) {
    }
    churn.run();
    churn.print();
    return churn.good() ? 0 : 1;
}
