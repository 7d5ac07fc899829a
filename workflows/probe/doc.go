// Package probe examines a live iMednet server where the API contract leaves its behaviour open: page
// sizes over 500, pages past the end, ranges and lists in filters, quotes, sort orders, deleted rows, what
// moves dateModified, the bodies of errors, and more.
//
//	client, err := rest.FromEnv()
//	if err != nil {
//		return err
//	}
//	server, err := probe.NewServerProbe(client)
//	if err != nil {
//		return err
//	}
//	report, err := server.Examine(ctx, "DEMO")
//	if report != nil {
//		fmt.Println(report)
//	}
//	return err
//
// # Manners
//
// A [ServerProbe] sends one request at a time, with a pause after each ([WithPause]), fewer than 200 in all
// ([MaxRequests]), and stops at the first 429, at the first 401 and when the server cannot be reached. It
// only reads. One request is sent without the API keys, to see how a refusal looks. [WithTestStudy] names a study whose
// owner declares it a test study; then one record is submitted, for a subject that does not exist, so that
// there is nothing to store.
//
// # What a report says
//
// Each [Point] has the requests that were sent, what came (statuses, kinds of documents, counts), the
// [Answer], and what that means for whoever reads the study. A point without evidence is [Open] and says why;
// nothing is guessed. What only history can show, such as whether a deletion moves dateModified, is read from
// the records and revisions that the study has: [Point.Came] counts the cases, and cases that disagree
// are [Differs].
//
// A report holds no answers, no keys or names of subjects, and no logins. It names the study, ids of records, forms
// and sites, names of variables, and dates of changes.
//
// # What it is for
//
// Written as JSON, a [Report] is the file that [imednet.ReadCapabilities] reads. With it, the client of package rest asks
// what the server is known to answer (rest.WithCapabilities), and a server of package imednettest answers as
// the live one does (imednettest.ScenarioOf), so that programs are tested against the behaviour that they will meet.
//
// # Errors
//
// An invalid argument is an *[imednet.ValidationError]. An examination that ended early is an *[imednet.Error] that
// wraps the reason ([imednet.ErrRateLimited], [imednet.ErrUnauthorized], [imednet.ErrForbidden] or [imednet.ErrProtocol]
// where nothing of the study is listed, the failure of the connection or the cause of the
// context), beside a report of what was found until then. An examination that reached its limit
// ([WithLimit]) is no error: the report says so.
package probe
