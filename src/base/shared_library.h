// A library that is looked for when the program runs, and its functions by name.
//
// Used for libraries that make things faster where they are: whoever needs none of them loads without them.
// What was opened stays open for the process's life.
#pragma once

#include <dlfcn.h>

#include <initializer_list>
#include <string>

namespace tls {

// The first of `names` that can be loaded: from the system's places, then from `folder` when it is not empty.
// Null when there is none; *name is the file that was loaded, or the last that was tried.
void* open_library(std::initializer_list<const char*> names, const std::string& folder, std::string* name);

// The folder of the file that this code is in: the module's. Empty when that is not known.
std::string folder_of_this_code();

// False when the library has no such function. `Function` is a pointer with the library's own prototype.
template <class Function>
bool find(void* handle, const char* name, Function* function) {
    *function = reinterpret_cast<Function>(dlsym(handle, name));
    return *function != nullptr;
}

}  // namespace tls
