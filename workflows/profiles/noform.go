package profiles

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/imednetgo/imednet"
)

// noFormLimit is the number of ids and keys of no form that are told apart. More than that is a
// fault, and must not fill the memory.
const noFormLimit = 1000

// formIdentity is what a record names as its form.
type formIdentity struct {
	id  int64
	key string
}

// otherIdentities stands for those beyond noFormLimit.
var otherIdentities = formIdentity{key: "…"}

// form finds the record's form, or the place of those of no form, and counts contradictions.
func (r *profileRun) form(record *imednet.Record) *formTally {
	f, contradiction := r.index.OfRecord(record)
	if !contradiction.IsZero() {
		r.contradictions[contradiction.Kind]++
	}
	if f != nil {
		return r.tallies[f]
	}
	named := formIdentity{record.FormID.Or(0), record.FormKey.Or("")}
	if imednet.IsMissing(named.key) {
		named.key = ""
	}
	if r.noForm[named] == nil && len(r.noForm) >= noFormLimit {
		named = otherIdentities
	}
	t := r.noForm[named]
	if t == nil {
		t = newFormTally(r.settings, FormProfile{FormID: named.id, FormKey: named.key, FormName: named.key}, named.key, nil)
		r.noForm[named] = t
	}
	return t
}

// finishNoForm lists what records of no form name, by id and key, or by number if those are not shown.
func (r *profileRun) finishNoForm() []FormProfile {
	var list []FormProfile
	for _, t := range r.noForm {
		list = append(list, t.finish(r.siteList))
	}
	slices.SortFunc(list, func(a, b FormProfile) int {
		return cmp.Or(cmp.Compare(a.FormID, b.FormID), cmp.Compare(a.FormKey, b.FormKey))
	})
	for i := range list {
		r.settings.hideForm(&list[i], i+1)
	}
	return list
}

// shownForms are all forms of the page: those of the study, then what records of no form name.
func (p *StudyProfile) shownForms() []FormProfile {
	all := slices.Clone(p.Forms)
	for _, f := range p.NoForm {
		f.FormName = f.shownName()
		f.FormKey = noFormKey
		all = append(all, f)
	}
	return all
}

// shownName is what the records of no form name.
func (f *FormProfile) shownName() string {
	name := cmp.Or(f.FormKey, "no key")
	if f.FormID == 0 {
		return name
	}
	return name + ", id " + strconv.FormatInt(f.FormID, 10)
}

// noFormKey is what the page shows as the key of no form.
const noFormKey = "(no form)"
