package tables

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
	"github.com/imednetgo/imednet/internal/answers"
	"github.com/imednetgo/imednet/internal/listing"
)

// Domains keep digests of different things apart.
const (
	domainSubject = "subject"
	domainShift   = "shift"
)

// cover hides the subjects of one run. Who a record is about is resolved once, by id before key over
// the study's list of subjects, so that one subject has one pseudonym and one shift whatever its
// records say and however often it was renamed.
type cover struct {
	mac      hash.Hash
	studyKey string
	settings *deidentifier
	subjects *imednet.SubjectIndex
	who      identity
	own      []imednet.Number // what the record's subject is known by, in order
	everyone []imednet.Number // what any subject is known by, in order; nil until a record needs it
	known    map[string]identity

	fieldsMasked int64 // of the records themselves
}

// identity is what stands for the subject of a record, its site, or the study.
type identity struct {
	pseudonym string // "" when the record is of no subject
	shiftDays int
}

// newCover lists the study's subjects.
func (m *RecordMapper) newCover(ctx context.Context, studyKey string) (*cover, error) {
	if m.deid == nil {
		return nil, nil
	}
	if _, ok := m.src.(imednet.SubjectReader); !ok {
		return nil, errors.New("the source lists no subjects, so one subject could get two pseudonyms")
	}
	subjects, err := m.subjects(ctx, studyKey)
	if err != nil {
		return nil, err
	}
	return &cover{
		mac: hmac.New(sha256.New, m.deid.settings.Key), studyKey: studyKey, settings: m.deid,
		subjects: subjects, known: map[string]identity{},
	}, nil
}

// subjects lists the study's subjects. It is empty if the source cannot.
func (m *RecordMapper) subjects(ctx context.Context, studyKey string) (*imednet.SubjectIndex, error) {
	reader, ok := m.src.(imednet.SubjectReader)
	if !ok {
		return imednet.NewSubjectIndex(nil), nil
	}
	subjects, err := listing.Collect(reader.Subjects(ctx, studyKey, imednet.ListOptions{}))
	return imednet.NewSubjectIndex(subjects), err
}

// begin turns to a record's subject.
func (c *cover) begin(r *imednet.Record) {
	name, isSubject := c.nameOf(r)
	who, known := c.known[name]
	if !known {
		who.shiftDays = c.shiftOf(name)
		if isSubject {
			who.pseudonym = c.pseudonym(domainSubject, name)
		}
		c.known[name] = who
	}
	c.who = who
	if isSubject {
		c.own = c.ownNumbers(c.own[:0], r)
	}
}

// shortestKey is the length from which on a subject's key is told from a number that means
// something else.
const shortestKey = 4

// ownNumbers appends the numbers that the subject of a record is known by, however they are written:
// its id, the key that the study lists for it, and the one that the record has.
func (c *cover) ownNumbers(own []imednet.Number, r *imednet.Record) []imednet.Number {
	id := r.SubjectID.Or(0)
	own = appendKey(own, r.SubjectKey.Or(""))
	if s, _ := c.subjects.OfRecord(r); s != nil {
		own, id = appendKey(own, s.SubjectKey.Or("")), s.SubjectID
	}
	return inOrder(appendKey(own, strconv.FormatInt(id, 10)))
}

// everyNumber returns the numbers that any subject of the study is known by.
func (c *cover) everyNumber() []imednet.Number {
	if c.everyone == nil {
		c.everyone = []imednet.Number{}
		for _, s := range c.subjects.Subjects() {
			c.everyone = appendKey(appendKey(c.everyone, s.SubjectKey.Or("")), strconv.FormatInt(s.SubjectID, 10))
		}
		inOrder(c.everyone)
	}
	return c.everyone
}

// appendKey appends an id or a key that is a number, and long enough to be told from others.
func appendKey(numbers []imednet.Number, key string) []imednet.Number {
	key = strings.TrimSpace(key)
	if n, ok := imednet.ParseNumber(key); ok && len(key) >= shortestKey {
		numbers = append(numbers, n)
	}
	return numbers
}

func inOrder(numbers []imednet.Number) []imednet.Number {
	slices.SortFunc(numbers, imednet.Number.Compare)
	return numbers
}

// isOwn reports whether a number repeats what the record's subject is known by, or any subject if the
// record is of none.
func (c *cover) isOwn(answer cell) bool {
	n, ok := numberOf(answer)
	if !ok {
		return false
	}
	known := c.own
	if _, isSubject := c.subject(); !isSubject {
		known = c.everyNumber()
	}
	_, found := slices.BinarySearchFunc(known, n, imednet.Number.Compare)
	return found
}

// nameOf returns what identifies the subject of a record, or else its site, or else the study.
func (c *cover) nameOf(r *imednet.Record) (name string, isSubject bool) {
	if name := subjectName(c.subjects, r); name != "" {
		return name, true
	}
	if id := r.SiteID.Or(0); id != 0 {
		return fmt.Sprint("site ", id), false
	}
	return "study", false
}

// subjectName returns what identifies the subject of a record, whatever its records call it; "" if it
// is of no subject.
func subjectName(subjects *imednet.SubjectIndex, r *imednet.Record) string {
	if s, _ := subjects.OfRecord(r); s != nil && s.SubjectID != 0 {
		return fmt.Sprint("id ", s.SubjectID)
	}
	if id := r.SubjectID.Or(0); id != 0 {
		return fmt.Sprint("id ", id)
	}
	if key := r.SubjectKey.Or(""); !imednet.IsMissing(key) {
		return "key " + key
	}
	return ""
}

// subject returns the pseudonym of the record's subject, and false for a record of no subject.
func (c *cover) subject() (string, bool) { return c.who.pseudonym, c.who.pseudonym != "" }

// textPseudonym replaces a text that a subject or anything else is known by. A subject's key has the
// subject's pseudonym, so that tables join by columns that repeat it.
func (c *cover) textPseudonym(text string) string {
	if s, _ := c.subjects.Of(0, text); s != nil && s.SubjectID != 0 {
		return c.pseudonym(domainSubject, fmt.Sprint("id ", s.SubjectID))
	}
	return c.pseudonym(domainSubject, "key "+text)
}

// digest is the HMAC over a domain, the study and a text.
func (c *cover) digest(domain, text string) []byte {
	c.mac.Reset()
	for _, part := range []string{"imednet/v1", domain, c.studyKey, text} {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(part)))
		c.mac.Write(size[:])
		c.mac.Write([]byte(part))
	}
	return c.mac.Sum(nil)
}

// pseudonym replaces a text: 26 letters and digits, 130 bits.
func (c *cover) pseudonym(domain, text string) string {
	return base32.StdEncoding.EncodeToString(c.digest(domain, text))[:26]
}

// shiftOf draws a shift of as many days as are allowed in either direction, never 0.
func (c *cover) shiftOf(who string) int {
	days := c.settings.settings.MaxShiftDays
	n := int(binary.BigEndian.Uint64(c.digest(domainShift, who)) % uint64(2*days))
	if n < days {
		return n - days
	}
	return n - days + 1
}

// instant moves an instant of the record; it stays as it is without de-identification.
func (c *cover) instant(t imednet.Time) time.Time {
	if c == nil {
		return t.Time
	}
	return t.AddDate(0, 0, c.who.shiftDays)
}

// date moves the text of a date; false means that it must be masked. A sentinel stays, because
// who knows it would read the shift from it.
func (c *cover) date(answer cell) (string, bool) {
	if answer.kind != '"' {
		return "", false
	}
	d, err := imednet.ParsePartialDate(answer.text)
	if err != nil {
		return "", false
	}
	if day, complete := d.Date(); complete && c.settings.sentinels[day] {
		return string(answers.TrimSpace(answer.text)), true
	}
	if year, ok := d.Year(); !ok || year < plausibleFrom || year > plausibleTo {
		return "", false
	}
	return shiftDateText(answer.text, c.who.shiftDays)
}

// Years in which a date can be that of somebody alive or of a study. A date beyond them is no
// date but a mistake or a sign, whose shift could be guessed.
const plausibleFrom, plausibleTo = 1850, 2150
