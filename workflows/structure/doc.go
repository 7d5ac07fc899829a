// Package structure reads a study's design: its intervals, forms and variables, joined, each once.
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
// # What is joined
//
// [imednet.FormIndex] decides which form a variable or an interval's entry belongs to: by id where
// both sides have one, else by key. Where they disagree, [Design.Contradictions] reports it. What
// belongs to no listed form is kept under [Design.Unscheduled] or [Interval.Missing]. Disabled and
// deleted parts belong to the design and say so.
//
// # Keeping and comparing
//
// A [Design] is written as JSON ([Design.MarshalJSON]), read back by [Read], and drawn as a tree by
// [Design.WriteTree]. [Compare] lists every difference between two designs: labels, names, order,
// types, flags, windows and assignments. [Change.ChangesShape] marks those after which data no
// longer fit the tables that were made before.
//
// # Errors
//
// A failed listing is an [*imednet.Error], never a smaller design; a wrong argument is an
// [*imednet.ValidationError].
package structure
