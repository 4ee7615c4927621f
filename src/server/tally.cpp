#include "server/tally.h"

#include "server/names.h"

namespace tls {

namespace {

static_assert(static_cast<size_t>(PortUse::Other) + 1 == kUseCount);

const char* use_name(size_t index) {
    return port_use_name(static_cast<PortUse>(index));
}

void add_facts(const Facts& facts, ConnectionEvent* event) {
    event->handshaken = true;
    event->version = facts.version;
    event->cipher = facts.cipher_suite;
    event->group = facts.group;
    event->signature = facts.signature_scheme;
    event->resumed = facts.session_reused;
    event->has_early_data = facts.early_data != EarlyData::None;
    event->early_data =
        facts.early_data == EarlyData::Accepted ? EarlyOutcome::Accepted : EarlyOutcome::Rejected;
}

}  // namespace

ConnectionEvent event_of(const Report& report, std::chrono::nanoseconds duration) {
    ConnectionEvent event;
    // Where plain HTTP is wanted, its coming is no failure; nor is that of another protocol where it goes on.
    const bool is_welcome = report.use == PortUse::Plain || report.use == PortUse::Redirected ||
                            (report.use == PortUse::Other && report.ended_by == EndedBy::Nobody);
    event.reason = is_welcome ? Reason::Completed : report.reason;
    event.use = static_cast<size_t>(report.use);
    event.duration = duration;
    if (report.handshaken) {
        add_facts(report.facts, &event);
    }
    return event;
}

LabelNames label_names() {
    return {cipher_suite_name, group_name, signature_scheme_name, use_name};
}

}  // namespace tls
