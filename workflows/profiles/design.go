package profiles

import "github.com/imednetgo/imednet"

// Design says what a study's design has beyond the API, and counts how answers conform to it. It is
// declared here so that this package does not depend on one that reads designs.
type Design interface {
	// Add counts a record. Every record that is profiled is passed once.
	Add(r *imednet.Record)
	// Field returns what the design says of a variable and what was counted, and whether it has the
	// variable.
	Field(formKey, variable string) (FieldDesign, bool)
}

// FieldDesign is what a study's design says of a field, and how the answers conform to it. It holds no
// answers.
type FieldDesign struct {
	Required string   `json:"required"`          // the design's word, such as Soft
	Choices  []string `json:"choices,omitempty"` // texts of the declared list, by position
	Outside  int64    `json:"outside"`           // answers that are none of the choices
	// Missing counts required answers that are missing. Excused ones belong to questions that rules
	// hide or disable; of Undecided ones that depends on more than the record.
	Missing   int64 `json:"missing"`
	Excused   int64 `json:"excused"`
	Undecided int64 `json:"undecided"`
}

// addDesign gives the fields of a profile what the design says of them.
func (p *StudyProfile) addDesign(d Design) {
	for i := range p.Forms {
		form := &p.Forms[i]
		for j := range form.Fields {
			if field, ok := d.Field(form.FormKey, form.Fields[j].Variable); ok && form.Fields[j].Declared {
				form.Fields[j].Design = &field
			}
		}
	}
}
