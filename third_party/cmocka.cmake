# cmocka: unit tests. Debian: libcmocka-dev. Licence: Apache-2.0.
pkg_check_modules(CMOCKA REQUIRED IMPORTED_TARGET GLOBAL cmocka>=1.1.5)
add_library(fstally::cmocka ALIAS PkgConfig::CMOCKA)
