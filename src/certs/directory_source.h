// Credentials in folders: the certificate of a name is found when a client asks for it.
//
// Layouts, tried in this order for each name, in each folder in the order given; the first that has a
// certificate is the name's:
//   NAME/fullchain.pem + NAME/privkey.pem, NAME.pem (chain and key in one), NAME.crt + NAME.key,
// and for several key types the same with .ecdsa, .rsa or .ed25519 before the last ending, beside the plain
// one or without it. A key without its certificate is a pair that is being replaced, when that was good
// before; else it leaves the name to the next layout and to the wildcard. A name for which no folder has
// anything is answered by the wildcard one label up, `_.example.com` or `*.example.com`, which is an entry of
// its own: names that it covers cost no memory. Never leaves the folders, except by links that their owner
// made (see folder.h), and never looks at files of other names.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "certs/catalog.h"

namespace tls {

// Expired certificates are Broken. Paths are absolute. Opens nothing before the first question.
std::unique_ptr<CredentialSource> make_directory_source(
    std::vector<std::string> folders, std::shared_ptr<const std::vector<SecretString>> passwords);

// Credentials whose certificate and key are named by two texts that were put together from variables:
// absolute paths or `data:`. The name given to the catalog is join_pair(certificate, key).
std::unique_ptr<CredentialSource> make_pair_source(
    std::shared_ptr<const std::vector<SecretString>> passwords);
std::string join_pair(std::string_view certificate, std::string_view key);

}  // namespace tls
