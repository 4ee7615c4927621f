#include "hold.h"

#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <vector>

#include "client.h"
#include "names.h"
#include "options.h"

namespace bench {
namespace {

void allow_many_descriptors() {
    rlimit limit = {};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

class Holder {
  public:
    explicit Holder(ClientSetup* setup)
        : setup_(setup), order_(setup->name_count(), false, 0), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
        if (epoll_ == -1) {
            die_errno("epoll_create1");
        }
    }

    // False, after saying why, when one fails.
    bool open_up_to(uint64_t count) {
        size_t pending = 0;
        while (clients_.size() < count || pending > 0) {
            while (clients_.size() < count && pending < setup_->options().concurrency) {
                clients_.push_back(std::make_unique<Client>(setup_));
                clients_.back()->start(epoll_, order_.next(), false, false);
                ++pending;
                if (failed(*clients_.back())) {
                    return false;
                }
            }
            if (!drive(&pending)) {
                return false;
            }
        }
        return true;
    }

    uint64_t standing() const {
        return static_cast<uint64_t>(std::count_if(clients_.begin(), clients_.end(),
                                                   [](const auto& client) { return client->stands(); }));
    }

  private:
    bool drive(size_t* pending) {
        const int count = epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()),
                                     static_cast<int>(setup_->options().timeout_ms));
        if (count == -1 && errno != EINTR) {
            die_errno("epoll_wait");
        }
        if (count == 0) {
            std::fprintf(stderr, "nothing came for %u ms\n", setup_->options().timeout_ms);
            return false;
        }
        for (int i = 0; i < count; ++i) {
            auto* client = static_cast<Client*>(events_[static_cast<size_t>(i)].data.ptr);
            // An event may also tell that the server closed a connection that was held: standing() counts
            // those.
            const bool was_active = client->active();
            client->on_event();
            if (failed(*client)) {
                return false;
            }
            if (was_active && !client->active()) {
                --*pending;
            }
        }
        return true;
    }

    static bool failed(const Client& client) {
        if (client.state() == Client::State::Failed) {
            std::fprintf(stderr, "%s\n", client.failure().c_str());
            return true;
        }
        return false;
    }

    ClientSetup* setup_;
    NameOrder order_;
    int epoll_;
    std::vector<std::unique_ptr<Client>> clients_;
    std::array<epoll_event, 256> events_ = {};
};

}  // namespace

int hold_connections(ClientSetup* setup) {
    allow_many_descriptors();
    Holder holder(setup);
    for (const uint64_t count : setup->options().hold) {
        if (!holder.open_up_to(count)) {
            return 1;
        }
        std::printf("held %llu %llu\n", static_cast<unsigned long long>(count),
                    static_cast<unsigned long long>(holder.standing()));
        std::fflush(stdout);
        std::array<char, 16> line = {};
        if (std::fgets(line.data(), line.size(), stdin) == nullptr) {
            break;
        }
    }
    return 0;
}

}  // namespace bench
