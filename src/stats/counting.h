// From what became of a connection to the cells that grow by it.
//
// Pure. Used by whoever concludes a connection; what it gives goes to CounterBoard::add().
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "stats/families.h"

namespace tls {

// The end of a handshake, or of a connection that had none, in numbers. Nothing in it is text.
struct ConnectionEvent {
    Reason reason = Reason::Completed;
    size_t use = 0;           // index into LabelSet::Use
    bool handshaken = false;  // a handshake was completed, and the next six are known
    uint16_t version = 0;
    uint16_t cipher = 0;     // the suite's number
    uint16_t group = 0;      // 0: no key exchange
    uint16_t signature = 0;  // 0: the server signed nothing
    bool resumed = false;
    std::chrono::nanoseconds duration{0};

    bool has_early_data = false;
    EarlyOutcome early_data = EarlyOutcome::Rejected;
    bool looked_for_certificate = false;
    CertifiedOutcome certificate = CertifiedOutcome::Hit;
};

// What a connection did with sessions. Some of it may come after its handshake was told, so it is counted by
// itself.
struct SessionOutcomes {
    std::array<uint16_t, label_count(LabelSet::CacheOutcome)> cache{};
    std::array<uint16_t, label_count(LabelSet::TicketOutcome)> tickets{};

    void add(CacheOutcome outcome) { ++cache[static_cast<size_t>(outcome)]; }
    void add(TicketOutcome outcome) { ++tickets[static_cast<size_t>(outcome)]; }
};

// Cells and by how much they grow; at most one for each thing an event can say.
struct Growth {
    struct Step {
        uint16_t cell;
        uint64_t amount;
    };
    std::array<Step, 12> steps;
    size_t count = 0;

    void add(size_t cell, uint64_t amount = 1) { steps[count++] = {static_cast<uint16_t>(cell), amount}; }
    const Step* begin() const { return steps.data(); }
    const Step* end() const { return steps.data() + count; }
};

Growth growth_of(const ConnectionEvent& event);
Growth growth_of(const SessionOutcomes& outcomes);

}  // namespace tls
