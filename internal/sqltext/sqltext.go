// Package sqltext has the forms of text that package imednet reads, as the regular expressions by which views in
// databases read the same. PostgreSQL and DuckDB take them alike.
package sqltext

// Time is what imednet.ParseTime reads, but for days that no month has. Its groups are named in [TimeParts].
const Time = `^([0-9]{4}-[0-9]{2}-[0-9]{2})([ T])([01]?[0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:[.,]([0-9]+))?(?:(Z)|([+-])([01][0-9]|2[0-4])(:?)([0-5][0-9]|60))?$`

// TimeParts are the groups of [Time], as a list of SQL. Behind a blank an offset has a colon.
const TimeParts = `['day', 'gap', 'hour', 'minute', 'second', 'fraction', 'utc', 'sign', 'offset_hour', 'colon', 'offset_minute']`

// Number is a number of JSON, or a text that imednet.ParseNumber takes for one, but for other white space than blanks.
const Number = `^ *[+-]{0,1}([0-9]{1,200}[.]{0,1}[0-9]{0,200}|[.][0-9]{1,200})([eE][+-]{0,1}[0-9]{1,3}){0,1} *$`

// Date is what imednet.ParseDate reads, but for days that no month has.
const Date = `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`
