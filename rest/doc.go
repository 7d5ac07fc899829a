// Package rest is the client of the iMednet EDC REST API: an imednet.Client over HTTPS, with the
// optional abilities imednet.RecordProber, imednet.RecordPager and imednet.JobResultReader.
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
// the server showed meanwhile, whatever is edited, inserted, deleted or removed while the listing
// runs. Pages of the API are independent queries over a moving table, so the guarantee takes work:
//
//   - Everything with a numeric id is read by key: a page of rows above the last id, sorted by the
//     id, again and again. Edited rows stay in place, new ones land at the end, a removed one shifts
//     nothing. A condition of the caller on the id becomes the start, the end or a local test.
//   - The first page is asked for alone. After it, requests look ahead at predicted bounds, four at
//     a time (WithLookAhead); what overlaps is dropped, a hole is read before delivery goes on.
//   - Studies, users, filters joined by Or, other orders, and servers that refuse a condition on the
//     id are read by offset pages. Such a pass is believed only as far as the pass before listed
//     the same ids; after a few disagreements the error is imednet.ErrUnstableListing.
//   - A reply with status 200 is not taken at its word. Missing data, paging that contradicts itself
//     and ids that repeat or fall are read again twice and then are a *imednet.Error that is
//     imednet.ErrProtocol. An end that comes before all announced rows is believed only when, after a
//     pause, a count of the caller's own filter confirms it, and never when more than a fifth of the
//     rows vanished meanwhile.
//
// What no client can tell from one reply is an empty study from an empty answer; package cache
// guards the mirror against that.
//
// # Failures
//
// A failed request is sent again as RetryPolicy says: a GET after 429, 5xx or a broken connection,
// a POST after a 429 of the API itself only, because every other failure of a submission leaves open whether it was
// stored. Retry-After is obeyed, in seconds or as a date, and holds back all requests of the
// client. A page that is refused for its size (413, WithMaxBodyBytes) is asked for with half as
// many rows; after 502, 504 or a timeout the same size is tried once more first. What was learned
// holds for the resource of that study until enough pages arrived to try larger ones. Errors are
// *imednet.APIError, *imednet.TransportError, *imednet.ValidationError (nothing was sent) and
// *imednet.Error; the end of the caller's context is that context's cause. After 401 nothing more
// is sent.
//
// # What is kept private
//
// Keys go to the origin of the base URL alone, over https unless it is this computer; redirects
// and result URLs of other origins are not followed, and a submission follows no redirect. Neither
// logs nor error texts hold keys, queries, rows or what the server wrote; APIError has the
// server's words and the refused value as fields.
//
// # Not offered
//
// Bearer tokens (OIDC), which the API does not document: New takes the two keys that it does.
package rest
