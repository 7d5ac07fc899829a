// Package rest is a client of the iMednet EDC REST API: an [imednet.Client] over HTTPS. Its [Client]
// also implements the optional interfaces [imednet.RecordProber], [imednet.RowProber],
// [imednet.RecordPager], [imednet.JobResultReader] and [imednet.RawAsker].
//
//	client, err := rest.FromEnv() // IMEDNET_API_KEY, IMEDNET_SECURITY_KEY
//	if err != nil {
//		return err
//	}
//	for rec, err := range client.Records(ctx, "DEMO", imednet.ListOptions{}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(rec.RecordID, rec.FormKey.Or("?"))
//	}
//
// # What a listing guarantees
//
// A row that exists from the first request to the last is yielded exactly once, in a state that
// the server showed during that time, no matter what is edited, inserted, deleted or removed while
// the listing runs. Each page of the API is an independent query over a changing table, so the
// guarantee takes some work:
//
//   - Resources with a numeric id are read by key. Each request asks for the rows above the last id
//     read, in ascending order of id. Edited rows keep their place, new rows come last, and a removed
//     row shifts nothing. A condition on the id in the caller's filter sets where the listing starts
//     or ends, or is checked by the client.
//   - The first page is requested alone. After that, requests run ahead, four at a time, or up to
//     sixteen where the caller allows it and it helps ([WithLookAhead]). Each asks for rows from an id on that was listed, and skips the
//     pages in between: it begins with the last rows of the page before it, which are dropped, however many
//     ids lie between rows. Where it does not, because rows were removed meanwhile, the gap is read by key before
//     any later row is yielded.
//   - Studies, users, filters joined by Or, other sort orders, and servers that refuse a condition on
//     the id are read by offset pages. Such a pass is trusted only as far as the pass before it listed
//     the same ids, and only if no id repeats within either and ids rise where they should. If passes
//     keep disagreeing, the listing fails with [imednet.ErrUnstableListing]; if none is free of such
//     faults, with [imednet.ErrProtocol].
//   - A status of 200 proves nothing. A reply with missing or repeated members of the envelope,
//     contradictory paging, ids that repeat or decrease, an encoding that is not UTF-8 and says so, a path of another
//     study or resource, or headers that say that a cache gave it (Age, Warning, Cache-Status, X-Cache) is read up to
//     three times; then the listing fails with an [*imednet.Error] that wraps [imednet.ErrProtocol].
//     So is one with a row of another study, or a row that certainly does not
//     satisfy the caller's filter: a comparison with a whole number, or with an instant more than a day
//     away; equality with text (without regard to case) or a boolean, and the opposite.
//   - A listing by key of more than one page ends with a count of the rows of the caller's filter, one
//     request for a single row. If the count has more rows than were listed, the client looks for them
//     behind the last row and among those listed. If rows are missing, it pauses before it counts,
//     and never accepts that more than a fifth of the announced rows have gone. If any total was not
//     the one to be expected, rows came or went meanwhile or a reply was wrong, and up to 64 parts of
//     the listing are counted as well. A row that the server turns out to have had all the time,
//     between rows already yielded, is an error, since it cannot be yielded in its place any more. A
//     row that was created, or changed so that the caller's filter began to match, after the first
//     reply is left out.
//
// What the server says in the same way every time, no client can refute. A listing whose first reply
// is short, with a matching total and less than a full page, is that one query: package cache protects
// its mirror against a study that is wrongly small. Where all replies after the first, and the counts,
// lack the same rows, and these are at most a fifth, the rows are taken for removed. And a row that one
// reply hid goes unnoticed if changes at the same moment cancel it in every total: a removal of a row
// already listed, together with an insert unless it was the first reply that hid the row.
//
// A listing keeps the id of every row for these comparisons: 8 bytes a row, and several times that where
// it reads offset pages. In a listing of more than 64 pages a part has several pages, all of which are
// read again if the server counts more rows in it than were listed. A listing that failed is not
// continued but begun again. Package cache does continue a first sync after an early end: it keeps what
// arrived, reads on behind it and counts. What had been announced before the error is not remembered,
// so that a server which then shows and counts nothing more is believed.
//
// # Failures
//
// A failed request is sent again as RetryPolicy says: a GET after 429, 5xx or a broken connection,
// a POST never, because a failure of a submission can leave open whether it was stored, unless
// [imednet.SubmitOptions].RepeatRateLimited allows it after a 429 from the API itself. A Retry-After
// header, in seconds or as a date, holds back every request of the client. After a 429, half as many requests are
// under way at once ([WithRateLimit]). A page that is refused for
// its size (status 413, or [WithMaxBodyBytes]) is requested again with half as many rows. After a 502, a
// 504 or a timeout, the same size is tried once more before the page shrinks. The smaller size applies
// to that resource of that study; once enough pages have arrived, larger ones are tried again. A 401 is
// never retried.
//
// Errors are [*imednet.APIError], [*imednet.TransportError], [*imednet.ReplyError],
// [*imednet.ValidationError] (nothing was sent) and [*imednet.Error]. When the caller's context ends,
// the error wraps its cause.
//
// # What is kept private
//
// Keys are sent only to the origin of the base URL, and only over https unless the host is this
// computer. Redirects and result URLs that lead to another origin are not followed, and a submission
// follows no redirect at all. Logs and error texts contain no keys, queries or rows. Of what the
// server wrote they contain at most an error code and a parameter name, each only if the API is known
// to have it; the server's description and the refused value are fields of [imednet.APIError].
//
// What a server sends over HTTP/1.1 after the end of a reply is out of this package's hands: net/http
// writes it to the standard logger of package log. Where standard error is kept, set log.SetOutput, as
// the command imednet does.
//
// # Not offered
//
// Bearer tokens (OIDC), which the API does not document. [New] takes the two documented keys.
package rest
