// Package profiles describes the data of a study field by field, so that their quality is known
// before they are used: how many records have an answer, why answers are missing, which types are
// declared and which occur, and statistics of numbers, dates and choices, by site.
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
// [SchemaProfiler.ProfileRecords] reads every record once. The figures of a field are exact for up
// to [Options.ExactValues] different answers; beyond that they are estimates and marked as such.
//
// # What fits
//
// Dates, numbers and forms are decided by the rules of the root package. In a field that is declared
// as a date, whatever [imednet.ParsePartialDate] reads is a date, 20140203 and --12-15 included; in
// one that is declared as a number, whatever [imednet.ParseNumber] reads is a number, of any size;
// and in an integer field only an integer of 64 bits fits (5.0 does, 0.5 does not). Everything else is
// counted as a misfit. Where the type is inferred, eight digits alone are a number and no date.
//
// Records belong to the form that [imednet.FormIndex] finds. Those of no form are in
// [StudyProfile.NoForm], and contradictions are counted.
//
// # What a profile shows
//
// Unless [Options.ShowValues] is set, a profile shows no answers and no figure that could be an
// answer. A bound or quantile requires [Options.GroupSize] subjects (11 by default) on either side
// of it, and a mean requires as many in total. A mean or deviation is not shown either if one answer, or in a field all of
// one subject, outweighs all others together by the squares of the distances from the mean: it could be worked out by
// someone who takes the others for alike. If the sites without a mean have too few subjects together, or such an answer,
// the smallest of the other sites are shown without one too, because the rest of a sum would tell theirs. A bar of a histogram holds answers of as many subjects, too. Numbers are rounded, and
// dates are shown as months. Keys that no variable declares, and forms that the study does not have, are
// numbered, because they can be anything, even a subject's name.
// For a field that is blinded, or that identifies a person according to the caller's list or to its
// name, label or OID, a profile never shows more than counts.
//
// # Storing and comparing
//
// [StudyProfile.WriteJSON] writes a [StudyProfile] as JSON, and [Read] reads it back.
// [StudyProfile.WriteHTML] writes it as one self-contained page. [Compare] compares it with a later
// one.
//
// # Errors
//
// A failure is an *[imednet.Error]; an invalid argument is an *[imednet.ValidationError]. The text
// of an error holds no subject data.
package profiles
