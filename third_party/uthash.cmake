# uthash: hash maps as macros in one header. Debian: uthash-dev, at least 2.3.0. Licence: BSD-1-Clause.
find_path(UTHASH_INCLUDE_DIR uthash.h REQUIRED)
add_library(fstally_uthash INTERFACE)
target_include_directories(fstally_uthash SYSTEM INTERFACE ${UTHASH_INCLUDE_DIR})
add_library(fstally::uthash ALIAS fstally_uthash)
