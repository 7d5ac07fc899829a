package submissions

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
)

// identityScheme begins every content hash that is the same for all spellings of a content. Earlier versions
// stored hashes of the payload, which are told by its absence.
const identityScheme = "2:"

// naming says what a study calls what a submission can name in several ways. What it does not know is
// identified as it was named.
type naming struct {
	schema                     *StudySchema
	sites, intervals, subjects map[int64]string // the names that only one id has
	oids                       map[string]string
}

// identity is the content hash of a record: equal for records that ask the server for the same. The order of
// members, the spelling of numbers, dates and times, white space around texts, and whether form, site, subject
// and interval are named by key, name, id or OID make no other content.
func (n *naming) identity(kind imednet.SubmissionKind, payload jsontext.Value) (string, error) {
	var asked imednet.Submission
	if err := json.Unmarshal(payload, &asked, exactValues); err != nil {
		return "", ErrDamaged
	}
	h := sha256.New()
	put(h, string(kind), n.form(&asked))
	put(h, n.place(&asked)...)
	put(h, "data")
	form, _ := n.schema.Form(formOf(&asked))
	for _, name := range slices.Sorted(maps.Keys(asked.Data)) {
		value, _ := asked.Data[name].(jsontext.Value)
		text := storedText(form.kindOf(name), value)
		if text == "" && makes(kind) {
			continue // a new record has no answer there in any case
		}
		put(h, name, text)
	}
	return identityScheme + hex.EncodeToString(h.Sum(nil)), nil
}

// identityOf is the content hash of a record as a caller gives it.
func (n *naming) identityOf(kind imednet.SubmissionKind, record imednet.Submission) (string, error) {
	text, err := imednet.EncodeSubmissions([]imednet.Submission{record})
	if err != nil {
		return "", err
	}
	return n.identity(kind, text[1:len(text)-1])
}

// put writes texts so that where one ends shows.
func put(h hash.Hash, texts ...string) {
	for _, text := range texts {
		fmt.Fprintf(h, "%d:%s,", len(text), text)
	}
}

func (f *FormVariables) kindOf(name string) imednet.VariableKind {
	if f == nil {
		return imednet.OtherVariable
	}
	return f.Variables[name].Kind()
}

func (n *naming) form(asked *imednet.Submission) string {
	form, known := n.schema.Form(formOf(asked))
	switch {
	case known && form.FormID != 0:
		return named("form", "", form.FormID)
	case known:
		return named("form", form.FormKey, 0)
	}
	return named("form", asked.FormKey, asked.FormID)
}

// place is where the record is: a record that is named says so itself.
func (n *naming) place(asked *imednet.Submission) []string {
	interval := named("interval", cmp.Or(asked.IntervalName, n.intervals[asked.IntervalID]), asked.IntervalID)
	switch {
	case asked.RecordID != 0:
		return []string{named("record", "", asked.RecordID), interval}
	case asked.RecordOID != "":
		return []string{named("record oid", asked.RecordOID, 0), interval}
	}
	return []string{n.subject(asked), named("site", cmp.Or(asked.SiteName, n.sites[asked.SiteID]), asked.SiteID), interval}
}

// keyOf is the key of the subject with an OID.
func (n *naming) keyOf(oid string) string {
	if oid = answers.TrimSpace(oid); oid == "" {
		return ""
	}
	return n.oids[oid]
}

func (n *naming) subject(asked *imednet.Submission) string {
	key := cmp.Or(asked.SubjectKey, n.subjects[asked.SubjectID], n.keyOf(asked.SubjectOID))
	if key == "" && asked.SubjectOID != "" {
		return named("subject oid", asked.SubjectOID, 0)
	}
	return named("subject", key, asked.SubjectID)
}

// named is something by its name, if that is known, or else by its id.
func named(what, name string, id int64) string {
	switch {
	case name != "":
		return what + ":" + answers.TrimSpace(name)
	case id != 0:
		return fmt.Sprintf("%s#%d", what, id)
	}
	return "no " + what
}

// storedText is a value as servers store it, in the one spelling of all that mean the same; "" is no answer.
// It is for whole contents what storedAs is for single values.
func storedText(kind imednet.VariableKind, sent jsontext.Value) string {
	if answers.Missing(sent) {
		return ""
	}
	unquoted, _ := answers.Unquote(sent, nil)
	text := string(unquoted)
	number, isNumber := imednet.ParseNumber(text)
	switch {
	case sent.Kind() == '0' && isNumber:
		return number.Canonical()
	case sent.Kind() != '"':
		return text
	case kind == imednet.DateVariable, kind == imednet.TimeVariable:
		return dateText(kind, text)
	}
	return plain(text)
}

// dateText is the one spelling of a date or a time of day, and of anything else the text.
func dateText(kind imednet.VariableKind, text string) string {
	if at, err := dateReaders[kind](text); err == nil {
		return at.String()
	}
	return plain(text)
}

// spelledHash is the content hash of earlier versions, of the bytes of a payload. The kinds hold no NUL.
func spelledHash(kind imednet.SubmissionKind, payload []byte) string {
	h := sha256.New()
	h.Write([]byte(kind))
	h.Write([]byte{0})
	h.Write(payload)
	return hex.EncodeToString(h.Sum(nil))
}

// Contents returns the content hashes that an older item with the same content can have: that of the item, and
// the one that earlier versions stored, which was of the payload's bytes. The item must have its payload.
func (i *Item) Contents() []string {
	if !strings.HasPrefix(i.ContentHash, identityScheme) {
		return []string{i.ContentHash}
	}
	return []string{i.ContentHash, spelledHash(i.Kind, i.Payload)}
}

// contentOf is the content hash of an item of any version.
func (n *naming) contentOf(i *Item) string {
	if strings.HasPrefix(i.ContentHash, identityScheme) {
		return i.ContentHash
	}
	content, err := n.identity(i.Kind, i.Payload)
	if err != nil {
		return i.ContentHash
	}
	return content
}

// hashesOf are the content hashes under which items that are equal to one of any version may have claims.
func (n *naming) hashesOf(i *Item) []string {
	all := []string{i.ContentHash, n.contentOf(i), spelledHash(i.Kind, i.Payload)}
	slices.Sort(all)
	return slices.Compact(all)
}

// naming is what the evidence shows of names, for items that an earlier version stored.
func (e *evidence) naming() *naming {
	n := &naming{schema: e.schema, sites: nameByID(e.places.sites), intervals: nameByID(e.places.intervals), subjects: map[int64]string{}}
	for _, c := range e.records {
		n.subjects[c.record.SubjectID.Or(0)] = c.record.SubjectKey.Or("")
	}
	return n
}

func nameByID(ids map[string][]int64) map[int64]string {
	out := map[int64]string{}
	for name, all := range ids {
		if len(all) == 1 {
			out[all[0]] = name
		}
	}
	return out
}
