#include "base/shared_library.h"

namespace tls {

void* open_library(std::initializer_list<const char*> names, const std::string& folder, std::string* name) {
    for (const std::string& prefix : {std::string(), folder.empty() ? folder : folder + "/"}) {
        for (const char* candidate : names) {
            *name = prefix + candidate;
            if (void* handle = dlopen(name->c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) {
                return handle;
            }
        }
    }
    return nullptr;
}

std::string folder_of_this_code() {
    Dl_info info;
    if (dladdr(reinterpret_cast<const void*>(&folder_of_this_code), &info) == 0) {
        return {};
    }
    const std::string path = info.dli_fname;
    const size_t slash = path.rfind('/');
    return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace tls
