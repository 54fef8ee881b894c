# libsmartcols: tables on a terminal. Debian: libsmartcols-dev. Licence: LGPL-2.1-or-later.
pkg_check_modules(SMARTCOLS REQUIRED IMPORTED_TARGET GLOBAL smartcols>=2.38)
add_library(fstally::smartcols ALIAS PkgConfig::SMARTCOLS)
