# What a shell user would write: one pass over a GPFS policy list, the files and bytes of every
# directory (not of its subtree), written as a tab-separated table to `out`; a line of totals as
# JSON on standard output.
#
#     mawk -v out=FILE -f fold.awk LOG
#
# The first ` -- ` ends the fields. No line is checked, nothing is rejected, repeated slashes count
# as written: a program that gets good logs only.
/^\[/ || /^#/ { next }

{
    separator = index($0, " -- ")
    fields = substr($0, 1, separator)
    if (index(fields, " p=d"))
        next
    match(fields, / s=[0-9]+/)
    size = substr(fields, RSTART + 3, RLENGTH - 3) + 0
    path = substr($0, separator + 4)
    match(path, /[^\/]*$/)
    parent = substr(path, 1, RSTART - 1)
    files[parent]++
    bytes[parent] += size
    all_files++
    all_bytes += size
}

END {
    for (parent in files) {
        printf "%s\t%d\t%.0f\n", parent, files[parent], bytes[parent] > out
        directories++
    }
    printf "{\"files\":%d,\"bytes\":%.0f,\"directories_with_files\":%d}\n",
        all_files, all_bytes, directories
}
