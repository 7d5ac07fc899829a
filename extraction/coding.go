package extraction

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// ErrNoCodings means that the configuration reads codings, but the run has no source of them.
var ErrNoCodings = errors.New("the configuration reads codings and neither Options.Codings nor the source lists them")

// codingPrefix begins a sourceVariableName that reads the coding of an answer.
const codingPrefix = "coding."

// The values of coding.VARIABLE.status.
const (
	CodingCoded     = "coded"     // a coder chose a term for the answer as it is now
	CodingNotCoded  = "not coded" // there is an answer and no coding of it
	CodingOutdated  = "outdated"  // the answer changed after it was coded
	CodingAmbiguous = "ambiguous" // several codings count equally and differ
)

// codingSource is where a rule reads the dictionary term that a coder chose for an answer.
type codingSource struct{ variable, dictionary, member string }

// codingMembers are what a rule can read of a coding. The status is made here.
var codingMembers = map[string]func(*imednet.Coding) CanonicalValue{
	"code":              func(c *imednet.Coding) CanonicalValue { return optText(c.Code) },
	"dictionaryName":    func(c *imednet.Coding) CanonicalValue { return optText(c.DictionaryName) },
	"dictionaryVersion": func(c *imednet.Coding) CanonicalValue { return optText(c.DictionaryVersion) },
	"dateCoded":         func(c *imednet.Coding) CanonicalValue { return optTime(c.DateCoded) },
	"status":            nil,
}

// parseCoding reads coding.VARIABLE.member and coding.VARIABLE.DICTIONARY.member; nil for any other
// name.
func parseCoding(name string) *codingSource {
	rest, ok := strings.CutPrefix(name, codingPrefix)
	if !ok {
		return nil
	}
	variable, rest, _ := strings.Cut(rest, ".")
	at := strings.LastIndex(rest, ".")
	return &codingSource{variable: variable, dictionary: rest[:max(at, 0)], member: rest[at+1:]}
}

// valid reports whether the source names a variable and a member that codings have.
func (c *codingSource) valid() bool {
	_, known := codingMembers[c.member]
	return known && c.variable != ""
}

// CodingOrigin names the coding that a value comes from.
type CodingOrigin struct {
	CodingID          int64  `json:"codingId"`
	DictionaryName    string `json:"dictionaryName,omitzero"`
	DictionaryVersion string `json:"dictionaryVersion,omitzero"`
}

// codingChoice is the coding that counts for an answer, and why there may be none.
type codingChoice struct {
	coding   *imednet.Coding
	status   string // "" where there is no answer to code
	outdated bool   // some coding was made for another answer than the record has now
}

// choose finds the coding that counts: of the codings of the answer, and of the dictionary where the rule
// names one, that of the highest revision, and of those the one that was coded last. One that was made for
// another answer than the record has now does not count.
func (c *codingSource) choose(view *recordView) (codingChoice, error) {
	answer, found, err := findAnswer(view.answers, c.variable)
	if err != nil {
		return codingChoice{}, err
	}
	text := valueOf(answer)
	if !found || text.Missing() {
		return codingChoice{}, nil
	}
	newest := slices.DeleteFunc(c.newest(view), func(c *imednet.Coding) bool { return imednet.IsMissing(c.Code.Or("")) })
	current := slices.DeleteFunc(slices.Clone(newest), func(c *imednet.Coding) bool { return !codes(c, text) })
	outdated := len(current) < len(newest)
	switch {
	case len(newest) == 0:
		return codingChoice{status: CodingNotCoded}, nil
	case len(current) == 0:
		return codingChoice{coding: newest[0], status: CodingOutdated, outdated: outdated}, nil
	case slices.ContainsFunc(current[1:], func(other *imednet.Coding) bool { return !sameTerm(current[0], other) }):
		return codingChoice{status: CodingAmbiguous, outdated: outdated}, nil
	}
	return codingChoice{coding: current[0], status: CodingCoded, outdated: outdated}, nil
}

// newest are the codings of the source's variable that no other of the same dictionary follows: without a
// dictionary, codings in several are not versions of one another.
func (c *codingSource) newest(view *recordView) []*imednet.Coding {
	var dictionaries []string
	byDictionary := map[string][]*imednet.Coding{}
	for i := range view.codings {
		coding := &view.codings[i]
		if !view.answers.Declared.Same(coding.Variable.Or(""), c.variable) || c.dictionary != "" && !answers.Same(coding.DictionaryName.Or(""), c.dictionary) {
			continue
		}
		name := answers.Fold(coding.DictionaryName.Or(""))
		if byDictionary[name] == nil {
			dictionaries = append(dictionaries, name)
		}
		switch order := compareAge(coding, byDictionary[name]); {
		case order > 0:
			byDictionary[name] = []*imednet.Coding{coding}
		case order == 0:
			byDictionary[name] = append(byDictionary[name], coding)
		}
	}
	var newest []*imednet.Coding
	for _, name := range dictionaries {
		newest = append(newest, byDictionary[name]...)
	}
	return newest
}

// compareAge is positive where a coding follows those of the list, and negative where they follow it.
func compareAge(coding *imednet.Coding, newest []*imednet.Coding) int {
	if len(newest) == 0 {
		return 1
	}
	at, _ := coding.DateCoded.Get()
	before, _ := newest[0].DateCoded.Get()
	return cmp.Or(cmp.Compare(coding.Revision.Or(0), newest[0].Revision.Or(0)), at.Compare(before.Time))
}

func sameTerm(a, b *imednet.Coding) bool {
	return a.Code == b.Code && a.DictionaryName == b.DictionaryName && a.DictionaryVersion == b.DictionaryVersion
}

// codes reports whether a coding was made for the answer; one that does not say for which is believed.
func codes(coding *imednet.Coding, answer CanonicalValue) bool {
	coded, said := coding.Value.Get()
	return !said || strings.TrimSpace(coded) == strings.TrimSpace(answer.String())
}

// readCoding gives what the rule reads of the coding that counts, and reports codings that do not.
func (s *subjectRun) readCoding(r *rule, view *recordView) (CanonicalValue, *CodingOrigin, error) {
	s.checkRepeated(view, view.answers, view.answer(r.source.coding.variable).found, r.source.coding.variable)
	c := r.source.coding
	choice, err := c.choose(view)
	if err != nil {
		return CanonicalValue{}, nil, err
	}
	s.reportCoding(choice, Finding{Code: FindingCoding, Domain: r.domain, Field: r.target}, view.origin)
	var origin *CodingOrigin
	if choice.coding != nil {
		origin = &CodingOrigin{choice.coding.CodingID, choice.coding.DictionaryName.Or(""), choice.coding.DictionaryVersion.Or("")}
	}
	switch {
	case c.member == "status":
		return TextValue(choice.status), origin, nil
	case choice.status != CodingCoded:
		return CanonicalValue{}, nil, nil
	}
	s.countTerm(c.member, *origin)
	return codingMembers[c.member](choice.coding), origin, nil
}

// reportCoding reports codings that do not count for the answer as it is, and those that cannot be told apart.
func (s *subjectRun) reportCoding(choice codingChoice, f Finding, at *Origin) {
	if choice.outdated {
		f.Message = "the answer changed after it was coded; the term is not taken"
		s.find(f, at)
	}
	if choice.status == CodingAmbiguous {
		f.Severity, f.Message = SeverityError, "several codings of the answer count equally and differ; none is taken"
		s.find(f, at)
	}
}

// countTerm counts the terms that were taken, by dictionary and version.
func (s *subjectRun) countTerm(member string, origin CodingOrigin) {
	if member != "code" {
		return
	}
	if s.report.Dictionaries == nil {
		s.report.Dictionaries = map[string]int64{}
	}
	s.report.Dictionaries[strings.TrimSpace(origin.DictionaryName+" "+origin.DictionaryVersion)]++
}

// readsCodings reports whether some rule reads codings.
func (p *plan) readsCodings() bool {
	return slices.ContainsFunc(p.rules, func(r *rule) bool { return r.source.coding != nil })
}

// readsCoding reports whether some rule reads codings of the variable.
func (p *plan) readsCoding(variable string) bool {
	return slices.ContainsFunc(p.rules, func(r *rule) bool {
		return r.source.coding != nil && answers.Same(r.source.coding.variable, variable)
	})
}

// readCodings lists the study's codings once and keeps those of the variables that rules read, by record.
func (p *pass) readCodings(ctx context.Context) error {
	reader, err := codingReader(p.plan, p.src, p.opts)
	if reader == nil {
		return err
	}
	p.codings = map[int64][]imednet.Coding{}
	for coding, err := range reader.Codings(ctx, p.plan.configuration.StudyKey, imednet.ListOptions{}) {
		if err != nil {
			return err
		}
		if id, ok := coding.RecordID.Get(); ok && p.plan.readsCoding(coding.Variable.Or("")) {
			p.codings[id] = append(p.codings[id], kept(coding))
		}
	}
	return nil
}

// kept is what rules need of a coding: a study has many, and they are held for the whole run.
func kept(c imednet.Coding) imednet.Coding {
	return imednet.Coding{
		Revision: c.Revision, Variable: c.Variable, Value: c.Value, CodingID: c.CodingID, Code: c.Code,
		DictionaryName: c.DictionaryName, DictionaryVersion: c.DictionaryVersion, DateCoded: c.DateCoded,
	}
}

// codingReader is the run's source of codings; nil when no rule reads them.
func codingReader(plan *plan, src imednet.RecordSource, opts Options) (imednet.CodingReader, error) {
	if !plan.readsCodings() {
		return nil, nil
	}
	if opts.Codings != nil {
		return opts.Codings, nil
	}
	if reader, ok := src.(imednet.CodingReader); ok {
		return reader, nil
	}
	return nil, ErrNoCodings
}
