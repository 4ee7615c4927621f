#include "session/new_session_ticket.h"

namespace tls {

namespace {

constexpr uint8_t kNewSessionTicket = 4;
constexpr size_t kLifetimeAndAge = 8;
constexpr size_t kLargestTicket = 0xffff;
constexpr size_t kTypeAndLength = 4;
constexpr size_t kTicketLength = 2;

void append(ByteView bytes, std::vector<uint8_t>* out) {
    out->insert(out->end(), bytes.begin(), bytes.end());
}

void append_number(size_t value, unsigned width, std::vector<uint8_t>* out) {
    for (unsigned shift = 8 * width; shift > 0; shift -= 8) {
        out->push_back(static_cast<uint8_t>(value >> (shift - 8)));
    }
}

}  // namespace

size_t replace_ticket(ByteView messages, ByteView ticket, std::vector<uint8_t>* out) {
    Reader reader(messages);
    uint8_t type = 0;
    ByteView body;
    if (ticket.empty() || ticket.size() > kLargestTicket || !reader.u8(&type) || type != kNewSessionTicket ||
        !reader.vector24(&body)) {
        return 0;
    }
    Reader fields(body);
    ByteView skipped;
    ByteView replaced;
    if (!fields.bytes(kLifetimeAndAge, &skipped) || !fields.vector8(&skipped)) {
        return 0;
    }
    const ByteView before = body.first(body.size() - fields.remaining());
    if (!fields.vector16(&replaced)) {
        return 0;
    }
    const size_t size = before.size() + kTicketLength + ticket.size() + fields.remaining();
    out->reserve(out->size() + kTypeAndLength + size);
    out->push_back(type);
    append_number(size, 3, out);
    append(before, out);
    append_number(ticket.size(), kTicketLength, out);
    append(ticket, out);
    append(fields.rest(), out);
    return messages.size() - reader.remaining();
}

}  // namespace tls
