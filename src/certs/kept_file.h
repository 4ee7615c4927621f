// A file that is written once, whole, by whichever process comes first.
//
// Used by InternalAuthority for its key and its certificate. Never overwrites.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"

namespace tls {

// Writes a file under a temporary name beside it, synchronizes it with the disk, and gives it its name unless
// a file of that name is there by then, which is no failure. Nothing is left behind on failure.
Result<void> keep_file(const std::string& path, std::string_view content, mode_t mode);

}  // namespace tls
