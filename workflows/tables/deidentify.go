package tables

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/phi"
)

// Mask is the text that replaces a value hidden by de-identification.
const Mask = "***MASKED***"

// PHIAction is what happens to the answers to an identifying variable.
type PHIAction string

// The actions for identifying variables. The default is [PHIDrop].
const (
	PHIDrop         PHIAction = "drop"         // the column is left out
	PHIMask         PHIAction = "mask"         // every answer becomes Mask
	PHIPseudonymise PHIAction = "pseudonymise" // equal answers become equal pseudonyms
)

// DefaultMaxShiftDays is the default of [Deidentification.MaxShiftDays].
const DefaultMaxShiftDays = 364

// Deidentification configures how a [RecordMapper] hides the identity of subjects
// ([WithDeidentification]). It denies by default: an answer passes only if the kind of its column
// is known to be safe; everything else becomes [Mask] and is counted ([FormReport.Masked]).
//
//   - Variables listed in PHIFields are dropped, masked or pseudonymised.
//   - The subject becomes one pseudonym in the column subjectKey, whatever ids and keys its records
//     carry and however often it was renamed. subjectId is left out; subjectOid and recordOid
//     become pseudonyms. Tables can still be joined by subjectKey.
//   - Dates of DATE variables, dateCreated and dateModified are shifted by a number of whole days
//     that is the same for all records of a subject, so that intervals are preserved. Records of no
//     subject are shifted with their site, or with the study. A partial date is shifted from its
//     midpoint and truncated to its precision. Sentinels are not shifted. Text that is not a date,
//     and dates outside the years 1850 to 2150, are masked.
//   - Numbers pass if their column can hold them and they do not repeat the subject's key. Booleans
//     pass as true and false, and codes pass if the column's codelist contains them
//     ([PlanOptions]).
//   - Other text, including that of radio buttons, passes only in the columns listed in FreeText.
//   - Undeclared keys have no column, and neither they nor their values appear in rejects, reports
//     and plans, unless FreeText lists them.
//
// The same treatment applies to values in rejects, in the hierarchy and in the manifest of a data
// set.
//
// Pseudonyms and shifts are derived by HMAC-SHA-256 from Key and the study key: anyone who has Key
// can reproduce them. Record, visit, site and form ids are kept, so that anyone with access to the
// EDC system can find the record. recordStatus and recordType pass if they are words that the API is
// known to have, or if FreeText lists these names. Record ids increase with the time
// of creation; the shifted dateCreated values of many subjects, taken together, therefore narrow
// every shift to within days. Such a data set is pseudonymous, not anonymous, and is only for
// recipients who are bound not to re-identify subjects. [CountGroups] shows how few subjects share
// the remaining values.
//
// A number that repeats its subject's id or key, in any notation, is masked if that id or key has
// four characters or more. In a record of no subject, so is one that repeats any subject's. Other numbers pass, even those that are meant as dates (20240131): list
// such variables in PHIFields.
//
// The source must implement [imednet.SubjectReader], as a Client and the mirror do.
type Deidentification struct {
	// Key is the secret, 16 bytes or more.
	Key []byte
	// PHIFields are the identifying variables: a variable name, which applies to every form, or
	// FORM.VARIABLE. Case, spaces, hyphens and underscores are ignored.
	// StudyConfiguration.PHIFields can be passed unchanged.
	PHIFields []string
	// Action is what happens to PHIFields; the default is [PHIDrop].
	Action PHIAction
	// Actions overrides Action for some of PHIFields, by the name used there.
	Actions map[string]PHIAction
	// FreeText lists columns whose answers pass unchanged because a person has reviewed them and
	// found that they identify no one. It uses the same names as PHIFields, which take precedence.
	FreeText []string
	// AgeFields lists NUMBER variables that hold ages in years. Ages of 90 and over become 90.
	AgeFields []string
	// MaxShiftDays limits the shift of dates in either direction; the default is
	// [DefaultMaxShiftDays].
	MaxShiftDays int
	// Sentinels lists complete dates that mean "none" or "unknown" in addition to
	// [DefaultSentinels].
	Sentinels []imednet.Date
	// AllowUnmatched accepts names that no variable of the study has. By default such a name is an
	// error, because a misspelt name protects nothing.
	AllowUnmatched bool
}

// DefaultSentinels returns dates that source systems use for "none" or "unknown" and that identify
// no one.
func DefaultSentinels() []imednet.Date {
	return []imednet.Date{
		{Year: 1, Month: 1, Day: 1}, {Year: 1000, Month: 1, Day: 1}, {Year: 1753, Month: 1, Day: 1}, {Year: 1800, Month: 1, Day: 1},
		{Year: 1899, Month: 12, Day: 30}, {Year: 1899, Month: 12, Day: 31}, {Year: 1900, Month: 1, Day: 1}, {Year: 1901, Month: 1, Day: 1},
		{Year: 2099, Month: 12, Day: 31}, {Year: 2999, Month: 12, Day: 31}, {Year: 3000, Month: 1, Day: 1}, {Year: 9999, Month: 12, Day: 31},
	}
}

// WithDeidentification makes every run of the mapper de-identify the records it reads.
func WithDeidentification(d Deidentification) Option {
	return func(m *RecordMapper) error {
		deid, err := newDeidentifier(d)
		m.deid = deid
		return err
	}
}

// deidentifier is a checked Deidentification.
type deidentifier struct {
	settings  Deidentification
	actions   map[string]PHIAction // by folded name
	passes    phi.Set
	ages      phi.Set
	sentinels map[imednet.Date]bool
}

func newDeidentifier(d Deidentification) (*deidentifier, error) {
	d.Action, d.MaxShiftDays = cmp.Or(d.Action, PHIDrop), cmp.Or(d.MaxShiftDays, DefaultMaxShiftDays)
	problems := d.problems()
	deid := &deidentifier{
		settings: d, actions: map[string]PHIAction{}, passes: phi.Of(d.FreeText...), ages: phi.Of(d.AgeFields...),
		sentinels: map[imednet.Date]bool{},
	}
	for _, field := range d.PHIFields {
		deid.actions[phi.Name(field)] = d.Action
	}
	for field, action := range d.Actions {
		if _, listed := deid.actions[phi.Name(field)]; !listed {
			problems = append(problems, imednet.Problem{Path: "Actions", Message: fmt.Sprintf("%q is not among PHIFields", field)})
		}
		deid.actions[phi.Name(field)] = action
	}
	for field, action := range deid.actions {
		if action != PHIDrop && action != PHIMask && action != PHIPseudonymise {
			problems = append(problems, imednet.Problem{Path: field, Message: fmt.Sprintf("unknown action %q", action)})
		}
	}
	for _, day := range slices.Concat(DefaultSentinels(), d.Sentinels) {
		deid.sentinels[day] = true
	}
	if len(problems) > 0 {
		return nil, &imednet.ValidationError{What: "de-identification", Problems: problems}
	}
	return deid, nil
}

func (d *Deidentification) problems() []imednet.Problem {
	var problems []imednet.Problem
	if len(d.Key) < 16 {
		problems = append(problems, imednet.Problem{Path: "Key", Message: "the key needs 16 bytes or more"})
	}
	if d.MaxShiftDays < 1 || d.MaxShiftDays > 36500 {
		problems = append(problems, imednet.Problem{Path: "MaxShiftDays", Message: "the shift must lie between 1 and 36500 days"})
	}
	return problems
}

// action returns what the caller wants done to a column, "" for nothing in particular. The name
// with the form wins over the bare one.
func (d *deidentifier) action(c *Column) PHIAction {
	for _, name := range phi.Names(c.Form, c.Name) {
		if action, ok := d.actions[name]; ok {
			return action
		}
	}
	return ""
}

// checkFields reports the names in the settings that nothing in the plan has.
func (d *deidentifier) checkFields(p *Plan) error {
	if d.settings.AllowUnmatched {
		return nil
	}
	known := phi.RecordFields()
	for field := range recordWords {
		known.AddVariable("", field)
	}
	for _, f := range p.Forms {
		for _, c := range f.Columns {
			known.AddVariable(c.Form, c.Name)
		}
	}
	return known.Check(slices.Concat(d.settings.PHIFields, d.settings.FreeText, d.settings.AgeFields))
}

// withoutUndeclared returns the plan without the columns of undeclared keys that may not be shown.
func (d *deidentifier) withoutUndeclared(p *Plan) *Plan {
	if d == nil {
		return p
	}
	c := p.clone()
	for i := range c.Forms {
		c.Forms[i].Columns = slices.DeleteFunc(c.Forms[i].Columns, func(c Column) bool { return c.Extra && d.treatmentOf(&c) == treatDrop })
	}
	return c
}

// FreeTextColumns lists, as FORM.VARIABLE, the text columns of a plan whose answers
// de-identification leaves unchanged. Someone must review them before the tables are released.
func (m *RecordMapper) FreeTextColumns(p *Plan) []string {
	return m.columnsWith(p, func(t treatment, typ ColumnType) bool {
		return t == treatNothing && (typ == TypeText || typ == TypeDictionary)
	})
}

// MaskedColumns lists, as FORM.VARIABLE, the columns of a plan in which de-identification masks
// every answer, because their kind is not known to be safe or because PHIFields requires it.
func (m *RecordMapper) MaskedColumns(p *Plan) []string {
	return m.columnsWith(p, func(t treatment, _ ColumnType) bool { return t == treatMask })
}

func (m *RecordMapper) columnsWith(p *Plan, is func(treatment, ColumnType) bool) []string {
	if p == nil {
		return nil
	}
	var names []string
	for i := range p.Forms {
		for j := range p.Forms[i].Columns {
			if c := &p.Forms[i].Columns[j]; is(m.deid.treatmentOf(c), c.Type) {
				names = append(names, c.Form+"."+c.Name)
			}
		}
	}
	return names
}

// Deidentifies reports whether the mapper was built with [WithDeidentification].
func (m *RecordMapper) Deidentifies() bool { return m.deid != nil }
