// What an analyst would write: the log as a table of one column, taken apart by regular
// expressions, grouped by parent directory.
//
//     node duckdb_fold.mjs LOG DATABASE THREADS
//
// Writes the files and bytes of every directory (not of its subtree) to a table of a new DuckDB
// database, and prints a line of totals as JSON. GPFS policy lists only; a line that does not match
// is passed over. A path is bytes and DuckDB wants UTF-8: read as Latin-1, every byte becomes a
// character and stays distinct.
import {DuckDBInstance} from '@duckdb/node-api';

const [log, database, threads] = process.argv.slice(2);
const quoted = "'" + log.replaceAll("'", "''") + "'";

const FOLD = `
    CREATE TABLE directory_files AS
    WITH line AS (
        SELECT line FROM read_csv(${quoted}, columns = {'line': 'VARCHAR'}, header = false,
            auto_detect = false, delim = '\x01', quote = '', escape = '', comment = '',
            new_line = '\\n', encoding = 'latin-1')
        WHERE line[1] NOT IN ('[', '#')
    ), record AS (
        SELECT line[:strpos(line, ' -- ')] AS fields, line[strpos(line, ' -- ') + 4:] AS path
        FROM line
    ), file AS (
        SELECT CAST(regexp_extract(fields, ' s=([0-9]+)', 1) AS BIGINT) AS size,
               path[:length(path) - strpos(reverse(path), '/')] AS parent
        FROM record
        WHERE NOT contains(fields, ' p=d')
    )
    SELECT parent, count(*) AS files, sum(size) AS bytes FROM file GROUP BY parent`;

const instance = await DuckDBInstance.create(database, {threads});
const connection = await instance.connect();
await connection.run(FOLD);
const reader = await connection.runAndReadAll(
    'SELECT sum(files)::VARCHAR, sum(bytes)::VARCHAR, count(*)::VARCHAR FROM directory_files');
const [files, bytes, directories] = reader.getRows()[0];
connection.closeSync();
instance.closeSync();
console.log(`{"files":${files},"bytes":${bytes},"directories_with_files":${directories}}`);
