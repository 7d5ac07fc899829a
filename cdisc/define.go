package cdisc

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet/internal/argument"
)

// DefineOptions configures [WriteDefine].
type DefineOptions struct {
	// Created is the time of creation; the zero time is an error.
	Created time.Time
	// StudyOID identifies the study and MetaDataVersionOID this version of its metadata; both are
	// required. FileOID is derived from StudyOID if it is "".
	StudyOID, MetaDataVersionOID, FileOID string
	// StudyName and ProtocolName default to StudyOID.
	StudyName, StudyDescription, ProtocolName       string
	MetaDataVersionName, MetaDataVersionDescription string
	Originator, SourceSystem, SourceSystemVersion   string
	// Context is Other, the default, or Submission, which requires a class, a purpose and a
	// standard for every dataset.
	Context string
	// Standards are the standards to which datasets and code lists refer by OID.
	Standards []Standard
	// Comment applies to the whole document, for example about the encoding of texts.
	Comment string
	// Extension is the extension of the dataset files; the default is ".xpt".
	Extension string
}

// Standard is a standard or a version in controlled terminology in the terms of Define-XML.
type Standard struct {
	OID           string `json:"oid"`
	Name          string `json:"name"`          // such as SDTMIG, ADaMIG, CDISC/NCI
	Type          string `json:"type"`          // IG or CT
	Version       string `json:"version"`       // such as 3.4 or 2024-03-29
	Status        string `json:"status"`        // Final, Draft or Provisional
	PublishingSet string `json:"publishingSet"` // of CT: SDTM, ADaM …
}

const defineVersion = "2.1.0"

// allDatasets stands for what is about no single dataset.
const allDatasets = "(all)"

// defineProblems lists what Define-XML cannot say about the datasets.
func defineProblems(datasets []*Survey, o DefineOptions) (problems []Problem) {
	c := checker{dataset: allDatasets}
	c.checkDefine(o)
	for _, s := range datasets {
		c.s, c.dataset = s, s.dataset.Name
		c.defineDataset(o)
	}
	lists, more := codelists(datasets)
	c.problems = append(c.problems, more...)
	c.defineUnique(datasets, lists, o)
	return c.problems
}

// checkDefine looks at what is about the whole.
func (c *checker) checkDefine(o DefineOptions) {
	c.xmlTexts("", "options", o.StudyOID, o.MetaDataVersionOID, o.FileOID, o.StudyName, o.StudyDescription, o.ProtocolName, o.MetaDataVersionName, o.MetaDataVersionDescription,
		o.Originator, o.SourceSystem, o.SourceSystemVersion, o.Comment)
	for _, s := range o.Standards {
		c.xmlTexts("", "standards", s.OID, s.Version)
		c.flag("", RuleStandard, s.OID == "", "a standard needs an OID")
		c.flag("", RuleStandard, s.Version == "", "a standard needs a version")
		c.term("", "name of a standard", orElse(s.Name, missing), standardNames)
		c.term("", "type of a standard", orElse(s.Type, missing), standardTypes)
		c.term("", "status of a standard", orElse(s.Status, missing), standardStatuses)
		c.term("", "publishing set of a standard", s.PublishingSet, publishingSets)
	}
	c.flag("", RuleSubmission, o.Context == submission && len(o.Standards) == 0, "a submission names its standards")
}

// missing is no word of the schema.
const missing = "(missing)"

func (c *checker) defineDataset(o DefineOptions) {
	d := &c.s.dataset
	c.xmlTexts("", "names, labels or comments", d.Name, d.OID, d.Label, d.Structure, d.Domain, d.Comment)
	c.flag("", RuleDatasetName, fileName(d.Name) == "", notAFile)
	c.term("", "class", d.Class, datasetClasses)
	c.term("", "subclass", d.SubClass, datasetSubClasses)
	c.term("", "purpose", d.Purpose, purposes)
	c.flag("", RuleStandard, !o.hasStandard(d.Standard), "the standard %q is not among the options", d.Standard)
	for i := range d.Variables {
		c.defineVariable(&d.Variables[i], o)
	}
	if o.Context == submission {
		c.checkSubmission()
	}
}

func (c *checker) defineVariable(v *Variable, o DefineOptions) {
	c.xmlTexts(v.Name, "names, labels or comments", v.Name, v.OID, v.Label, v.Method, v.Comment, v.Origin.Description)
	c.flag(v.Name, RuleType, v.Type == Boolean, "Define-XML has no truth values; map them to Y and N")
	c.term(v.Name, "origin", v.Origin.Type, originTypes)
	c.term(v.Name, "source of the origin", v.Origin.Source, originSources)
	if v.Codelist == nil {
		return
	}
	c.flag(v.Name, RuleStandard, !o.hasStandard(v.Codelist.Standard), "the code list's standard %q is not among the options", v.Codelist.Standard)
	c.checkCodelist(v)
}

// checkCodelist finds what makes a code list none, in Define-XML and ODM alike.
func (c *checker) checkCodelist(v *Variable) {
	l := v.Codelist
	texts := []string{l.OID, l.Name, l.NCICode, l.Dictionary, l.DictionaryVersion}
	seen := map[string]bool{}
	var empty, twice int64
	for _, item := range l.Items {
		texts = append(texts, item.Code, item.Decode)
		count(&empty, item.Code == "")
		count(&twice, item.Code != "" && seen[item.Code])
		seen[item.Code] = true
	}
	c.xmlTexts(v.Name, "texts of the code list", texts...)
	c.add(v.Name, RuleCodelist, empty, "items of the code list without a code")
	c.add(v.Name, RuleCodelist, twice, "items of the code list with the code of another")
	c.flag(v.Name, RuleCodelist, len(l.Items) == 0 && l.Dictionary == "", "the code list has no items")
	c.flag(v.Name, RuleCodelist, len(l.Items) > 0 && l.Dictionary != "", "the code list has items and is a dictionary's")
	c.flag(v.Name, RuleCodelist, l.Dictionary == "" && l.DictionaryVersion != "", "the code list has the version of a dictionary and no dictionary")
}

func (o *DefineOptions) hasStandard(oid string) bool {
	return oid == "" || slices.ContainsFunc(o.Standards, func(s Standard) bool { return s.OID == oid })
}

// submission is the context of a define.xml that an agency reads.
const submission = "Submission"

// checkSubmission lists what a submission asks for and a dataset lacks.
func (c *checker) checkSubmission() {
	d := &c.s.dataset
	c.flag("", RuleSubmission, d.Label == "", "a submission asks for a label")
	c.flag("", RuleSubmission, d.Class == "", "a submission asks for a class")
	c.flag("", RuleSubmission, d.Purpose == "", "a submission asks for a purpose")
	c.flag("", RuleSubmission, d.Structure == "", "a submission asks for a structure")
	c.flag("", RuleSubmission, len(d.keys()) == 0, "a submission asks for key variables")
	c.flag("", RuleSubmission, c.s.rows == 0, "a submission has no datasets without rows")
	for _, v := range d.Variables {
		o := v.Origin
		c.flag(v.Name, RuleSubmission, v.Label == "", "a submission asks for a label")
		c.flag(v.Name, RuleSubmission, strings.HasPrefix(v.Name, "_"), "a submission asks for a name that begins with a letter")
		c.flag(v.Name, RuleSubmission, o.Type == "", "a submission asks for an origin")
		c.flag(v.Name, RuleSubmission, (o.Type == "Collected" || o.Type == "Derived" || o.Type == "Assigned") && o.Source == "", "a submission asks for the source of the origin")
		c.flag(v.Name, RuleSubmission, o.Type == "Derived" && v.Method == "", "a submission asks for the method of a derived variable")
		c.flag(v.Name, RuleSubmission, o.Type == "Predecessor" && o.Description == "", "a submission asks which variable is the predecessor")
	}
}

// defineUnique finds identifiers that occur twice.
func (c *checker) defineUnique(datasets []*Survey, lists []defineList, o DefineOptions) {
	oids := uniqueOIDs{map[string]bool{}, c}
	oids.add(allDatasets, "", o.StudyOID)
	oids.add(allDatasets, "", o.MetaDataVersionOID)
	for _, s := range o.Standards {
		oids.add(allDatasets, "", s.OID)
	}
	for _, l := range lists {
		oids.add(allDatasets, "", l.oid)
	}
	if o.Comment != "" {
		oids.add(allDatasets, "", commentOfAll)
	}
	for _, s := range datasets {
		d := &s.dataset
		oids.add(d.Name, "", d.groupOID())
		oids.add(d.Name, "", leafID(d))
		if d.Comment != "" {
			oids.add(d.Name, "", "COM."+d.Name)
		}
		for i := range d.Variables {
			v := &d.Variables[i]
			oids.add(d.Name, v.Name, d.itemOID(v))
			if v.Method != "" {
				oids.add(d.Name, v.Name, methodOID(d, v))
			}
			if v.comment() != "" {
				oids.add(d.Name, v.Name, commentOID(d, v))
			}
		}
	}
}

// WriteDefine writes a define.xml of version 2.1 for surveyed datasets. It contains only metadata.
// Metadata that it cannot express are an *[UnfitError] before the first byte is written.
func WriteDefine(w io.Writer, datasets []*Survey, o DefineOptions) error {
	if err := errors.Join(argument.Required("cdisc.WriteDefine", "w", w), checkDatasets(datasets), o.check()); err != nil {
		return err
	}
	if problems := defineProblems(datasets, o); len(problems) > 0 {
		return fail("write Define-XML", "", &UnfitError{problems})
	}
	lists, _ := codelists(datasets)
	d := &defineWriter{xmlWriter: newXMLWriter(w), o: o, datasets: datasets, lists: lists}
	d.write()
	if err := d.finish(); err != nil {
		return fail("write Define-XML", "", err)
	}
	return nil
}

func checkDatasets(datasets []*Survey) error {
	switch {
	case len(datasets) == 0:
		return argument.Invalid("cdisc.WriteDefine", "datasets", "is empty")
	case slices.Contains(datasets, nil):
		return argument.Invalid("cdisc.WriteDefine", "datasets", "has one that is nil")
	}
	return nil
}

func (o *DefineOptions) check() error {
	const function = "cdisc.WriteDefine"
	o.Context = orElse(o.Context, "Other")
	o.Extension = orElse(o.Extension, ".xpt")
	switch {
	case o.Created.IsZero():
		return argument.Invalid(function, "Created", "is not set")
	case o.StudyOID == "" || o.MetaDataVersionOID == "":
		return argument.Invalid(function, "StudyOID", "and MetaDataVersionOID are required")
	case o.Context != "Other" && o.Context != submission:
		return argument.Invalid(function, "Context", "must be Other or Submission")
	}
	return nil
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
	return l.Name == o.Name && l.dataType == o.dataType && l.Standard == o.Standard && l.NCICode == o.NCICode && l.Dictionary == o.Dictionary &&
		l.DictionaryVersion == o.DictionaryVersion && slices.Equal(l.Items, o.Items)
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
		return pick(st.Partial == 0, "time", "partialTime")
	case st.WithTime == 0 && st.Partial == 0:
		return "date"
	case st.WithTime == 0:
		return "partialDate"
	case st.WithTime == dates && st.Partial == 0:
		return "datetime"
	}
	return "partialDatetime"
}
