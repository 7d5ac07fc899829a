package imednettest

import (
	"errors"
	"net/http"

	"github.com/imednetgo/imednet"
)

// refuses checks that invalid options never reach the server.
func (s *suite) refuses() {
	s.server.ResetRequests()
	for name, opts := range map[string]imednet.ListOptions{
		"unknown attribute": {Filter: imednet.Where("recordid", imednet.Equal, 1)},
		"repeated":          {Filter: imednet.Where("recordId", imednet.Greater, 1).And("recordId", imednet.Less, 9)},
		"mixed connectors":  {Filter: imednet.Where("recordId", imednet.Greater, 1).And("siteId", imednet.Equal, 9).Or("formId", imednet.Equal, 9)},
		"operator":          {Filter: imednet.Where("recordId", "=", 1)},
		"contains":          {Filter: imednet.Where("formKey", imednet.Contains, "A")},
		"quote":             {Filter: imednet.Where("formKey", imednet.Equal, `A"B`)},
		"empty value":       {Filter: imednet.Where("formKey", imednet.Equal, "")},
		"page size":         {PageSize: 501},
		"negative size":     {PageSize: -1},
		"order":             {Sort: []imednet.SortKey{{Property: "dateModified"}}},
		"includeInactive":   {IncludeInactive: true},
	} {
		err := listingError(s, s.client.Records(s.Context(), s.study.Key(), opts), recordIsZero)
		var invalid *imednet.ValidationError
		s.check(errors.As(err, &invalid), "%s gave %v", name, err)
	}
	err := listingError(s, s.client.Users(s.Context(), s.study.Key(), imednet.ListOptions{Filter: imednet.Where("login", imednet.Equal, "x")}),
		func(u imednet.User) bool { return u.UserID == "" })
	s.check(err != nil, "users were filtered")
	_, err = s.client.SubmitRecords(s.Context(), s.study.Key(), []imednet.Submission{{FormKey: "AE", Data: map[string]any{}}}, imednet.SubmitOptions{EmailNotify: "a@b\r\nx-api-key: 1"})
	s.check(err != nil, "a header with a line break was accepted")
	s.check(len(s.server.Requests()) == 0, "%d requests were sent", len(s.server.Requests()))
}

// reportsRefusals checks what a client makes of 4xx answers: each is seen once.
func (s *suite) reportsRefusals() {
	for status, want := range map[int]error{
		http.StatusUnauthorized: imednet.ErrUnauthorized,
		http.StatusForbidden:    imednet.ErrForbidden,
		http.StatusBadRequest:   imednet.ErrBadRequest,
		http.StatusNotFound:     imednet.ErrNotFound,
	} {
		s.server.ClearFaults()
		s.server.ResetRequests()
		s.server.Inject(Fault{Status: status, Times: -1})
		err := listingError(s, s.client.Forms(s.Context(), s.study.Key(), imednet.ListOptions{}), func(f imednet.Form) bool { return f.FormID == 0 })
		s.check(errors.Is(err, want), "status %d gave %v", status, err)
		s.check(len(s.server.Requests()) == 1, "status %d: %d requests", status, len(s.server.Requests()))
		var api *imednet.APIError
		coded := !s.settings().GatewayErrors || status != http.StatusUnauthorized && status != http.StatusForbidden
		s.check(errors.As(err, &api) && api.StatusCode == status && (api.Code != "") == coded, "status %d gave no APIError with a code: %v", status, err)
	}
	s.server.ClearFaults()
	err := listingError(s, s.client.Records(s.Context(), "NO-SUCH-STUDY", imednet.ListOptions{}), recordIsZero)
	want := imednet.ErrForbidden
	if s.settings().UnknownStudyStatus == http.StatusNotFound {
		want = imednet.ErrNotFound
	}
	s.check(errors.Is(err, want), "a wrong study gave %v", err)
}
