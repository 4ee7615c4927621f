#include "server/session_store.h"

namespace tls {

bool FixedTicketKeys::current(TicketKey* out) {
    *out = keys_.current();
    return true;
}

TicketKeySource::Match FixedTicketKeys::find(ByteView name, TicketKey* out) {
    const TicketKeyMatch match = keys_.find(name);
    if (match.key == nullptr) {
        return Match::None;
    }
    *out = *match.key;
    return match.renew ? Match::Renew : Match::Current;
}

}  // namespace tls
