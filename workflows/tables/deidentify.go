package tables

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/phi"
)

// Mask stands where de-identification hides a value.
const Mask = "***MASKED***"

// PHIAction says what becomes of the answers to an identifying variable.
type PHIAction string

// The actions. The zero value of Deidentification.Action is PHIDrop.
const (
	PHIDrop         PHIAction = "drop"         // the column is left out
	PHIMask         PHIAction = "mask"         // every answer becomes Mask
	PHIPseudonymise PHIAction = "pseudonymise" // equal answers become equal pseudonyms
)

// DefaultMaxShiftDays is the default of Deidentification.MaxShiftDays.
const DefaultMaxShiftDays = 364

// Deidentification is how a RecordMapper hides who the subjects are ([WithDeidentification]). It
// denies by default: an answer passes only where the kind of its column is known to be safe, and
// everything else becomes [Mask] and is counted ([FormReport.Masked]).
//
//   - variables listed in PHIFields are dropped, masked or pseudonymised;
//   - the subject becomes one pseudonym, in the column subjectKey, whatever ids and keys its records
//     carry and however often it was renamed; subjectId is left out, and subjectOid and recordOid
//     become pseudonyms. Tables still join by subjectKey;
//   - dates of DATE variables, dateCreated and dateModified move by a number of whole days that is the
//     same for all of a subject's records, so that intervals survive. Records of no subject move
//     with their site, or with the study. A partial date moves by its midpoint and is cut back to
//     its precision. Sentinels stay; text that is no date, and dates outside the years 1850 to
//     2150, are masked;
//   - numbers pass if their column holds them and they do not repeat the subject's key, booleans as true and false, and codes that stand in
//     the column's codelist ([PlanOptions]);
//   - other text, radio buttons included, passes only in the columns that FreeText lists;
//   - undeclared keys have no column, and neither they nor their values are shown in rejects,
//     reports and plans, unless FreeText lists them.
//
// Rejects, the hierarchy and the manifest of a data set show values after the same treatment.
//
// Pseudonyms and shifts are HMAC-SHA-256 under Key and the study key: who has the key can repeat
// them. Record, visit, site and form ids, recordStatus and recordType stay, by which whoever may read
// the EDC system finds the record. Record ids rise with the time of creation, so that the shifted
// dateCreated of many subjects together narrow every shift to days: such a data set is pseudonymous,
// not anonymous, and is for readers who are bound not to try. [CountGroups] shows how few subjects
// share what is left.
//
// A number that repeats its subject's id or key, however written, is masked if that has four
// characters or more. Other numbers stay, also those that somebody meant as a date (20240131): name
// such variables in PHIFields.
//
// The source must be an imednet.SubjectReader, as a Client and the mirror are.
type Deidentification struct {
	// Key is the secret, 16 bytes or more.
	Key []byte
	// PHIFields are the identifying variables: a variable name on any form, or FORM.VARIABLE,
	// whatever the case, blanks, hyphens and underscores. StudyConfiguration.PHIFields fits.
	PHIFields []string
	// Action is what happens to PHIFields; default PHIDrop.
	Action PHIAction
	// Actions overrides Action for some of PHIFields, under the name used there.
	Actions map[string]PHIAction
	// FreeText lists columns whose answers pass as they are, named like PHIFields: somebody has
	// read them and found that they identify nobody. PHIFields go before it.
	FreeText []string
	// AgeFields lists NUMBER variables that hold ages in years: 90 and more become 90.
	AgeFields []string
	// MaxShiftDays bounds the shift of dates, in either direction; default DefaultMaxShiftDays.
	MaxShiftDays int
	// Sentinels lists further complete dates that mean "none" or "unknown", beside DefaultSentinels.
	Sentinels []imednet.Date
	// AllowUnmatched accepts names that no variable of the study has. Without it such a name, which
	// may be a misspelt one that protects nothing, is an error.
	AllowUnmatched bool
}

// DefaultSentinels are dates that stand for "none" or "unknown" in the systems that data come
// from, and are nobody's.
func DefaultSentinels() []imednet.Date {
	return []imednet.Date{
		{Year: 1, Month: 1, Day: 1}, {Year: 1000, Month: 1, Day: 1}, {Year: 1753, Month: 1, Day: 1}, {Year: 1800, Month: 1, Day: 1},
		{Year: 1899, Month: 12, Day: 30}, {Year: 1899, Month: 12, Day: 31}, {Year: 1900, Month: 1, Day: 1}, {Year: 1901, Month: 1, Day: 1},
		{Year: 2099, Month: 12, Day: 31}, {Year: 2999, Month: 12, Day: 31}, {Year: 3000, Month: 1, Day: 1}, {Year: 9999, Month: 12, Day: 31},
	}
}

// WithDeidentification makes every run of the mapper de-identify what it reads.
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

// FreeTextColumns lists the text columns of a plan whose answers this de-identification leaves as
// they are, as FORM.VARIABLE: what somebody must have read before the tables are given away.
func (m *RecordMapper) FreeTextColumns(p *Plan) []string {
	return m.columnsWith(p, func(t treatment, typ ColumnType) bool {
		return t == treatNothing && (typ == TypeText || typ == TypeDictionary)
	})
}

// MaskedColumns lists the columns of a plan whose every answer this de-identification masks, as
// FORM.VARIABLE, because their kind is not known to be safe or PHIFields says so.
func (m *RecordMapper) MaskedColumns(p *Plan) []string {
	return m.columnsWith(p, func(t treatment, _ ColumnType) bool { return t == treatMask })
}

func (m *RecordMapper) columnsWith(p *Plan, is func(treatment, ColumnType) bool) []string {
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

// Deidentifies reports whether the mapper has WithDeidentification.
func (m *RecordMapper) Deidentifies() bool { return m.deid != nil }
