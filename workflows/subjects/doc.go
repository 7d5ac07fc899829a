// Package subjects gathers everything about one subject: visits, records, queries and, on request,
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
// The parts are listed side by side. When some fail, [SubjectData.AllSubjectData] returns what
// succeeded together with a [*PartsError] that names the others: a part that is missing is never
// an empty list.
//
// # Which subject
//
// Keys are display names: they can change, and a deleted subject may have borne the same one. No
// subject of the key is [ErrNoSuchSubject]; several that are not deleted are [ErrAmbiguousSubject],
// since choosing one would be a guess.
//
// # Errors
//
// Any other failure is an [*imednet.Error], a wrong argument an [*imednet.ValidationError]. No error
// text holds the subject's key.
package subjects
