// Where a PROXY protocol header ends (versions 1 and 2 of haproxy.org's specification, sections 2.1 and 2.2).
//
// Used before the sniff on listeners that have `proxy_protocol`. Says only how long the header is; what it
// says is read by nginx's own parser, which wants it whole.
#pragma once

#include <cstddef>

#include "base/bytes.h"

namespace tls {

// The longest header that is waited for: nginx reads no longer one.
constexpr size_t kMaxProxyHeader = 4096;

struct ProxyFrame {
    enum class Status { NeedMore, Complete, Malformed };
    Status status = Status::NeedMore;
    size_t size = 0;  // bytes of the header, when Complete
};

ProxyFrame frame_proxy_header(ByteView bytes);

}  // namespace tls
