// The outline of a hello that is put together or written in hex; its bytes are gone when the outline is read.
#pragma once

#include "hello/outline.h"
#include "support/cmocka.h"
#include "support/hello_builder.h"

namespace test {

inline tls::HelloOutline outlined(const Bytes& message) {
    const Fenced bytes(view(message));
    const tls::ParsedHello parsed = tls::parse_client_hello(bytes.view());
    assert_true(parsed.ok);
    return tls::HelloOutline::of(parsed.hello);
}

inline tls::HelloOutline outlined(const HelloBuilder& builder) {
    return outlined(builder.message());
}

}  // namespace test
