package submissions

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/argument"
	"github.com/imednetgo/imednet/internal/shown"
)

// RegisterSubjectsClient is what [RegisterSubjects] requires; every [imednet.Client] implements it.
type RegisterSubjectsClient interface {
	Client
	imednet.SiteReader
	imednet.SubjectReader
}

// RegisterSubjects registers new subjects: it checks the sites first and determines the keys that
// the server assigns.
type RegisterSubjects struct {
	client RegisterSubjectsClient
	update *RecordUpdate
}

// NewRegisterSubjects returns the workflow for a client. The options are those of
// [NewRecordUpdate].
func NewRegisterSubjects(client RegisterSubjectsClient, opts ...Option) (*RegisterSubjects, error) {
	if err := argument.Required("submissions.NewRegisterSubjects", "client", client); err != nil {
		return nil, err
	}
	update, err := NewRecordUpdate(client, opts...)
	if err != nil {
		return nil, err
	}
	return &RegisterSubjects{client: client, update: update}, nil
}

// RecordUpdate returns the workflow that submits the registrations, for Resume and Resend after a
// crash. It uses the same journal.
func (r *RegisterSubjects) RecordUpdate() *RecordUpdate { return r.update }

// Registration is the outcome of registering subjects.
type Registration struct {
	Receipt
	// Subjects are the new subjects in ascending order of id; only after a wait.
	Subjects []RegisteredSubject
}

// RegisteredSubject is a subject that a registration created.
type RegisteredSubject struct {
	SubjectID  int64
	SubjectKey string
	SiteName   string
	// Inferred is true if no record of the registration is known to belong to the subject: the
	// subject appeared at one of the sites during the registration, and may have been registered by
	// someone else.
	Inferred bool
}

// SiteError lists all problems with the sites and identifiers of a registration and, by record, whatever else is wrong with
// its records. Nothing was sent.
type SiteError struct{ Problems []RecordProblem }

// Error joins the problems, "item 1: site not found", without repeating a name that the study does not
// have. Items are counted from 1, as everywhere.
func (e *SiteError) Error() string {
	parts := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		parts[i] = p.String()
	}
	return "submissions: register subjects: " + cmp.Or(strings.Join(parts, "; "), "nothing was sent")
}

// RegisterSubjects submits one registration per item, which names a form, a site by name and the
// data. Every item is validated before anything is sent: a site must be one of the study's,
// no subject may be named, because the server assigns it, and two equal items are an error.
// With Wait it returns the new subjects.
func (r *RegisterSubjects) RegisterSubjects(ctx context.Context, studyKey string, subjects []imednet.Submission, opts Options) (Registration, error) {
	err := r.check(ctx, studyKey, subjects)
	if err != nil {
		return Registration{}, err
	}
	var before int64
	if opts.Wait {
		if before, err = r.greatestSubject(ctx, studyKey); err != nil {
			return Registration{}, err
		}
	}
	out := Registration{}
	out.Receipt, err = r.update.CreateOrUpdateRecords(ctx, studyKey, registrations(subjects), opts)
	if !opts.Wait || len(out.Batches) == 0 {
		return out, err
	}
	var listErr error
	out.Subjects, listErr = r.newSubjects(ctx, studyKey, before, siteNames(subjects), out.Receipt)
	return out, errors.Join(err, listErr)
}

// DryRun does everything that [RegisterSubjects.RegisterSubjects] does before it sends, with the
// same checks, batches and payloads.
func (r *RegisterSubjects) DryRun(ctx context.Context, studyKey string, subjects []imednet.Submission, opts Options) ([]PlannedBatch, error) {
	if err := r.check(ctx, studyKey, subjects); err != nil {
		return nil, err
	}
	return r.update.DryRun(ctx, studyKey, registrations(subjects), opts)
}

// registrations says of every item what it is meant to be.
func registrations(subjects []imednet.Submission) []imednet.Submission {
	out := slices.Clone(subjects)
	for i := range out {
		out[i].Kind = imednet.RegisterSubject
	}
	return out
}

func (r *RegisterSubjects) check(ctx context.Context, studyKey string, subjects []imednet.Submission) error {
	sites, names, err := r.sites(ctx, studyKey)
	if err != nil {
		return err
	}
	problems := checkRegistrations(subjects, sites, names)
	if len(problems) == 0 {
		return nil // what else may be wrong is found when they are planned
	}
	err = r.update.schemas.Validate(ctx, studyKey, atASite(subjects))
	var others *InvalidRecordsError
	switch {
	case errors.As(err, &others):
		problems = append(problems, others.Problems...)
		slices.SortStableFunc(problems, func(a, b RecordProblem) int { return cmp.Compare(a.Index, b.Index) })
	case err != nil:
		return err
	}
	return &SiteError{problems}
}

// atASite are registrations at some site and of no subject, so that what is wrong with either is not found twice.
func atASite(subjects []imednet.Submission) []imednet.Submission {
	out := registrations(subjects)
	for i := range out {
		out[i].SubjectKey, out[i].SubjectID, out[i].SubjectOID = "", 0, ""
		if imednet.IsBlank(out[i].SiteName) && out[i].SiteID == 0 {
			out[i].SiteName = "any"
		}
	}
	return out
}

// knownSites are the sites of a study, by name and by id.
type knownSites struct {
	names map[string]bool
	ids   map[int64]bool
}

// sites returns the sites by name and by id, and what tells whether registrations are the same.
func (r *RegisterSubjects) sites(ctx context.Context, studyKey string) (knownSites, *naming, error) {
	sites := knownSites{map[string]bool{}, map[int64]bool{}}
	ids := map[string][]int64{}
	for s, err := range r.client.Sites(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return sites, nil, &imednet.Error{Package: "submissions", Op: "list the sites", StudyKey: studyKey, Err: err}
		}
		name := s.SiteName.Or("")
		sites.names[name], sites.ids[s.SiteID] = true, true
		ids[name] = append(ids[name], s.SiteID)
	}
	schema, err := r.update.schemas.Study(ctx, studyKey)
	return sites, &naming{schema: schema, sites: nameByID(ids)}, err
}

// checkRegistrations finds what is wrong with each item, in order.
func checkRegistrations(items []imednet.Submission, sites knownSites, names *naming) []RecordProblem {
	var problems []RecordProblem
	seen := map[string]int{}
	for i, item := range items {
		if reason := checkRegistration(item, sites); reason != "" {
			problems = append(problems, RecordProblem{Index: i, Line: item.Line, Reason: reason})
		}
		content, err := names.identityOf(imednet.RegisterSubject, item)
		if err != nil {
			continue // the validator names the value
		}
		if first, twice := seen[content]; twice {
			problems = append(problems, RecordProblem{Index: i, Line: item.Line, Reason: "the same registration as " + itemName(first)})
		} else {
			seen[content] = i
		}
	}
	return problems
}

func checkRegistration(item imednet.Submission, sites knownSites) string {
	site := item.SiteName
	switch {
	case item.SubjectKey != "" || item.SubjectID != 0 || item.SubjectOID != "":
		return "a subject is named; the server assigns the key of a new one"
	case imednet.IsBlank(site) && item.SiteID == 0:
		return "siteName is required"
	case !imednet.IsBlank(site) && !sites.names[site]:
		return "site not found" + nearest(site, sites.names)
	case item.SiteID > 0 && !sites.ids[item.SiteID]:
		return "site id not found"
	}
	return ""
}

// nearest suggests the site whose name differs only in case or blanks, or else in few letters.
func nearest(site string, sites map[string]bool) string {
	for _, name := range slices.Sorted(maps.Keys(sites)) {
		if strings.EqualFold(strings.Join(strings.Fields(name), " "), strings.Join(strings.Fields(site), " ")) {
			return fmt.Sprintf("; there is '%s'", name)
		}
	}
	return shown.DidYouMean(site, slices.Collect(maps.Keys(sites)))
}

func siteNames(items []imednet.Submission) map[string]bool {
	names := map[string]bool{}
	for _, item := range items {
		if item.SiteID != 0 {
			return nil // named by id: any site may be meant
		}
		names[item.SiteName] = true
	}
	return names
}

func (r *RegisterSubjects) greatestSubject(ctx context.Context, studyKey string) (int64, error) {
	greatest := int64(0)
	for s, err := range r.client.Subjects(ctx, studyKey, imednet.ListOptions{}) {
		if err != nil {
			return 0, &imednet.Error{Package: "submissions", Op: "list the subjects", StudyKey: studyKey, Err: err}
		}
		greatest = max(greatest, s.SubjectID)
	}
	return greatest, nil
}

// newSubjects lists the subjects that appeared at the sites. Those whose records stand, or that the
// results of the jobs name, are certain; others are listed only if a registration has none.
func (r *RegisterSubjects) newSubjects(ctx context.Context, studyKey string, after int64, sites map[string]bool, receipt Receipt) ([]RegisteredSubject, error) {
	named := namedSubjects(receipt.Batches)
	certain, err := r.subjectsOfRecords(ctx, studyKey, receipt.Items)
	if err != nil {
		return nil, err
	}
	all := len(certain) == len(receipt.Items)
	var out []RegisteredSubject
	for s, err := range r.client.Subjects(ctx, studyKey, imednet.ListOptions{Filter: imednet.Where("subjectId", imednet.Greater, after)}) {
		if err != nil {
			return out, &imednet.Error{Package: "submissions", Op: "list the new subjects", StudyKey: studyKey, Err: err, Hint: "the registration itself was accepted"}
		}
		site, key := s.SiteName.Or(""), s.SubjectKey.Or("")
		known := certain[s.SubjectID] || named[key]
		if s.IsDeleted() || sites != nil && !sites[site] || all && !known {
			continue
		}
		out = append(out, RegisteredSubject{SubjectID: s.SubjectID, SubjectKey: key, SiteName: site, Inferred: !known})
	}
	return out, nil
}

// subjectsOfRecords returns the subjects whose records stand for items.
func (r *RegisterSubjects) subjectsOfRecords(ctx context.Context, studyKey string, items []Item) (map[int64]bool, error) {
	standing := map[int64]bool{}
	least := int64(math.MaxInt64)
	for i := range items {
		if id := items[i].RecordID; items[i].State == Standing && id > 0 {
			standing[id] = true
			least = min(least, id)
		}
	}
	subjects := map[int64]bool{}
	source, ok := r.client.(imednet.RecordSource)
	if !ok || len(standing) == 0 {
		return subjects, nil
	}
	for rec, err := range source.Records(ctx, studyKey, imednet.ListOptions{Filter: imednet.Where("recordId", imednet.GreaterOrEqual, least)}) {
		if err != nil {
			return nil, &imednet.Error{Package: "submissions", Op: "read the records of new subjects", StudyKey: studyKey, Err: err, Hint: "the registration itself was accepted"}
		}
		if standing[rec.RecordID] {
			subjects[rec.SubjectID.Or(0)] = true
		}
	}
	return subjects, nil
}

// namedSubjects collects the subject keys that the results of the jobs name.
func namedSubjects(batches []SubmittedBatch) map[string]bool {
	named := map[string]bool{}
	for _, b := range batches {
		if b.Status == nil {
			continue
		}
		items, _ := b.Status.Results.Items()
		for _, raw := range items {
			var item struct{ SubjectKey string }
			if json.Unmarshal(raw, &item) == nil && item.SubjectKey != "" {
				named[item.SubjectKey] = true
			}
		}
	}
	return named
}
