// Package examples is the one table of what answers mean. Whoever reads answers (tables, CSV,
// profiles, canonical data, the read-back of submissions) runs it in its tests, so that no two of
// them read an answer differently. It imports nothing of the library.
package examples

// Answer is one answer and what it means.
type Answer struct {
	// JSON is the value as it stands in recordData; "" is no member at all.
	JSON string
	// Declared is the variableType for which the row is meant, as the API spells it. The meanings
	// below do not depend on it: it says which column of a table, or kind of field, to try.
	Declared string
	// Missing: the answer counts as not given.
	Missing bool
	// Text is what a text column holds, white space included; of what is no Unicode it is the
	// reading with U+FFFD, which must not be stored in the answer's place.
	Text       string
	NotUnicode bool
	// Number is the canonical text of the exact number; "" is no number.
	Number string
	// Float64 says how the nearest float64 stands for the number: exact, rounded, overflow or
	// underflow; "" is no number. Only exact may stand in a float64 column.
	Float64 string
	// Whole: the number is an integer of 64 bits, so an int64 column holds it.
	Whole bool
	// Padded: white space stood around the text. It makes no other number, date or flag, and is
	// counted.
	Padded bool
	// Flag is Y, N or "" for unknown; Maybe means that the answer is given but no flag, which is
	// reported and never becomes N.
	Flag  string
	Maybe bool
	// Date is the ISO 8601 text of a full or partial date, with - for what is unknown, and
	// Precision its last known part (year, month, day, hour, minute, second, fraction; unknown where
	// the year is); "" is no date.
	Date, Precision string
}

// Answers returns the table.
func Answers() []Answer {
	return append(append(append(append(missing(), numbers()...), flags()...), dates()...), texts()...)
}

func missing() []Answer {
	return []Answer{
		{JSON: ``, Declared: "TEXT", Missing: true},
		{JSON: `null`, Declared: "NUMBER", Missing: true},
		{JSON: `""`, Declared: "DATE", Missing: true},
		{JSON: `" \t"`, Declared: "NUMBER", Missing: true, Text: " \t", Padded: true},
		{JSON: `"\u00a0\u3000"`, Declared: "CHECKBOX", Missing: true, Text: "\u00a0\u3000", Padded: true},
		{JSON: "\"\u00a0\"", Declared: "DATE", Missing: true, Text: "\u00a0", Padded: true},
		{JSON: `[]`, Declared: "TEXT", Text: "[]", Maybe: true},
		{JSON: `{}`, Declared: "TEXT", Text: "{}", Maybe: true},
		{JSON: `"\u200b"`, Declared: "TEXT", Text: "\u200b", Maybe: true},
		{JSON: `"NA"`, Declared: "NUMBER", Text: "NA", Maybe: true},
	}
}

func numbers() []Answer {
	return []Answer{
		{JSON: `0`, Declared: "NUMBER", Text: "0", Number: "0", Float64: "exact", Whole: true, Flag: "N"},
		{JSON: `-0.0`, Declared: "NUMBER", Text: "-0.0", Number: "0", Float64: "exact", Whole: true, Maybe: true},
		{JSON: `1.50`, Declared: "NUMBER", Text: "1.50", Number: "1.5", Float64: "exact", Maybe: true},
		{JSON: `"1.50"`, Declared: "NUMBER", Text: "1.50", Number: "1.5", Float64: "exact", Maybe: true},
		{JSON: `5.0`, Declared: "NUMBER", Text: "5.0", Number: "5", Float64: "exact", Whole: true, Maybe: true},
		{JSON: `1e3`, Declared: "NUMBER", Text: "1e3", Number: "1000", Float64: "exact", Whole: true, Maybe: true},
		{JSON: `"+5"`, Declared: "NUMBER", Text: "+5", Number: "5", Float64: "exact", Whole: true, Maybe: true},
		{JSON: `"007"`, Declared: "NUMBER", Text: "007", Number: "7", Float64: "exact", Whole: true, Maybe: true},
		{JSON: `".5"`, Declared: "NUMBER", Text: ".5", Number: "0.5", Float64: "exact", Maybe: true},
		{JSON: `"5."`, Declared: "NUMBER", Text: "5.", Number: "5", Float64: "exact", Whole: true, Maybe: true},
		{JSON: `" 5"`, Declared: "NUMBER", Text: " 5", Number: "5", Float64: "exact", Whole: true, Padded: true, Maybe: true},
		{JSON: `"5 "`, Declared: "NUMBER", Text: "5 ", Number: "5", Float64: "exact", Whole: true, Padded: true, Maybe: true},
		{JSON: `"\u00a05"`, Declared: "NUMBER", Text: "\u00a05", Number: "5", Float64: "exact", Whole: true, Padded: true, Maybe: true},
		{JSON: "\"5\u00a0\"", Declared: "NUMBER", Text: "5\u00a0", Number: "5", Float64: "exact", Whole: true, Padded: true, Maybe: true},
		{JSON: `"5\n"`, Declared: "NUMBER", Text: "5\n", Number: "5", Float64: "exact", Whole: true, Padded: true, Maybe: true},
		{JSON: `9007199254740993`, Declared: "NUMBER", Text: "9007199254740993", Number: "9007199254740993", Float64: "rounded", Whole: true, Maybe: true},
		{JSON: `0.12345678901234567890`, Declared: "NUMBER", Text: "0.12345678901234567890", Number: "0.1234567890123456789", Float64: "rounded", Maybe: true},
		{JSON: `9223372036854775808`, Declared: "NUMBER", Text: "9223372036854775808", Number: "9223372036854775808", Float64: "rounded", Maybe: true},
		{JSON: `-9223372036854775808`, Declared: "NUMBER", Text: "-9223372036854775808", Number: "-9223372036854775808", Float64: "rounded", Whole: true, Maybe: true},
		{JSON: `"9E350"`, Declared: "NUMBER", Text: "9E350", Number: "9e350", Float64: "overflow", Maybe: true},
		{JSON: `1e-400`, Declared: "NUMBER", Text: "1e-400", Number: "1e-400", Float64: "underflow", Maybe: true},
		{JSON: `0e10000000000000000000`, Declared: "NUMBER", Text: "0e10000000000000000000", Number: "0", Float64: "exact", Whole: true, Maybe: true},
		{JSON: `1e10000000000000000000`, Declared: "NUMBER", Text: "1e10000000000000000000", Number: "1e10000000000000000000", Float64: "overflow", Maybe: true},
		{JSON: `"1e400"`, Declared: "NUMBER", Text: "1e400", Number: "1e400", Float64: "overflow", Maybe: true},
		{JSON: `"-1e-400 "`, Declared: "NUMBER", Text: "-1e-400 ", Number: "-1e-400", Float64: "underflow", Padded: true, Maybe: true},
		{JSON: `"000000000000000000000000000000000000000000000.25"`, Declared: "NUMBER", Text: "000000000000000000000000000000000000000000000.25", Number: "0.25", Float64: "exact", Maybe: true},
		{JSON: `0.5`, Declared: "INTEGER", Text: "0.5", Number: "0.5", Float64: "exact", Maybe: true},
		{JSON: `"7.0"`, Declared: "INTEGER", Text: "7.0", Number: "7", Float64: "exact", Whole: true, Maybe: true},
		{JSON: `"1 000"`, Declared: "NUMBER", Text: "1 000", Maybe: true},
		{JSON: `"1,5"`, Declared: "NUMBER", Text: "1,5", Maybe: true},
		{JSON: `"<0.2"`, Declared: "NUMBER", Text: "<0.2", Maybe: true},
		{JSON: `"0x10"`, Declared: "NUMBER", Text: "0x10", Maybe: true},
		{JSON: `"1_0"`, Declared: "NUMBER", Text: "1_0", Maybe: true},
		{JSON: `"NaN"`, Declared: "NUMBER", Text: "NaN", Maybe: true},
		{JSON: `"٣"`, Declared: "NUMBER", Text: "٣", Maybe: true},
		{JSON: `"5 mg"`, Declared: "NUMBER", Text: "5 mg", Maybe: true},
		{JSON: `[5]`, Declared: "NUMBER", Text: "[5]", Maybe: true},
	}
}

func flags() []Answer {
	return []Answer{
		{JSON: `true`, Declared: "CHECKBOX", Text: "true", Flag: "Y"},
		{JSON: `false`, Declared: "CHECKBOX", Text: "false", Flag: "N"},
		{JSON: `1`, Declared: "CHECKBOX", Text: "1", Number: "1", Float64: "exact", Whole: true, Flag: "Y"},
		{JSON: `"0"`, Declared: "CHECKBOX", Text: "0", Number: "0", Float64: "exact", Whole: true, Flag: "N"},
		{JSON: `"Yes"`, Declared: "RADIO", Text: "Yes", Flag: "Y"},
		{JSON: `" y\u00a0"`, Declared: "RADIO", Text: " y\u00a0", Padded: true, Flag: "Y"},
		{JSON: `"NO"`, Declared: "RADIO", Text: "NO", Flag: "N"},
		{JSON: `"f"`, Declared: "RADIO", Text: "f", Flag: "N"},
		{JSON: `1.0`, Declared: "CHECKBOX", Text: "1.0", Number: "1", Float64: "exact", Whole: true, Maybe: true},
		{JSON: `5.9`, Declared: "CHECKBOX", Text: "5.9", Number: "5.9", Float64: "exact", Maybe: true},
		{JSON: `"on"`, Declared: "CHECKBOX", Text: "on", Maybe: true},
		{JSON: `"maybe"`, Declared: "RADIO", Text: "maybe", Maybe: true},
		{JSON: `"yeſ"`, Declared: "RADIO", Text: "yeſ", Maybe: true},
	}
}

func dates() []Answer {
	return []Answer{
		{JSON: `"2014-02-03"`, Declared: "DATE", Text: "2014-02-03", Maybe: true, Date: "2014-02-03", Precision: "day"},
		{JSON: `" 2014-02-03"`, Declared: "DATE", Text: " 2014-02-03", Padded: true, Maybe: true, Date: "2014-02-03", Precision: "day"},
		{JSON: `"2014-02"`, Declared: "DATE", Text: "2014-02", Maybe: true, Date: "2014-02", Precision: "month"},
		{JSON: `"2014-02-03T10:00+0100"`, Declared: "DATE", Text: "2014-02-03T10:00+0100", Maybe: true, Date: "2014-02-03T10:00+01:00", Precision: "minute"},
		{JSON: `"20140203"`, Declared: "DATE", Text: "20140203", Number: "20140203", Float64: "exact", Whole: true, Maybe: true, Date: "2014-02-03", Precision: "day"},
		{JSON: `20140203`, Declared: "DATE", Text: "20140203", Number: "20140203", Float64: "exact", Whole: true, Maybe: true, Date: "2014-02-03", Precision: "day"},
		{JSON: `"20140203T10"`, Declared: "DATE", Text: "20140203T10", Maybe: true, Date: "2014-02-03T10", Precision: "hour"},
		{JSON: `"9999"`, Declared: "DATE", Text: "9999", Number: "9999", Float64: "exact", Whole: true, Maybe: true, Date: "9999", Precision: "year"},
		{JSON: `"--12-15"`, Declared: "DATE", Text: "--12-15", Maybe: true, Date: "--12-15", Precision: "unknown"},
		{JSON: `"-----T07:15"`, Declared: "DATE", Text: "-----T07:15", Maybe: true, Date: "-----T07:15", Precision: "unknown"},
		{JSON: `"1706---18T14:34+02:00"`, Declared: "DATE", Text: "1706---18T14:34+02:00", Maybe: true, Date: "1706---18T14:34+02:00", Precision: "year"},
		{JSON: `"2014-02-03T24:00"`, Declared: "DATE", Text: "2014-02-03T24:00", Maybe: true, Date: "2014-02-04T00:00", Precision: "minute"},
		{JSON: `"140203"`, Declared: "DATE", Text: "140203", Number: "140203", Float64: "exact", Whole: true, Maybe: true},
		{JSON: `"2014-02/2014-03"`, Declared: "DATE", Text: "2014-02/2014-03", Maybe: true},
		{JSON: `"2014-02-30"`, Declared: "DATE", Text: "2014-02-30", Maybe: true},
		{JSON: `"UN-UNK-2024"`, Declared: "DATE", Text: "UN-UNK-2024", Maybe: true},
	}
}

func texts() []Answer {
	return []Answer{
		{JSON: `"a\u0041\n😀"`, Declared: "TEXT", Text: "aA\n😀", Maybe: true},
		{JSON: `"\ud83d\ude00"`, Declared: "TEXT", Text: "😀", Maybe: true},
		{JSON: `" left "`, Declared: "TEXT", Text: " left ", Padded: true, Maybe: true},
		{JSON: `"\ufffd"`, Declared: "TEXT", Text: "\ufffd", Maybe: true},
		{JSON: `"x\ud800"`, Declared: "TEXT", Text: "x\ufffd", NotUnicode: true, Maybe: true},
		{JSON: "\"x\xff\"", Declared: "TEXT", Text: "x\ufffd", NotUnicode: true, Maybe: true},
		{JSON: `{"a":[1, 2]}`, Declared: "TEXT", Text: `{"a":[1, 2]}`, Maybe: true},
	}
}

// Key is one recordData and what it says for the variable AETERM, the only one of its form.
type Key struct {
	Object string
	// Raw is the JSON of the value that counts; "" is none.
	Raw string
	// Spellings is the number of keys that match: 0 none, 1 one or an exact one, more are ambiguous.
	Spellings int
	// Repeats is how often the spelling that counts stood there before.
	Repeats int
}

// Keys returns the table of keys.
func Keys() []Key {
	return []Key{
		{`{}`, ``, 0, 0},
		{`{"AETERM":"a"}`, `"a"`, 1, 0},
		{`{"aeterm":"a"}`, `"a"`, 1, 0},
		{`{"AESEV":1}`, ``, 0, 0},
		{`{"AETERM":"a","aeterm":"b"}`, `"a"`, 1, 0},
		{`{"aeterm":"b","AETERM":"a"}`, `"a"`, 1, 0},
		{`{"aeterm":"b","AeTerm":"c","AETERM":"a"}`, `"a"`, 1, 0},
		{`{"AETERM":"a","AETERM":"b"}`, `"b"`, 1, 1},
		{`{"aeterm":"a","aeterm":"b"}`, `"b"`, 1, 1},
		{`{"aeterm":"a","aeterm":"b","aeterm":null}`, `null`, 1, 2},
		{`{"aeterm":"a","\u0061eterm":"b"}`, `"b"`, 1, 1},
		{`{"aeterm":"a","AeTerm":"b"}`, ``, 2, 0},
		{`{"aeterm":"a","AeTerm":"b","aeterm":"c"}`, ``, 2, 0},
		{`{"aeterm":"a","AeTerm":"b","aETERM":"c"}`, ``, 3, 0},
		{`{" AETERM":"a"}`, ``, 0, 0},
		{`{"AETERM\u0000":"a"}`, ``, 0, 0},
		{`{"AETERM\ud800":"a"}`, ``, 0, 0},
	}
}

// VariableTypes are words for the type of a variable, as the API, design exports and studies spell
// them, and the kind that each is of; "" is a word that is not known.
func VariableTypes() map[string]string {
	return map[string]string{
		"TEXT": "text", "memo": "text", "TextArea": "text", "STRING": "text",
		"RADIO": "choice", " Dropdown ": "choice",
		"CHECKBOX": "flag", "boolean": "flag", "BOOL": "flag",
		"NUMBER": "number", "Numeric": "number", "FLOAT": "number", "decimal": "number", "SLIDER": "number",
		"INT": "whole", "Integer": "whole",
		"DATE": "date", "DateTime": "date", "DATE/TIME": "date", "Date/Time Precision": "date", "date_time_precision": "date", "PrecisionDate": "date",
		"TIME": "time",
		"FILE": "upload", "File Upload": "upload", "DICOM upload": "upload", "SIGNATURE": "upload",
		"": "", " ": "", "HOLOGRAM": "", "Update reason": "", "Phone number": "", "NUMBERS": "",
	}
}

// Form is what a record names as its form, in a study with the forms 1 AE and 2 VS.
type Form struct {
	ID  int64 // 0: none
	Key string
	// Form is the key of the form that the record is of; "" is none of them.
	Form string
	// Contradicts: what is named does not fit the study, which is reported.
	Contradicts bool
}

// Forms returns the table of forms.
func Forms() []Form {
	return []Form{
		{1, "AE", "AE", false},
		{1, "", "AE", false},
		{0, "AE", "AE", false},
		{2, "VS", "VS", false},
		{1, "ae", "AE", false},
		{1, "VS", "AE", true},
		{1, "ZZ", "AE", true},
		{9, "AE", "AE", true},
		{9, "ZZ", "", true},
		{9, "", "", true},
		{9, "VS", "VS", true},
		{2, "AE", "VS", true},
		{0, "ae", "", true},
		{0, "ZZ", "", true},
		{0, " ", "", true},
	}
}

// Twin is one recordData of a form with the variables AESER and aeser, and what it says for each.
type Twin struct {
	Object string
	// Upper and Lower are the JSON of the values that count for AESER and aeser; "" is none.
	Upper, Lower string
	// UpperUnclear and LowerUnclear: a key fits both variables and is the name of neither, and nothing else
	// answers the variable.
	UpperUnclear, LowerUnclear bool
}

// Twins returns the table of variables that differ only in case.
func Twins() []Twin {
	return []Twin{
		{Object: `{}`},
		{Object: `{"AESER":"Y"}`, Upper: `"Y"`},
		{Object: `{"aeser":"N"}`, Lower: `"N"`},
		{Object: `{"AESER":"Y","aeser":"N"}`, Upper: `"Y"`, Lower: `"N"`},
		{Object: `{"aeser":"N","AESER":"Y"}`, Upper: `"Y"`, Lower: `"N"`},
		{Object: `{"Aeser":"Y"}`, UpperUnclear: true, LowerUnclear: true},
		{Object: `{"AESER":"Y","Aeser":"N"}`, Upper: `"Y"`, LowerUnclear: true},
		{Object: `{"Aeser":"Y","aeser":"N"}`, UpperUnclear: true, Lower: `"N"`},
		{Object: `{"Aeser":"Y","aEser":"N","aeser":"N","AESER":"Y"}`, Upper: `"Y"`, Lower: `"N"`},
		{Object: `{"AESER":"Y","AESER":"N"}`, Upper: `"N"`},
		{Object: `{"AESER":null,"Aeser":"Y"}`, Upper: `null`, LowerUnclear: true},
		{Object: `{"aeser":""}`, Lower: `""`},
		{Object: `{"AESER\ud800":"Y"}`},
	}
}
