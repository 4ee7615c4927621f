// The PROXY protocol's framing on any bytes: a header is found no longer than the bytes or the bound, once
// found it stays, and nobody is kept waiting behind the longest header.
#include "hello/proxy_frame.h"

#include <cstdlib>

using Status = tls::ProxyFrame::Status;

static void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const tls::ProxyFrame whole = tls::frame_proxy_header(tls::ByteView(data, size));
    require(whole.size <= size && whole.size <= tls::kMaxProxyHeader);
    require((whole.size > 0) == (whole.status == Status::Complete));
    require(whole.status != Status::NeedMore || size < tls::kMaxProxyHeader);

    bool decided = false;
    for (size_t length = 0; length <= size && length <= 300; ++length) {
        const tls::ProxyFrame part = tls::frame_proxy_header(tls::ByteView(data, length));
        if (part.status != Status::NeedMore) {
            require(part.status == whole.status && part.size == whole.size);
            decided = true;
        } else {
            require(!decided);
        }
    }
    return 0;
}
