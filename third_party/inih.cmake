# inih: the configuration file. Debian: libinih-dev. Licence: BSD-3-Clause.
pkg_check_modules(INIH REQUIRED IMPORTED_TARGET GLOBAL inih>=53)
add_library(fstally::inih ALIAS PkgConfig::INIH)
