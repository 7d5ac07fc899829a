// Package shown decides what errors, logs, tables and reasons may show of words that somebody else
// chose: a server in its replies, or whoever wrote the input. Any such word can be the name or the
// key of a subject, so a word is shown only where it is known beforehand: it stands in the API
// contract, or has the shape of an id that no name has. Everything else stays in the fields of
// errors and results, for programs that need it.
package shown

// Hidden stands for a word that is not shown.
const Hidden = "(not shown)"

// NotUnicode stands for an answer that cannot be shown as it is. An export rejects it, and has its bytes in the
// list of rejects.
const NotUnicode = "(not valid Unicode text)"
