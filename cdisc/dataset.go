package cdisc

import (
	"context"
	"iter"
)

// Type is the type of a variable's values.
type Type uint8

// The types of variables. In XPORT, WholeNumber, Double, Decimal, Date, Datetime and Time are
// numeric, and the others are character.
const (
	Character   Type = iota + 1 // [Text]
	WholeNumber                 // [Integer]
	Double                      // [Float]
	// Decimal is a number whose digits are significant, such as 70.50, as [Text]: an optional sign,
	// digits, and optionally a point and more digits.
	Decimal
	// ISODate is a date or date-time as [Text] in ISO 8601, complete or partial. Other texts are
	// allowed; the variable is then described as text.
	ISODate
	ISOTime  // a time of day as [Text] in ISO 8601
	Date     // [Integer]: days since 1970-01-01
	Datetime // [Integer]: microseconds since 1970-01-01T00:00:00, without a zone
	Time     // [Integer]: microseconds since midnight
	Boolean  // [Bool]; Dataset-JSON only
)

// String returns the type in the terms of Dataset-JSON, with a term of its own for a number that is
// a date.
func (t Type) String() string {
	names := map[Type]string{Character: "string", WholeNumber: "integer", Double: "float", Decimal: "decimal", ISODate: "ISO date", ISOTime: "ISO time",
		Date: "date", Datetime: "datetime", Time: "time", Boolean: "boolean"}
	return orElse(names[t], "none")
}

func (t Type) isNumeric() bool { return t >= WholeNumber && t <= Decimal || t >= Date && t <= Time }

func (t Type) isText() bool { return t == Character || t == ISODate || t == ISOTime }

// Variable is one column of a dataset.
type Variable struct {
	Name  string
	Label string
	Type  Type
	// Length is the minimum length of texts, in bytes. 0 means the length of the longest value.
	Length int
	// Format is the SAS display format, including the final point, such as "E8601DA10."; only for
	// numbers, dates and times.
	Format string
	// Key is the position among the key variables, from 1; 0 means that it is not a key variable.
	Key int
	// UTC marks a Datetime as an instant in UTC. ODM writes the Z; the other formats have no time
	// zone.
	UTC bool
	// Alias is the variable's id in the EDC system, for ODM.
	Alias string
	// OID identifies the variable in metadata; "" means IT.<dataset>.<name>.
	OID string
	// Source names the column from which the values come, for the manifest and for [Names].
	Source string
	// Sequence makes [Export] number the rows from 1 within the other key variables, in the order of
	// these variables, which are named by their source; values of the source are ignored. The type
	// must be WholeNumber. Only one variable of a dataset may have it.
	Sequence []string

	// What follows goes to Define-XML alone.

	Mandatory bool // whether every row must have a value
	Origin    Origin
	Method    string // description of how values are derived
	Comment   string
	Codelist  *Codelist
	HasNoData bool // set by the survey
}

// Origin is the origin of the values of a variable in the terms of Define-XML. Type is Collected,
// Derived, Assigned, Protocol, Predecessor, Not Available or Other; Source is Investigator,
// Sponsor, Subject or Vendor.
type Origin struct {
	Type, Source, Description string
}

// Codelist is a list of the permitted values of a variable.
type Codelist struct {
	OID      string         `json:"oid,omitempty"` // "" is CL.<name>
	Name     string         `json:"name"`
	Items    []CodelistItem `json:"items"`              // in order; a list without decodes is an enumeration
	Standard string         `json:"standard,omitempty"` // OID of a standard of the Define-XML; "" means non-standard
	NCICode  string         `json:"nciCode,omitempty"`  // in controlled terminology
	// Dictionary and DictionaryVersion name a dictionary that has the values, such as MedDRA and 26.1,
	// instead of items.
	Dictionary        string `json:"dictionary,omitempty"`
	DictionaryVersion string `json:"dictionaryVersion,omitempty"`
}

// CodelistItem is a code and its meaning.
type CodelistItem struct {
	Code   string `json:"code"`
	Decode string `json:"decode,omitempty"`
}

// Dataset describes a table, which becomes one data file.
type Dataset struct {
	Name      string
	Label     string
	OID       string // "" is IG.<name>
	Variables []Variable
	// Encoding is the encoding of texts in XPORT; "" means UTF-8.
	Encoding Encoding
	// Records is the number of rows if a file states it, otherwise -1. Sources need not set it.
	Records int64

	// What follows goes to Define-XML alone.

	Structure     string // such as "One record per adverse event"
	Class         string // such as "EVENTS"; "" for none
	SubClass      string
	Purpose       string // Tabulation or Analysis
	Domain        string // of SDTM
	Standard      string // OID of a standard of the Define-XML; "" means non-standard
	Comment       string
	ReferenceData bool // whether the data are about the study or its sites rather than subjects
	OneRow        bool // whether there is at most one row per subject
	// Source names the table from which the rows come.
	Source string
}

// Row holds one value per variable of a dataset, in order. It is valid until the next iteration.
type Row []Value

// Source is a finished table. Formats require lengths and counts before the first row, so Rows is
// called more than once and must yield the same rows each time. An error is yielded once, as the
// last element and with a nil row.
type Source interface {
	Dataset() Dataset
	Rows(ctx context.Context) iter.Seq2[Row, error]
}

// keys returns the indexes of the key variables in their order.
func (d *Dataset) keys() []int {
	var list []int
	for k := 1; ; k++ {
		found := false
		for i, v := range d.Variables {
			if v.Key == k {
				list, found = append(list, i), true
			}
		}
		if !found {
			return list
		}
	}
}

// types returns the types of the variables.
func (d *Dataset) types() []Type {
	list := make([]Type, len(d.Variables))
	for i, v := range d.Variables {
		list[i] = v.Type
	}
	return list
}

func (d *Dataset) groupOID() string { return orElse(d.OID, "IG."+d.Name) }

func (d *Dataset) itemOID(v *Variable) string { return orElse(v.OID, "IT."+d.Name+"."+v.Name) }

func orElse(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
