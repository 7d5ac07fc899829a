// Package answers decides, once for the whole library, what the members of a record's recordData
// are: which key belongs to which variable ([Matcher], [Index], [Lookup]), what is missing
// ([Missing]), what counts as white space ([TrimSpace]), which words are flags ([Bool]), and which
// text is no Unicode ([Unquote]). It works on JSON bytes and knows nothing of models, so that the
// root package can stand on it.
//
// # Keys
//
// A variable's name matches in any case, the exact spelling first. Of a spelling that is repeated
// the last one counts, and the repeat is reported. Two different spellings without an exact one
// are ambiguous, and none is chosen. A name that is no Unicode matches nothing: it has no letters
// that could be compared.
//
// Where a form has several variables that differ only in case ([Declared]), each has the key of its very name,
// and a key in any other spelling is the answer to none of them.
//
// # Text
//
// The bytes of an answer are never changed. Where text must be read out of them, [Unquote] reports
// whether it is what arrived; if not, it has U+FFFD in the place of what is no Unicode, and only
// the raw JSON may be stored.
package answers
