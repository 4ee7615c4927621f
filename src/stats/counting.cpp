#include "stats/counting.h"

#include <algorithm>

namespace tls {

namespace {

void add_handshake(const ConnectionEvent& event, Growth* growth) {
    growth->add(cell_of(FamilyId::Handshakes, version_index(event.version), event.resumed ? 1 : 0));
    growth->add(cell_of(FamilyId::Duration, duration_index(event.duration)));
    // A clock that was set back must not make the sum fall.
    growth->add(sum_cell(FamilyId::Duration),
                static_cast<uint64_t>(std::max<int64_t>(event.duration.count(), 0)));
    growth->add(cell_of(FamilyId::Ciphers, cipher_index(event.cipher)));
    if (event.group != 0) {
        growth->add(cell_of(FamilyId::Groups, group_index(event.group)));
    }
    if (event.signature != 0) {
        growth->add(cell_of(FamilyId::Signatures, signature_index(event.signature)));
    }
    if (event.has_early_data) {
        growth->add(cell_of(FamilyId::EarlyData, static_cast<size_t>(event.early_data)));
    }
}

}  // namespace

Growth growth_of(const ConnectionEvent& event) {
    Growth growth;
    growth.add(cell_of(FamilyId::Connections, std::min(event.use, kUseCount - 1)));
    if (event.handshaken) {
        add_handshake(event, &growth);
    }
    if (event.reason != Reason::Completed) {
        growth.add(cell_of(FamilyId::Failures, reason_index(event.reason)));
    }
    if (event.looked_for_certificate) {
        growth.add(cell_of(FamilyId::CertificateCache, static_cast<size_t>(event.certificate)));
    }
    return growth;
}

Growth growth_of(const SessionOutcomes& outcomes) {
    Growth growth;
    for (size_t i = 0; i < outcomes.cache.size(); ++i) {
        if (outcomes.cache[i] != 0) {
            growth.add(cell_of(FamilyId::SessionCache, i), outcomes.cache[i]);
        }
    }
    for (size_t i = 0; i < outcomes.tickets.size(); ++i) {
        if (outcomes.tickets[i] != 0) {
            growth.add(cell_of(FamilyId::Tickets, i), outcomes.tickets[i]);
        }
    }
    return growth;
}

}  // namespace tls
