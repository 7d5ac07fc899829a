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
// A variable belongs to the form with its id, or, where a side has no id, with its key. Forms and
// variables that nothing names are kept under [Structure.Unscheduled]; forms that an interval names
// and the study does not list under [Interval.Missing]. Disabled and deleted ones are part of the
// design and say so.
//
// # Keeping and comparing
//
// A [Structure] is written as JSON ([Structure.MarshalJSON]) and read back by [Read].
// [Compare] lists what changed between two of them, so that a pipeline can stop before data of a
// new shape are loaded ([Change.ChangesShape]).
//
// # Errors
//
// A failed listing is an [*imednet.Error], never a smaller design; a wrong argument is an
// [*imednet.ValidationError].
package structure
