// The load client: TLS connections against one address, as many at a time as one wants, from one thread.
//
// Prints how many succeeded, how the others failed, how long it took and what it cost the server. Its status
// is 0 when no connection failed, 1 when some did. With --hold it keeps idle connections instead (hold.h).
#include <signal.h>
#include <sys/epoll.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <vector>

#include "client.h"
#include "client_setup.h"
#include "hold.h"
#include "load_options.h"
#include "names.h"
#include "options.h"
#include "process_cpu.h"
#include "report.h"

namespace bench {
namespace {

// What one pass over the server does.
struct Pass {
    uint64_t connections = 0;
    uint64_t until_us = UINT64_MAX;  // begin no connection after that time
    bool resume = false;
    bool keep = false;
};

void spin(uint32_t time_us) {
    const uint64_t end_us = time_us == 0 ? 0 : now_us() + time_us;
    while (now_us() < end_us) {
    }
}

class Loop {
  public:
    explicit Loop(ClientSetup* setup) : setup_(setup), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        if (epoll_ == -1) {
            die_errno("epoll_create1");
        }
        for (uint32_t i = 0; i < setup->options().concurrency; ++i) {
            clients_.push_back(std::make_unique<Client>(setup));
        }
    }

    // Returns when all connections of the pass have ended.
    void run(const Pass& pass, NameOrder* order, Report* report) {
        const uint64_t begin_us = now_us();
        begun_ = 0;
        active_ = 0;
        for (const auto& client : clients_) {
            begin_next(client.get(), pass, order, report);
        }
        while (active_ > 0) {
            const int count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), kTickMs);
            if (count == -1 && errno != EINTR) {
                die_errno("epoll_wait");
            }
            for (int i = 0; i < count; ++i) {
                auto* client = static_cast<Client*>(events_[static_cast<size_t>(i)].data.ptr);
                client->on_event();
                settle(client, pass, order, report);
            }
            end_late_ones(pass, order, report);
        }
        report->wall_us = now_us() - begin_us;
    }

  private:
    static constexpr int kTickMs = 100;

    // Counts a connection that has ended, and begins the next one in its place.
    void settle(Client* client, const Pass& pass, NameOrder* order, Report* report) {
        if (client->state() == Client::State::Idle || client->active()) {
            return;
        }
        report->add(*client);
        client->release();
        --active_;
        begin_next(client, pass, order, report);
    }

    // Connections that fail at once are counted here.
    void begin_next(Client* client, const Pass& pass, NameOrder* order, Report* report) {
        while (begun_ < pass.connections && now_us() < pass.until_us) {
            ++begun_;
            spin(setup_->options().spin_us);
            client->start(epoll_, order->next(), pass.resume, pass.keep);
            if (client->active()) {
                ++active_;
                return;
            }
            report->add(*client);
            client->release();
        }
    }

    void end_late_ones(const Pass& pass, NameOrder* order, Report* report) {
        const uint64_t now = now_us();
        if (now - looked_us_ < kTickMs * 1000) {
            return;
        }
        looked_us_ = now;
        for (const auto& client : clients_) {
            if (client->active() &&
                now - client->started_us() > setup_->options().timeout_ms * uint64_t{1000}) {
                client->fail(client->handshaked() ? "timeout after the handshake" : "handshake: timeout");
                settle(client.get(), pass, order, report);
            }
        }
    }

    ClientSetup* setup_;
    int epoll_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::array<epoll_event, 256> events_ = {};
    uint64_t begun_ = 0;
    uint64_t active_ = 0;
    uint64_t looked_us_ = 0;
};

// One connection after the other until one succeeds: the server may still be starting.
void wait_for_server(Loop* loop, const LoadOptions& options, size_t names) {
    const uint64_t end_us = now_us() + options.wait_ms * uint64_t{1000};
    for (;;) {
        NameOrder order(names, false, 0);
        Report report;
        Pass pass;
        pass.connections = 1;
        loop->run(pass, &order, &report);
        if (report.failed == 0) {
            return;
        }
        if (now_us() >= end_us) {
            die("no handshake in time: " + report.failures.begin()->first);
        }
        const timespec pause = {0, 2'000'000};
        nanosleep(&pause, nullptr);
    }
}

// Full handshakes, one for each name, for the sessions of the others.
void collect_sessions(Loop* loop, const ClientSetup& setup) {
    NameOrder order(setup.name_count(), false, 0);
    Report report;
    Pass pass;
    pass.connections = setup.name_count();
    pass.keep = true;
    loop->run(pass, &order, &report);
    for (size_t i = 0; i < setup.name_count(); ++i) {
        if (!setup.has_session(i)) {
            die("no session to resume for \"" + setup.name(i) + "\"");
        }
    }
}

int run(const LoadOptions& options) {
    ClientSetup setup(options);
    if (!options.hold.empty()) {
        return hold_connections(&setup);
    }
    Loop loop(&setup);
    if (options.wait_ms != 0) {
        wait_for_server(&loop, options, setup.name_count());
    }
    if (options.resumed) {
        collect_sessions(&loop, setup);
    }

    NameOrder order(setup.name_count(), options.random_names, options.seed);
    Report report;
    report.handshake_us.reserve(std::min<uint64_t>(options.handshakes, 1'000'000));
    Pass pass;
    pass.connections = options.handshakes;
    pass.resume = options.resumed;
    pass.keep = options.resumed;
    if (options.limit_ms != 0) {
        pass.until_us = now_us() + options.limit_ms * 1000;
        setup.set_until_us(pass.until_us);
    }
    const CpuReading before = read_cpu(options.server_pids);
    loop.run(pass, &order, &report);
    const CpuReading after = read_cpu(options.server_pids);
    if (!options.server_pids.empty()) {
        report.set_cpu(before, after);
    }
    if (options.json) {
        report.print_json();
    } else {
        report.print_text();
    }
    return report.failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int count, char** values) {
    signal(SIGPIPE, SIG_IGN);
    const bench::LoadOptions options = bench::parse_load_options(count, values);
    return bench::run(options);
}
