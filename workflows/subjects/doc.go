// Package subjects collects everything about one subject: visits, records, queries and, on request,
// codings and the audit trail.
//
//	workflow, err := subjects.NewSubjectData(client)
//	if err != nil {
//		return err
//	}
//	data, err := workflow.AllSubjectData(ctx, "DEMO", "01-002", subjects.Options{})
//
// # Parts
//
// The parts are listed concurrently. If some fail, [SubjectData.AllSubjectData] returns the others
// together with a *[PartsError] that names the failed ones, so that a failed part cannot be
// mistaken for an empty list.
//
// # Which subject
//
// Subject keys are display names: they can change, and a deleted subject may have had the same one.
// If no subject has the key, the error is [ErrNoSuchSubject]. If several that are not deleted have
// it, the error is [ErrAmbiguousSubject], because choosing one would be a guess.
//
// # Errors
//
// Any other failure is an *[imednet.Error]; an invalid argument is an *[imednet.ValidationError].
// The text of an error never holds the subject's key.
package subjects
