// Our side of the comparison with libssl: what becomes of the bytes that a client sends, up to libssl.
#pragma once

#include "hello/assembler.h"
#include "hello/client_hello.h"
#include "support/libssl_server.h"

namespace test {

// The alert with which we refuse, kAnswered when the hello would go to libssl, kSilent when we wait for more.
inline int our_answer(const Bytes& stream) {
    tls::HelloAssembler assembler(16384);
    switch (assembler.append(view(stream))) {
        case tls::HelloAssembler::Status::NeedMore:
            return LibsslServer::kSilent;
        case tls::HelloAssembler::Status::Refused:
            return static_cast<int>(assembler.refusal().alert);
        case tls::HelloAssembler::Status::Complete:
            break;
    }
    const tls::ParsedHello parsed = tls::parse_client_hello(assembler.message());
    return parsed.ok ? LibsslServer::kAnswered : static_cast<int>(parsed.refusal.alert);
}

}  // namespace test
