# mimalloc: the allocator of both programs, by replacing malloc at link time. Debian:
# libmimalloc-dev, at least 2.0.9. Licence: MIT.
add_library(fstally_mimalloc INTERFACE)
add_library(fstally::mimalloc ALIAS fstally_mimalloc)
if(FSTALLY_MIMALLOC)
    find_package(mimalloc 2.0 REQUIRED)
    # The linker drops a library that nothing names; replacing malloc names nothing.
    target_link_libraries(fstally_mimalloc INTERFACE -Wl,--push-state,--no-as-needed mimalloc -Wl,--pop-state)
endif()
