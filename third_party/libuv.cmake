# libuv: threads, synchronisation, signals, timers. Debian: libuv1-dev. Licence: MIT.
pkg_check_modules(LIBUV REQUIRED IMPORTED_TARGET GLOBAL libuv>=1.44)
add_library(fstally::libuv ALIAS PkgConfig::LIBUV)
