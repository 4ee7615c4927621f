// Credentials in folders: the certificate of a name is found when a client asks for it.
//
// Layouts, tried in this order for each name, then for the wildcards that cover it one label up (`_.example.com`,
// `*.example.com`), in each folder in the order given:
//   NAME/fullchain.pem + NAME/privkey.pem, NAME.pem (chain and key in one), NAME.crt + NAME.key,
// and for several key types the same with .ecdsa, .rsa or .ed25519 before the last ending. Never leaves the folders, except by
// links that their owner made.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/secret.h"
#include "certs/catalog.h"

namespace tls {

// Expired certificates are Broken. Paths are absolute. Opens nothing before the first question.
std::unique_ptr<CredentialSource> make_directory_source(std::vector<std::string> folders,
                                                        std::shared_ptr<const std::vector<SecretString>> passwords);

// Credentials whose certificate and key are named by two texts that were put together from variables: paths or `data:`. The
// name given to the catalog is join_pair(certificate, key).
std::unique_ptr<CredentialSource> make_pair_source(std::shared_ptr<const std::vector<SecretString>> passwords);
std::string join_pair(std::string_view certificate, std::string_view key);

}  // namespace tls
