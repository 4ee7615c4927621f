#include "batch.h"

#include "keys/crypto_mb.h"
#include "keys/library.h"

namespace tls {

namespace {

Error impossible(const std::string& reason) {
    return Error{"\"tls_batch\" cannot be \"on\": " + reason};
}

}  // namespace

Result<OSSL_LIB_CTX*> choose_library(ngx_conf_t* cf, MainConf* main, const ServerConf& server) {
    OSSL_LIB_CTX* const none = nullptr;
    const auto mode = static_cast<BatchMode>(server.batch);
    if (mode == BatchMode::Off && server.certificate_values != nullptr) {
        return none;
    }
    if (mode == BatchMode::Off) {
        return server.key_threads != nullptr && wrapping_library() ? *wrapping_library() : none;
    }
    const Result<OSSL_LIB_CTX*>& library = key_library();
    if (mode == BatchMode::Auto) {
        return library ? *library : none;
    }
    if (!library) {
        return impossible(library.error().message);
    }
    const CryptoMbAnswer& answer = crypto_mb();
    if (answer.library == nullptr) {
        return impossible(answer.name + ": " + answer.reason);
    }
    if (!main->batch_told) {
        main->batch_told = true;
        ngx_log_error(NGX_LOG_NOTICE, cf->log, 0, "\"tls_batch\" uses %s", answer.name.c_str());
    }
    return *library;
}

}  // namespace tls
