package tables

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

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

// Deidentification is how a RecordMapper hides who the subjects are (WithDeidentification):
//
//   - variables listed in PHIFields are dropped, masked or pseudonymised;
//   - subjectKey, subjectOid and recordOid become pseudonyms, and subjectId is withheld. Equal
//     text has an equal pseudonym in every form, so tables still join;
//   - dates of every DATE variable, dateCreated and dateModified move by a number of whole days
//     that is the same for all of a subject's records, so that intervals survive. A partial date
//     moves by its midpoint and is cut back to its precision. DATE text that is no date is masked;
//   - answers under undeclared keys are masked, because nobody said what they are;
//   - rejects hold the value after the same treatment.
//
// Pseudonyms and shifts are HMAC-SHA-256 under Key and the study key: who has the key can repeat
// them, nobody else can reverse them. Other free text is not touched; FreeTextColumns lists it. So
// are record, visit, site and form ids, by which whoever may read the EDC system finds the record.
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
	// MaxShiftDays bounds the shift of dates, in either direction; default DefaultMaxShiftDays.
	MaxShiftDays int
	// AllowUnmatched accepts names in PHIFields that no variable of the study has. Without it
	// such a name, which may be a misspelt one that protects nothing, is an error.
	AllowUnmatched bool
}

// WithDeidentification makes every run of the mapper de-identify what it reads.
func WithDeidentification(d Deidentification) Option {
	return func(m *RecordMapper) error {
		deid, err := newDeidentifier(d)
		m.deid = deid
		return err
	}
}

func newDeidentifier(d Deidentification) (*deidentifier, error) {
	var problems []imednet.Problem
	if len(d.Key) < 16 {
		problems = append(problems, imednet.Problem{Path: "Key", Message: "the key needs 16 bytes or more"})
	}
	if d.MaxShiftDays < 0 || d.MaxShiftDays > 36500 {
		problems = append(problems, imednet.Problem{Path: "MaxShiftDays", Message: "the shift must lie between 1 and 36500 days"})
	}
	if d.Action == "" {
		d.Action = PHIDrop
	}
	if d.MaxShiftDays == 0 {
		d.MaxShiftDays = DefaultMaxShiftDays
	}
	deid := &deidentifier{settings: d, actions: map[string]PHIAction{}}
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
	if len(problems) > 0 {
		return nil, &imednet.ValidationError{What: "de-identification", Problems: problems}
	}
	return deid, nil
}

// deidentifier is a checked Deidentification.
type deidentifier struct {
	settings Deidentification
	actions  map[string]PHIAction // by folded name
}

// action returns what happens to a column, and the name in PHIFields that says so. The name with
// the form wins over the bare one.
func (d *deidentifier) action(c *Column) (PHIAction, string) {
	for _, name := range phi.Names(c.Form, c.Name) {
		if action, ok := d.actions[name]; ok {
			return action, name
		}
	}
	return "", ""
}

// checkFields reports the names in PHIFields that nothing in the plan has.
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
	return known.Check(d.settings.PHIFields)
}

// hiding is how the answers of one column are treated.
type hiding uint8

const (
	hideNothing hiding = iota
	hideDrop
	hideMask
	hidePseudonym
	hideShift
)

// hidingOf returns the treatment of a column and the type that it has afterwards.
func (d *deidentifier) hidingOf(c *Column) (hiding, ColumnType) {
	if d == nil {
		return hideNothing, c.Type
	}
	switch action, _ := d.action(c); action {
	case PHIDrop:
		return hideDrop, c.Type
	case PHIMask:
		return hideMask, TypeText
	case PHIPseudonymise:
		return hidePseudonym, TypeText
	}
	switch {
	case c.Extra:
		return hideMask, TypeText
	case c.Type == TypeDate, c.Type == TypeDate32, c.Type == TypeTimestamp:
		return hideShift, c.Type
	}
	return hideNothing, c.Type
}

// subjectCover is what de-identification needs to know of one subject during a run.
type subjectCover struct {
	mac       hash.Hash
	studyKey  string
	maxDays   int
	shifts    map[string]int
	shiftDays int // of the current record's subject; 0 without a subject
}

func (d *deidentifier) cover(studyKey string) *subjectCover {
	if d == nil {
		return nil
	}
	return &subjectCover{
		mac: hmac.New(sha256.New, d.settings.Key), studyKey: studyKey,
		maxDays: d.settings.MaxShiftDays, shifts: map[string]int{},
	}
}

// digest is the HMAC over a domain, the study and a text.
func (s *subjectCover) digest(domain, text string) []byte {
	s.mac.Reset()
	for _, part := range []string{"imednet/v1", domain, s.studyKey, text} {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		s.mac.Write(size[:])
		s.mac.Write([]byte(part))
	}
	return s.mac.Sum(nil)
}

// pseudonym replaces a text: 26 letters and digits, 130 bits.
func (s *subjectCover) pseudonym(text string) string {
	return strings.ToUpper(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(s.digest("pseudonym", text)))[:26]
}

// begin turns to a record's subject. Its stable id decides the shift; without an id its key does.
func (s *subjectCover) begin(r *imednet.Record) {
	s.shiftDays = 0
	who := r.SubjectKey.Or("")
	if id, ok := r.SubjectID.Get(); ok {
		who = fmt.Sprint("id ", id)
	}
	if who == "" {
		return
	}
	days, known := s.shifts[who]
	if !known {
		days = s.shiftOf(who)
		s.shifts[who] = days
	}
	s.shiftDays = days
}

// shiftOf draws a shift from -maxDays to maxDays, never 0.
func (s *subjectCover) shiftOf(who string) int {
	n := int(binary.BigEndian.Uint64(s.digest("shift", who)) % uint64(2*s.maxDays))
	if n < s.maxDays {
		return n - s.maxDays
	}
	return n - s.maxDays + 1
}

// apply treats one populated answer. masked tells that it had to be hidden altogether.
func (s *subjectCover) apply(h hiding, c cell) (treated cell, masked bool) {
	switch h {
	case hideMask:
		return cell{'"', []byte(Mask)}, true
	case hidePseudonym:
		return cell{'"', []byte(s.pseudonym(string(c.text)))}, false
	case hideShift:
		if s.shiftDays == 0 {
			return c, false
		}
		moved, ok := shiftDateText(c.text, s.shiftDays)
		if !ok {
			return cell{'"', []byte(Mask)}, true
		}
		return cell{c.kind, []byte(moved)}, false
	}
	return c, false
}

// rawOf returns a treated answer as JSON.
func rawOf(c cell) jsontext.Value {
	if c.kind != '"' {
		return jsontext.Value(c.text).Clone()
	}
	raw, _ := jsontext.AppendQuote(nil, c.text)
	return raw
}

// maskedRaw is Mask as JSON.
func maskedRaw() jsontext.Value { return jsontext.Value(`"` + Mask + `"`) }

// FreeTextColumns lists the text columns of a plan that this de-identification leaves as they are,
// as FORM.VARIABLE: what somebody must read before the tables are given away.
func (m *RecordMapper) FreeTextColumns(p *Plan) []string {
	var names []string
	for i := range p.Forms {
		for j := range p.Forms[i].Columns {
			c := &p.Forms[i].Columns[j]
			h, typ := m.deid.hidingOf(c)
			if h == hideNothing && (typ == TypeText || typ == TypeDictionary) {
				names = append(names, c.Form+"."+c.Name)
			}
		}
	}
	return names
}

func (h hiding) String() string {
	switch h {
	case hideDrop:
		return string(PHIDrop)
	case hideMask:
		return string(PHIMask)
	case hidePseudonym:
		return string(PHIPseudonymise)
	case hideShift:
		return "shift"
	}
	return ""
}

// Deidentifies reports whether the mapper has WithDeidentification.
func (m *RecordMapper) Deidentifies() bool { return m.deid != nil }
