// tls_batch: which servers use the module's own key work, and what there is for it on this machine.
//
// Used while contexts are built.
#pragma once

#include "conf.h"
#include "record/ipsec_mb.h"

namespace tls {

// Where the server's algorithms come from; null for OpenSSL's own context. With `tls_key_threads` it is one
// in which keys can be wrapped, whatever `tls_batch` says. Fails for `tls_batch on` where the machine has not
// what it takes. What is used for it is told once, as [notice].
Result<OSSL_LIB_CTX*> choose_library(ngx_conf_t* cf, MainConf* main, const ServerConf& server);

// What the server's own records have AES-GCM from; null for libcrypto. Fails for `tls_batch on` where
// libipsec-mb would be faster but cannot be used. What is used, or that it was found wanting, is told once,
// as [notice].
Result<const IpsecMb*> choose_record_library(ngx_conf_t* cf, MainConf* main, const ServerConf& server);

}  // namespace tls
