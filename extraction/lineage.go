package extraction

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
)

// Origin is the state of a record from which a value derives.
type Origin struct {
	RecordID int64  `json:"recordId"`
	FormKey  string `json:"formKey,omitzero"`
	// Revision is the record's revision; 0 if the run had no source of revisions (see
	// [Options.Revisions]), in which case DateModified distinguishes the states of a record.
	Revision     int64        `json:"recordRevision,omitzero"`
	DateModified imednet.Time `json:"-"`
}

// reading is what was read of a source. The values that rules make of one reading share it.
type reading struct {
	origin   *Origin
	raw      CanonicalValue // what was read of the source
	held     CanonicalValue // what the source held, where a translation of it was read; null where it was read itself
	coding   *CodingOrigin  // the coding that the source is; nil for others
	variable string         // the source variable, spelt as the form does
	derived  string         // of what is not read: how the library derived it
}

// trace says how a value came about. Cells that hold the same value share it.
type trace struct {
	*reading
	rule     *rule   // nil for what the library derived
	inputs   []input // what it was derived or computed from
	fallback bool
	lookup   bool
	logic    bool
	kept     bool // the expression gave None, so the value before it stayed
	phi      bool // of values without a rule: the variable identifies a person
	// unfounded says that the rule made "not serious" or "no death" of an answer that does not say so.
	unfounded bool
	missed    bool // the expression asked for an answer or a value that is not there
}

// untraced is the trace of values that were given without a word about how they came about.
var untraced = &trace{reading: &reading{}}

// newTrace is the trace of a value that the library derived.
func newTrace(derived string, inputs []input) *trace {
	return &trace{reading: &reading{derived: derived}, inputs: inputs}
}

// input is a value that another was made of.
type input struct {
	cell   *cell
	domain domainCode // 0 for an answer or a member of a record
	// running says that an expression read it from state, which later records of the subject could change.
	running bool
}

// masked reports whether a value, or anything that it was made of, identifies a person.
func (t *trace) masked() bool {
	if t.phi || t.rule != nil && t.rule.phi {
		return true
	}
	for i := range t.inputs {
		if t.inputs[i].cell.trace.masked() {
			return true
		}
	}
	return false
}

// Lineage describes the origin of one value of a row.
type Lineage struct {
	Field  string
	Value  CanonicalValue
	Origin Origin // zero for derived values: Origins returns their records
	// Variable is the source variable, spelt as the form does or, without its structure, the record; may be "".
	Variable string
	// Rule is the index of the rule in the configuration's mappings, from 0; -1 for values that no
	// rule produced.
	Rule          int
	Configuration Configuration
	Source        CanonicalValue // value of the source variable, as the record holds it
	Choice        CanonicalValue // what [Options.Translate] showed the rule of it, such as the text of a choice; null for none
	Coding        *CodingOrigin  // the coding that the value comes from; nil for any other source
	Fallback      bool           // whether the fallback value replaces a missing source
	Lookup        bool           // a terminology lookup changed the text
	Logic         string         // expression that produced the value, or ""
	LogicKept     string         // expression that evaluated to None, so that the previous value was kept
	Derived       string         // how the library derived the value; "" for values of rules
	AsCollected   string         // text that stands beside the field, as [CanonicalRow.AsCollected] says; Value is then null
	Refused       string         // of what the rule made a No of seriousness or death that is refused, in words; "" for other values
	Masked        bool           // whether the value depends on one of the configuration's PHI fields
	// Domain is the domain of a value in From; "" for an answer or another member of a record.
	Domain Domain
	// From lists the values from which this one was derived or computed, each with its lineage,
	// down to the answers of records.
	From []Lineage
}

// Origins returns the records from which the value derives, directly or through other values, each
// once and in ascending order of id.
func (l Lineage) Origins() []Origin {
	byID := map[int64]Origin{}
	l.collectOrigins(byID)
	origins := make([]Origin, 0, len(byID))
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		origins = append(origins, byID[id])
	}
	return origins
}

func (l Lineage) collectOrigins(into map[int64]Origin) {
	if l.Origin.RecordID != 0 {
		into[l.Origin.RecordID] = l.Origin
	}
	for _, from := range l.From {
		from.collectOrigins(into)
	}
}

// Configuration identifies the configuration that produced a row.
type Configuration struct {
	StudyKey string `json:"studyKey"`
	Version  string `json:"version"`
	Commit   string `json:"commit,omitzero"` // hash in the configuration's history; "" if none was given
}

// Lineage returns the lineage of a field's value, and whether the row has the field.
func (r CanonicalRow) Lineage(field string) (Lineage, bool) {
	i := slices.IndexFunc(r.cells, func(c cell) bool { return c.field == field })
	var c cell
	switch {
	case i >= 0:
		c = r.cells[i]
	case field == subjectKeyField:
		c = cell{field: field, value: TextValue(r.SubjectKey), trace: &trace{reading: &reading{origin: r.Origin, derived: "the key that the subject has"}}}
	default:
		return Lineage{}, false
	}
	var made Configuration
	if r.configuration != nil {
		made = *r.configuration
	}
	return c.lineage(made), true
}

func (c cell) lineage(made Configuration) Lineage {
	l := Lineage{
		Field: c.field, Value: c.value, Rule: -1, Derived: c.trace.derived, AsCollected: c.text, Configuration: made,
		Variable: c.trace.variable, Source: c.trace.raw, Masked: c.trace.masked(),
	}
	if !c.trace.held.IsNull() {
		l.Source, l.Choice = c.trace.held, c.trace.raw
	}
	if c.trace.origin != nil {
		l.Origin = *c.trace.origin
	}
	for _, in := range c.trace.inputs {
		from := in.cell.lineage(made)
		from.Domain = domainNames[in.domain]
		l.From = append(l.From, from)
	}
	rule := c.trace.rule
	if rule == nil {
		return l
	}
	l.Rule = rule.index
	if c.trace.unfounded {
		l.Refused = rule.whyRefused(c.trace)
	}
	l.Fallback, l.Lookup, l.Coding = c.trace.fallback, c.trace.lookup, c.trace.coding
	switch {
	case c.trace.kept:
		l.LogicKept = *rule.mapping.BusinessLogic
	case c.trace.logic:
		l.Logic = *rule.mapping.BusinessLogic
	}
	return l
}

// Explain describes the origin of the value of a row's field in one sentence. The sentence contains
// the value unless its variable is one of the configuration's PHI fields.
func Explain(row CanonicalRow, field string) (string, error) {
	l, ok := row.Lineage(field)
	if !ok {
		return "", &imednet.Error{Package: "extraction", Op: "explain", StudyKey: row.StudyKey, RecordID: row.RecordID(), Hint: "the row has no field " + field, Err: imednet.ErrNotFound}
	}
	return l.String(), nil
}

// Tree returns the sentence of [Lineage.String] followed by those of all values from which the
// value derives, one per line, with each level indented by two more spaces.
func (l Lineage) Tree() string {
	var b strings.Builder
	l.writeTree(&b, 0)
	return b.String()
}

func (l Lineage) writeTree(b *strings.Builder, depth int) {
	fmt.Fprintf(b, "%s%s\n", strings.Repeat("  ", depth), l)
	for _, from := range l.From {
		from.writeTree(b, depth+1)
	}
}

// String returns the sentence of [Explain].
func (l Lineage) String() string {
	var b strings.Builder
	if l.Domain != "" {
		fmt.Fprintf(&b, "%s.", l.Domain)
	}
	fmt.Fprintf(&b, "%s is %s", l.Field, l.show(l.Value))
	switch {
	case l.Derived != "":
		fmt.Fprintf(&b, ", derived: %s", l.Derived)
	case l.Rule < 0 && l.Variable != "":
		fmt.Fprintf(&b, " from %s", l.variable())
		if !l.Choice.IsNull() {
			fmt.Fprintf(&b, ", which held %s", l.show(l.Source))
		}
	case l.Rule < 0:
		b.WriteString(", given without lineage")
	case l.Fallback:
		fmt.Fprintf(&b, " because %s had no value and the rule's fallback stands for it", l.variable())
	case l.Variable == "":
		b.WriteString(" from no source variable")
	default:
		fmt.Fprintf(&b, " from %s, which held %s", l.variable(), l.show(l.Source))
	}
	if !l.Choice.IsNull() {
		fmt.Fprintf(&b, " (choice %s)", l.show(l.Choice))
	}
	if l.Coding != nil {
		fmt.Fprintf(&b, " in coding %d (%s %s)", l.Coding.CodingID, l.Coding.DictionaryName, l.Coding.DictionaryVersion)
	}
	if l.AsCollected != "" && l.Refused == "" {
		fmt.Fprintf(&b, "; the field cannot hold %s", l.show(TextValue(l.AsCollected)))
	}
	if l.Lookup {
		b.WriteString(", changed by a terminology lookup")
	}
	switch {
	case l.Logic != "":
		fmt.Fprintf(&b, ", computed by the expression %s", l.Logic)
	case l.LogicKept != "":
		fmt.Fprintf(&b, ", kept because the expression %s gave no value", l.LogicKept)
	}
	if l.Refused != "" {
		fmt.Fprintf(&b, "; its No was refused: the rule makes it %s", l.Refused)
	}
	l.writeOrigin(&b)
	return b.String() + "."
}

func (l Lineage) writeOrigin(b *strings.Builder) {
	if l.Origin.RecordID == 0 {
		l.writeOrigins(b)
	} else {
		fmt.Fprintf(b, "; record %d of form %s", l.Origin.RecordID, l.Origin.FormKey)
		if l.Origin.Revision != 0 {
			fmt.Fprintf(b, ", revision %d", l.Origin.Revision)
		}
		if !l.Origin.DateModified.IsZero() {
			fmt.Fprintf(b, ", modified %s UTC", l.Origin.DateModified)
		}
	}
	switch {
	case l.Rule >= 0:
		fmt.Fprintf(b, "; mapping %d of configuration %s", l.Rule, l.Configuration.Version)
	case l.Configuration.Version != "":
		fmt.Fprintf(b, "; configuration %s", l.Configuration.Version)
	}
	if l.Configuration.Commit != "" {
		fmt.Fprintf(b, " (commit %s)", l.Configuration.Commit)
	}
}

// writeOrigins names the records of a value that comes from several.
func (l Lineage) writeOrigins(b *strings.Builder) {
	const most = 5
	origins := l.Origins()
	for i, o := range origins {
		switch {
		case i == 0:
			fmt.Fprintf(b, "; from record %d of form %s", o.RecordID, o.FormKey)
		case i < most:
			fmt.Fprintf(b, ", %d of form %s", o.RecordID, o.FormKey)
		case i == most:
			fmt.Fprintf(b, " and %d more", len(origins)-most)
		}
	}
}

func (l Lineage) variable() string {
	if l.Variable == "" {
		return "the source"
	}
	return "variable " + l.Variable
}

func (l Lineage) show(v CanonicalValue) string {
	switch {
	case v.IsNull():
		return "no value"
	case l.Masked:
		return masked
	case v.kind == KindText:
		return fmt.Sprintf("%q", v.text)
	}
	return v.text
}

// masked stands for a value of a variable that identifies a person.
const masked = "[masked]"
