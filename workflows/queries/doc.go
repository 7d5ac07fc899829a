// Package queries reads the data queries of a study: which are open, whose they are, how many
// there are in each state, how old they are and how long answers took.
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
// The API gives a query no state of its own. The comment with the highest sequence decides, and
// [StateOf] reads it: a query is closed if that comment says so, and open if it says that it is
// not. A query without comments, or whose deciding comment does not say, is of unknown state.
//
// # Listings
//
// [QueryManagement.Queries] yields what [Options] select, in ascending id;
// [QueryManagement.OpenQueries], [QueryManagement.QueriesForSubject] and
// [QueryManagement.QueriesBySite] are the Python package's names for three of them. Queries name no
// site: the study's subjects are listed first, and [imednet.SubjectIndex] decides whose a query is.
// A site of that name that does not exist is [ErrNoSuchSite], not an empty listing.
// [Options.Filter] narrows what the server sends; it cannot widen it.
//
// [QueryManagement.Overview] returns them with what is needed to act on them: site, form, label, age and
// the last comment.
//
// # Counts and times
//
// [QueryManagement.QueryStateCounts] counts by state. [QueryManagement.QueryMetrics] reports, as of
// any moment, ages of open queries and times to answer and to close, by site, form, variable and
// type. Times are whole seconds; medians and 90th percentiles are exact up to 2,000 different times
// in a group and say when they are not.
//
// # Errors
//
// A failure is an [*imednet.Error] and is yielded once, last. A wrong argument is an
// [*imednet.ValidationError]. No error text holds subject data.
package queries
