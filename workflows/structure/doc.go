// Package structure reads a study's design: its intervals, forms and variables, joined so that each
// appears once.
//
//	workflow, err := structure.NewStudyStructure(client)
//	if err != nil {
//		return err
//	}
//	design, err := workflow.Structure(ctx, "DEMO")
//	if err != nil {
//		return err
//	}
//	err = design.WriteTree(os.Stdout)
//
// # The join
//
// [imednet.FormIndex] decides which form a variable or an entry of an interval belongs to: by id if
// both sides have one, otherwise by key. [Design.Contradictions] reports disagreements. Everything
// that belongs to no listed form is kept in [Design.Unscheduled] or [Interval.Missing]. Disabled
// and deleted parts are included and marked.
//
// # Storing and comparing
//
// [Design.MarshalJSON] writes a [Design] as JSON, and [Read] reads it back. [Design.WriteTree]
// draws it as a tree. [Compare] lists every difference between two designs: labels, names, order,
// types, flags, windows and assignments. [Change.ChangesShape] identifies changes after which
// records no longer fit existing tables. [CountRecords] counts the records that each change concerns, and
// [WriteHTML] and [WriteImpactHTML] write a page for readers.
//
// # Errors
//
// A failed listing is an *[imednet.Error] and never results in a smaller design. An invalid
// argument is an *[imednet.ValidationError].
package structure
