// Package queries reads the data queries of a study: which are open, which subjects and sites they
// concern, how many are in each state, how old they are, and how long answers took.
//
//	management, err := queries.NewQueryManagement(client)
//	if err != nil {
//		return err
//	}
//	overdue := queries.Options{Site: "Site 01", State: queries.Open, OlderThan: 30 * 24 * time.Hour}
//	for query, err := range management.Queries(ctx, "DEMO", overdue) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(query.AnnotationID, query.Variable)
//	}
//
// # State
//
// The API gives a query no state. [StateOf] derives it from the comment with the highest sequence:
// the query is closed or open according to the closed flag of that comment. The state is unknown if
// there are no comments or if the deciding comment has no such flag.
//
// # Listings
//
// [QueryManagement.Queries] yields the queries selected by [Options], in ascending order of id.
// [QueryManagement.OpenQueries], [QueryManagement.QueriesForSubject] and
// [QueryManagement.QueriesBySite] cover three common selections under the names that the Python
// package uses. A query does not name its site, so the study's subjects are listed first and
// [imednet.SubjectIndex] finds the subject of each query. A site that does not exist is
// [ErrNoSuchSite], not an empty listing. [Options.Filter] narrows what the server sends and cannot
// widen it.
//
// [QueryManagement.Overview] returns queries with what is needed to act on them: site, form, label,
// age and last comment. The form of a query is that of its record, as [imednet.FormIndex] finds it;
// contradictions between a record and the study's forms are reported ([Entry.Contradiction],
// [Metrics.Contradictions]).
//
// # Counts and times
//
// [QueryManagement.QueryStateCounts] counts queries by state. [QueryManagement.QueryMetrics]
// reports, as of any moment, the ages of open queries and the times to answer and to close, by
// site, form, variable and type. Times are in whole seconds. Medians and 90th percentiles are exact
// for up to 2,000 different times per group and are marked as approximate beyond that.
//
// # Errors
//
// A failure is an *[imednet.Error]; a listing yields it once, as its last element. An invalid
// argument is an *[imednet.ValidationError]. The text of an error holds no subject data.
package queries
