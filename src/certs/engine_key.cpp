// Keys through engines, which OpenSSL 3 deprecates and OpenSSL 4 no longer has: the one file that knows them.
#include <openssl/opensslconf.h>

#include "certs/pem.h"
#include "certs/private_key.h"

#if !defined(OPENSSL_NO_ENGINE) && __has_include(<openssl/engine.h>)

#include <openssl/engine.h>
#include <openssl/ui.h>

// nginx's `engine:` is kept for as long as the library has it.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace tls {

namespace {

void free_engine(ENGINE* engine) {
    ENGINE_free(engine);
}

void finish_engine(ENGINE* engine) {
    ENGINE_finish(engine);
}

using UniqueEngine = std::unique_ptr<ENGINE, OpensslDeleter<ENGINE, free_engine>>;
using InitializedEngine = std::unique_ptr<ENGINE, OpensslDeleter<ENGINE, finish_engine>>;

// Refuses every question. Engines may keep it for as long as the key lives, so it is never freed.
UI_METHOD* refusing_ui() {
    static UI_METHOD* const method = UI_UTIL_wrap_read_pem_callback(answer_password, 0);
    return method;
}

}  // namespace

UniquePkey load_engine_key(const std::string& name_and_id, std::string* failed) {
    const size_t colon = name_and_id.find(':');
    if (colon == std::string::npos) {
        *failed = "invalid syntax";
        return nullptr;
    }
    const UniqueEngine engine(ENGINE_by_id(name_and_id.substr(0, colon).c_str()));
    if (engine == nullptr) {
        *failed = "ENGINE_by_id() failed";
        return nullptr;
    }
    if (ENGINE_init(engine.get()) == 0) {
        *failed = "ENGINE_init() failed";
        return nullptr;
    }
    const InitializedEngine initialized(engine.get());
    *failed = "ENGINE_load_private_key() failed";
    const std::string id = name_and_id.substr(colon + 1);
    return UniquePkey(ENGINE_load_private_key(engine.get(), id.c_str(), refusing_ui(), nullptr));
}

}  // namespace tls

#else

namespace tls {

UniquePkey load_engine_key(const std::string&, std::string* failed) {
    *failed = "loading \"engine:...\" certificate keys is not supported";
    return nullptr;
}

}  // namespace tls

#endif
