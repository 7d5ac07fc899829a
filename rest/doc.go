// Package rest is a client of the iMednet EDC REST API: an [imednet.Client] over HTTPS. Its [Client]
// also implements the optional interfaces [imednet.RecordProber], [imednet.RowProber],
// [imednet.RecordPager] and [imednet.JobResultReader].
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
//   - The first page is requested alone. After that, requests run ahead at predicted bounds, four at
//     a time by default ([WithLookAhead]). Overlapping rows are dropped, and gaps are filled before
//     any later row is yielded.
//   - Studies, users, filters joined by Or, other sort orders, and servers that refuse a condition on
//     the id are read by offset pages. Such a pass is trusted only as far as the pass before it listed
//     the same ids. If passes keep disagreeing, the listing fails with [imednet.ErrUnstableListing].
//     A row that was hidden from two passes in a row is yielded after the rows that follow it.
//   - A status of 200 proves nothing. A reply with missing data, contradictory paging, or ids that
//     repeat or decrease is read up to three times; then the listing fails with an [*imednet.Error]
//     that wraps [imednet.ErrProtocol]. If a listing ends before all announced rows have arrived, the
//     client pauses and counts the rows of the caller's filter. It accepts the end only if the count
//     confirms it, and never if more than a fifth of the announced rows have gone.
//
// From a single reply, no client can distinguish an empty study from a reply that is wrongly empty.
// Package cache protects its mirror against the latter.
//
// # Failures
//
// A failed request is sent again as RetryPolicy says: a GET after 429, 5xx or a broken connection,
// a POST never, because a failure of a submission can leave open whether it was stored, unless
// [imednet.SubmitOptions].RepeatRateLimited allows it after a 429 from the API itself. A Retry-After header, in seconds or as a date, holds back every request of the
// client. A page that is refused for its size (status 413, or [WithMaxBodyBytes]) is requested again
// with half as many rows. After a 502, a 504 or a timeout, the same size is tried once more before the
// page shrinks. The smaller size applies to that resource of that study; once enough pages have
// arrived, larger ones are tried again. A 401 is never retried.
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
// # Not offered
//
// Bearer tokens (OIDC), which the API does not document. [New] takes the two documented keys.
package rest
