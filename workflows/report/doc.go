// Package report reports on a study at a glance, for a study manager and a monitor: sites, enrolment,
// visits, queries, time of data entry, blank answers, adverse events, the review queue and changes of the
// design.
//
//	workflow, err := report.NewStudyReport(mirror.Client())
//	if err != nil {
//		return err
//	}
//	study, err := workflow.Build(ctx, "DEMO", report.Options{})
//	if err != nil {
//		return err
//	}
//	err = study.WriteHTML(file, report.PageOptions{})
//
// # One moment, one pass
//
// [StudyReport.Build] reads any [Client]. Given a view of the mirror, all resources are as of one version
// of it, and ages are counted to the server time of that version; the report names both
// ([Report.Origin], [Report.AsOf]). Records are read once. Memory grows with subjects, visits, queries
// and the design, not with records.
//
// # Nothing is guessed
//
// What the data do not say is counted as unknown: a subject without a date of enrolment, a visit whose
// dates do not decide ([VisitState]), a query without a deciding comment, a record without a visit, an
// answer that is neither yes nor no. Blank answers are called missing only where [Options.Requirements]
// says that they are required. Adverse events are counted only if [Options.AdverseEvents] says which forms
// hold them. A resource that the source does not hold is listed in [Report.Absent] if [Options.Absent]
// recognises its error; otherwise it fails the report.
//
// # Numbers and rows
//
// Each number has rows behind it ([Report.Tables]), up to [Options.MaxRows] per table, those that need
// attention first; the others are counted ([Table.NotListed]). Rows that need no attention are counts of
// what is alike.
//
// # What a report shows
//
// Unless [Options.ShowValues] is set, a report holds no key, name, date or text of a subject and no answer,
// in its rows neither: they name records, visits and queries by id, and ages by class. Names of sites,
// forms, variables and visits are shown. Counts are shown however small; a median or percentile requires
// [Options.GroupSize] subjects (11 by default) on either side of it.
//
// # Errors
//
// A failure is an *[imednet.Error]; an invalid argument is an *[imednet.ValidationError], and so is a form
// or variable of adverse events that the study does not have. The text of an error holds no subject data.
package report
