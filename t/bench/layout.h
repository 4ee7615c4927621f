// How certificates lie in a folder, and how they are replaced there while a server reads them.
//
// Used by make_certificates (new files) and churn (replacements). Dies when the file system refuses.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "issuer.h"

namespace bench {

enum class Layout {
    Pem,      // FOLDER/NAME.pem: chain and key in one, replaced by a rename
    Certbot,  // FOLDER/live/NAME/{fullchain,privkey}.pem: links to FOLDER/archive/NAME/…K.pem, replaced one
              // by one
};

// Makes the folder and what the layout needs in it.
void prepare_folder(const std::string& folder, Layout layout);

// Puts the pair there as `version` (1, 2, …) of the name's certificate. On a replacement, a Certbot layout
// does what certbot does: each link is unlinked and made again, the key's before the chain's; `between` is
// called between the steps, when the pair is in the middle of being replaced. The version before the last is
// deleted.
void put_pair(const std::string& folder, Layout layout, const std::string& name, const Pair& pair,
              uint64_t version, const std::function<void()>& between);

}  // namespace bench
