# SQLite: the database. Debian: libsqlite3-dev. Licence: public domain.
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET GLOBAL sqlite3>=3.26)
add_library(fstally::sqlite3 ALIAS PkgConfig::SQLITE3)
