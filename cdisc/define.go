package cdisc

import (
	"io"
	"strconv"
	"time"

	"github.com/imednetgo/imednet/internal/argument"
)

// DefineOptions are the settings of [WriteDefine].
type DefineOptions struct {
	// Created is the time of creation; the zero time is an error.
	Created time.Time
	// StudyOID names the study and MetaDataVersionOID this version of its metadata; both are
	// required. FileOID is made of the first when it is "".
	StudyOID, MetaDataVersionOID, FileOID string
	// StudyName and ProtocolName are the StudyOID when they are "".
	StudyName, StudyDescription, ProtocolName       string
	MetaDataVersionName, MetaDataVersionDescription string
	Originator, SourceSystem, SourceSystemVersion   string
	// Context is Other, the default, or Submission, which asks for a class, a purpose and a standard
	// of every dataset.
	Context string
	// Standards are those that datasets and code lists refer to by OID.
	Standards []Standard
	// Comment is about the whole, such as the encoding of texts.
	Comment string
	// Extension is how the files of the datasets end; default ".xpt".
	Extension string
}

// Standard is a standard or a version of controlled terminology, in the words of Define-XML.
type Standard struct {
	OID           string `json:"oid"`
	Name          string `json:"name"`          // such as SDTMIG, ADaMIG, CDISC/NCI
	Type          string `json:"type"`          // IG or CT
	Version       string `json:"version"`       // such as 3.4 or 2024-03-29
	Status        string `json:"status"`        // Final, Draft or Provisional
	PublishingSet string `json:"publishingSet"` // of CT: SDTM, ADaM …
}

const defineVersion = "2.1.0"

// defineProblems lists what Define-XML cannot say about a dataset.
func (s *Survey) defineProblems() []Problem {
	c := checker{s: s, dataset: s.dataset.Name}
	texts := func(variable string, list ...string) {
		for _, text := range list {
			c.flag(variable, RuleXMLCharacter, !isXMLText(text), "a name, label, comment or code has a character that XML cannot hold")
		}
	}
	d := &s.dataset
	texts("", d.Name, d.Label, d.Structure, d.Comment)
	for _, v := range d.Variables {
		texts(v.Name, v.Name, v.Label, v.Method, v.Comment, v.Origin.Description)
		c.flag(v.Name, RuleType, v.Type == Boolean, "Define-XML has no truth values; map them to Y and N")
		if v.Codelist != nil {
			for _, item := range v.Codelist.Items {
				texts(v.Name, item.Code, item.Decode)
			}
		}
	}
	return c.problems
}

// WriteDefine writes a define.xml of version 2.1 about surveyed datasets. It holds metadata only.
// What it cannot say is an [*UnfitError] before the first byte.
func WriteDefine(w io.Writer, datasets []*Survey, o DefineOptions) error {
	if err := o.check(datasets); err != nil {
		return err
	}
	var problems []Problem
	for _, s := range datasets {
		problems = append(problems, s.defineProblems()...)
		problems = append(problems, s.submissionProblems(o)...)
	}
	lists, more := codelists(datasets)
	if problems = append(problems, more...); len(problems) > 0 {
		return fail("write Define-XML", "", &UnfitError{problems})
	}
	d := &defineWriter{xmlWriter: newXMLWriter(w), o: o, datasets: datasets, lists: lists}
	d.write()
	if err := d.finish(); err != nil {
		return fail("write Define-XML", "", err)
	}
	return nil
}

func (o *DefineOptions) check(datasets []*Survey) error {
	const function = "cdisc.WriteDefine"
	o.Context = orElse(o.Context, "Other")
	o.Extension = orElse(o.Extension, ".xpt")
	switch {
	case len(datasets) == 0:
		return argument.Invalid(function, "datasets", "is empty")
	case o.Created.IsZero():
		return argument.Invalid(function, "Created", "is not set")
	case o.StudyOID == "" || o.MetaDataVersionOID == "":
		return argument.Invalid(function, "StudyOID", "and MetaDataVersionOID are required")
	case o.Context != "Other" && o.Context != "Submission":
		return argument.Invalid(function, "Context", "must be Other or Submission")
	}
	return nil
}

// submissionProblems lists what a submission asks for and a dataset lacks, and references to
// standards that are not among the options'.
func (s *Survey) submissionProblems(o DefineOptions) []Problem {
	c := checker{s: s, dataset: s.dataset.Name}
	known := map[string]bool{"": true}
	for _, standard := range o.Standards {
		known[standard.OID] = true
	}
	d := &s.dataset
	c.flag("", RuleStandard, !known[d.Standard], "the standard %q is not among the options", d.Standard)
	for _, v := range d.Variables {
		if v.Codelist != nil {
			c.flag(v.Name, RuleStandard, !known[v.Codelist.Standard], "the code list's standard %q is not among the options", v.Codelist.Standard)
		}
	}
	if o.Context == "Submission" {
		c.flag("", RuleSubmission, d.Label == "", "a submission asks for a label")
		c.flag("", RuleSubmission, d.Class == "", "a submission asks for a class")
		c.flag("", RuleSubmission, d.Purpose == "", "a submission asks for a purpose")
	}
	return c.problems
}

// codelists gathers the code lists of all variables in the order of their use. One OID with two
// contents is a problem.
func codelists(datasets []*Survey) (lists []defineList, problems []Problem) {
	seen := map[string]int{}
	for _, s := range datasets {
		for _, v := range s.dataset.Variables {
			if v.Codelist == nil {
				continue
			}
			list := defineList{v.Codelist, v.Codelist.oid(), listType(v.Type)}
			at, found := seen[list.oid]
			switch {
			case !found:
				seen[list.oid] = len(lists)
				lists = append(lists, list)
			case !lists[at].equal(list):
				problems = append(problems, Problem{s.dataset.Name, v.Name, RuleCodelist, 1, "another code list has the OID " + strconv.Quote(list.oid)})
			}
		}
	}
	return lists, problems
}

// defineList is a code list with the type of its codes.
type defineList struct {
	*Codelist
	oid, dataType string
}

func (c *Codelist) oid() string { return orElse(c.OID, "CL."+c.Name) }

func (l defineList) equal(o defineList) bool {
	if l.Name != o.Name || l.dataType != o.dataType || l.Standard != o.Standard || len(l.Items) != len(o.Items) {
		return false
	}
	for i, item := range l.Items {
		if item != o.Items[i] {
			return false
		}
	}
	return true
}

func listType(t Type) string {
	switch {
	case t == WholeNumber:
		return "integer"
	case t.isNumeric():
		return "float"
	}
	return "text"
}

// itemType is the data type of a variable in Define-XML and ODM, its length and the digits behind
// the point, "" where the type has none.
func (s *Survey) itemType(i int) (dataType, length, significant string) {
	st := &s.stats[i]
	switch v := &s.dataset.Variables[i]; v.Type {
	case WholeNumber, Date, Time:
		return "integer", strconv.Itoa(max(1, st.Digits, minimumDigits(v.Type))), ""
	case Datetime:
		return "integer", strconv.Itoa(minimumDigits(v.Type)), ""
	case Double, Decimal:
		digits := max(1, st.Digits)
		if st.Decimals > 0 {
			digits += 1 + st.Decimals
		}
		return "float", strconv.Itoa(digits), strconv.Itoa(st.Decimals)
	case ISODate, ISOTime:
		if t := st.isoType(v.Type); t != "" {
			return t, "", ""
		}
	}
	return "text", strconv.Itoa(s.bytesOf(i)), ""
}

// minimumDigits is what the numbers of dates and times need: they are not surveyed digit by digit.
func minimumDigits(t Type) int {
	switch t {
	case Date:
		return 7 // days, with a sign
	case Datetime:
		return 13 // seconds, with a sign
	case Time:
		return 5
	}
	return 1
}

// isoType is the narrowest type that holds all dates or times of a variable; "" when that is text.
func (st *Stats) isoType(t Type) string {
	dates := st.Values - st.Empty - st.NotISO
	switch {
	case st.NotISO > 0:
		return ""
	case t == ISOTime:
		return "partialTime"
	case st.WithTime == 0 && st.Partial == 0:
		return "date"
	case st.WithTime == 0:
		return "partialDate"
	case st.WithTime == dates && st.Partial == 0:
		return "datetime"
	}
	return "partialDatetime"
}
