// An entry of the tables of functions that providers hand to OpenSSL.
#pragma once

#include <openssl/core.h>

namespace tls {

template <class Function>
constexpr OSSL_DISPATCH entry(int id, Function* function) {
    return OSSL_DISPATCH{id, reinterpret_cast<void (*)()>(function)};
}

}  // namespace tls
