// Server contexts made in memory, with a self-signed credential. Whatever cannot be made ends the test
// program.
#pragma once

#include <memory>
#include <utility>

#include "server/context.h"
#include "support/made_certificates.h"

namespace tls::test {

inline std::shared_ptr<const Credential> make_credential(UniquePkey key = make_ec_key()) {
    Party leaf = make_leaf(std::move(key));
    auto credential = std::make_shared<Credential>();
    credential->certificate_source = "data:";
    credential->key_source = "data:";
    credential->leaf = std::move(leaf.certificate);
    credential->key = std::move(leaf.key);
    return credential;
}

inline std::unique_ptr<ServerContext> make_context(Policy policy = {}, UniquePkey key = make_ec_key()) {
    ContextTerms terms;
    terms.policy = std::move(policy);
    terms.credentials.push_back(make_credential(std::move(key)));
    Result<std::unique_ptr<ServerContext>> built = ServerContext::build(std::move(terms));
    need(built.ok());
    return std::move(*built);
}

}  // namespace tls::test
