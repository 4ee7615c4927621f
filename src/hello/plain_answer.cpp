#include "hello/plain_answer.h"

namespace tls {

namespace {

// A server without TLS is plain HTTP, and there is nothing to change to; any other answer than serving it
// would promise TLS where none is.
PlainAnswer answer_without_tls(PlainMode mode) {
    return mode == PlainMode::Serve || mode == PlainMode::Upgrade ? PlainAnswer::Serve : PlainAnswer::Error;
}

PlainAnswer answer_upgrade(const PlainTerms& terms, const PlainRequest& request) {
    const bool eligible = request.can_upgrade && !request.http2 && (request.options || terms.any_method);
    if (request.asks_for_tls && eligible) {
        // What is left of a request when the protocol changes would have to be read in the clear, and could
        // be taken for the first bytes of TLS. RFC 9110 section 7.8 wants it whole before the 101.
        return request.has_body ? PlainAnswer::RefuseBody : PlainAnswer::Upgrade;
    }
    if (terms.mode == PlainMode::Upgrade) {
        return PlainAnswer::Serve;
    }
    // 426 has to name the protocol in a field that HTTP/2 does not have.
    return request.http2 ? PlainAnswer::Error : PlainAnswer::RequireUpgrade;
}

}  // namespace

bool offers_upgrade(const PlainTerms& terms) {
    return terms.serves_tls && (terms.mode == PlainMode::Upgrade || terms.mode == PlainMode::UpgradeRequired);
}

PlainAnswer answer_plain(const PlainTerms& terms, const PlainRequest& request) {
    if (request.asterisk && !offers_upgrade(terms)) {
        return PlainAnswer::BadRequest;
    }
    if (!terms.serves_tls) {
        return answer_without_tls(terms.mode);
    }
    switch (terms.mode) {
        case PlainMode::Error:
            return PlainAnswer::Error;
        case PlainMode::Serve:
            return PlainAnswer::Serve;
        case PlainMode::Redirect:
            return request.excepted ? PlainAnswer::Serve : PlainAnswer::Redirect;
        case PlainMode::Upgrade:
        case PlainMode::UpgradeRequired:
            return answer_upgrade(terms, request);
    }
    return PlainAnswer::Error;  // not reached: -Wswitch names a mode that is missing above
}

}  // namespace tls
