# Makes the report's page, but for its data, and writes it as a C source of two texts: what comes
# before the data and what comes after.
#
#     cmake -D FOLDER=... -D OUTPUT=report_text.c -P make_report.cmake
#
# FOLDER holds report.html, report.css and report.js. The page's policy names its own script by hash,
# so that a browser runs that one and no other. Bytes go into C as numbers: no text there is so long
# or so odd that a compiler could object.

# The Base64 of an even number of hexadecimal digits (RFC 4648).
function(to_base64 result hex)
    set(letters "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    set(text "")
    string(LENGTH "${hex}" length)
    set(at 0)
    while(at LESS length)
        string(SUBSTRING "${hex}" ${at} 6 group)
        string(LENGTH "${group}" have)
        string(SUBSTRING "${group}0000" 0 6 group)
        math(EXPR bits "0x${group}")
        math(EXPR characters "${have} / 2 + 1")
        foreach(i RANGE 1 ${characters})
            math(EXPR index "(${bits} >> (24 - 6 * ${i})) & 63")
            string(SUBSTRING "${letters}" ${index} 1 letter)
            string(APPEND text "${letter}")
        endforeach()
        if(have LESS 6)
            math(EXPR padding "3 - ${have} / 2")
            string(REPEAT "=" ${padding} equals)
            string(APPEND text "${equals}")
        endif()
        math(EXPR at "${at} + 6")
    endwhile()
    set(${result} "${text}" PARENT_SCOPE)
endfunction()

function(append_array file name text)
    string(LENGTH "${text}" length)
    string(HEX "${text}" hex)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${hex}")
    string(REPEAT "." 98 line) # 14 bytes of 7 characters each
    string(REGEX REPLACE "(${line})" "\\1\n    " bytes "${bytes}")
    file(APPEND "${file}" "const size_t ${name}_length = ${length};\n"
        "const char ${name}[] = {\n    ${bytes}\n};\n\n")
endfunction()

file(READ "${FOLDER}/report.html" page)
file(READ "${FOLDER}/report.css" style)
file(READ "${FOLDER}/report.js" script)
string(SHA256 hash "${script}")
to_base64(hash "${hash}")
string(REPLACE "@STYLE@" "${style}" page "${page}")
string(REPLACE "@SCRIPT@" "${script}" page "${page}")
string(REPLACE "@SCRIPT_HASH@" "${hash}" page "${page}")
string(FIND "${page}" "@DATA@" cut)
if(cut LESS 0)
    message(FATAL_ERROR "${FOLDER}/report.html: no place for @DATA@")
endif()
string(SUBSTRING "${page}" 0 ${cut} head)
math(EXPR cut "${cut} + 6")
string(SUBSTRING "${page}" ${cut} -1 tail)

file(WRITE "${OUTPUT}" "/* Made from report.html, report.css and report.js. */\n"
    "#include \"report_text.h\"\n\n")
append_array("${OUTPUT}" report_text_head "${head}")
append_array("${OUTPUT}" report_text_tail "${tail}")
