// Package profiles describes the data of a study field by field, before anyone relies on them: how
// many records answer, why answers are missing, which types were declared and which are there,
// numbers, dates and choices, by site.
//
//	profiler, err := profiles.NewSchemaProfiler(client)
//	if err != nil {
//		return err
//	}
//	profile, err := profiler.ProfileRecords(ctx, "DEMO", profiles.Options{})
//	if err != nil {
//		return err
//	}
//	err = profile.WriteHTML(file, profiles.PageOptions{})
//
// # One pass, bounded memory
//
// [SchemaProfiler.ProfileRecords] reads every record once. A field's figures are exact up to
// [Options.ExactValues] different answers; beyond that they are estimates and say so.
//
// # What a profile shows
//
// Unless [Options.ShowValues] asks for them, a profile shows no answer and no figure that could be
// one: a bound or quantile needs [Options.GroupSize] subjects (11) on either side of it, a mean as
// many in all; numbers are rounded, dates are months. Of a field that is blinded or identifies a
// person, by the caller's list or by its name, label or OID, nothing but counts is shown in any case.
//
// # Keeping and comparing
//
// A [StudyProfile] is written as JSON ([StudyProfile.WriteJSON]), read back by [Read], shown as one
// self-contained page ([StudyProfile.WriteHTML]), and compared with a later one by [Compare].
//
// # Errors
//
// A failure is an [*imednet.Error], a wrong argument an [*imednet.ValidationError]. No error text
// holds subject data.
package profiles
