# xxHash: XXH3, used header-only (XXH_INLINE_ALL). Debian: libxxhash-dev. Licence: BSD-2-Clause.
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET GLOBAL libxxhash>=0.8.1)
add_library(fstally::xxhash ALIAS PkgConfig::XXHASH)
