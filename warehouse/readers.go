package warehouse

import (
	"strings"

	"github.com/imednetgo/imednet/internal/sqltext"
)

// readablePayload is whether DuckDB can read a row's JSON. It cannot where bytes are no UTF-8 or a text has half a
// surrogate pair.
const readablePayload = `coalesce(json_valid(try(decode(payload))), false)`

// readWhole is the expression by which DuckDB reads a text as package imednet reads a whole number; NULL if it is none.
func readWhole(text string) string {
	number := `try_cast(trim(` + text + `) AS DECIMAL(38, 18))`
	return `CASE WHEN regexp_matches(` + text + `, '` + sqltext.Number + `') AND ` + number + ` = trunc(` + number + `) THEN try_cast(` + number + ` AS BIGINT) END`
}

// readTime is the expression by which DuckDB reads a text as imednet.ParseTime does; NULL if it is no time.
func readTime(text string) string {
	moment := `try_cast(@.day AS TIMESTAMP) + to_microseconds(try_cast(@.second AS BIGINT) * 1000000 + try_cast(rpad(@.fraction[:6], 6, '0') AS BIGINT))
		+ to_minutes(try_cast(@.hour AS BIGINT) * 60 + try_cast(@.minute AS BIGINT)
			- coalesce(try_cast(@.sign || '1' AS BIGINT) * (try_cast(@.offset_hour AS BIGINT) * 60 + try_cast(@.offset_minute AS BIGINT)), 0))`
	return strings.ReplaceAll(`CASE WHEN NOT (@.gap = ' ' AND @.sign <> '' AND @.colon = '') AND year(`+moment+`) BETWEEN 0 AND 9999 THEN `+moment+` END`,
		"@", `regexp_extract(`+text+`, '`+sqltext.Time+`', `+sqltext.TimeParts+`)`)
}

// readDate is the expression by which DuckDB reads a text as imednet.ParseDate does; NULL if it is no date.
func readDate(text string) string {
	return `CASE WHEN regexp_matches(` + text + `, '` + sqltext.Date + `') THEN try_cast(` + text + ` AS DATE) END`
}

// readFlag is the expression by which DuckDB reads a text as package imednet reads a truth value; NULL if it is none.
func readFlag(text string) string {
	return `CASE lower(` + text + `) WHEN 'true' THEN true WHEN 'false' THEN false END`
}

// rejectsOf are the rows of a stream that do not fit their table, with their JSON where it is readable.
func rejectsOf(stream string) string {
	return `SELECT study_key, row_id, payload, ` + readablePayload + ` AS readable, CASE WHEN ` + readablePayload + ` THEN try(decode(payload)) END AS row
		FROM bronze_rejects WHERE stream = '` + stream + `'`
}
