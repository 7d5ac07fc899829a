package profiles

import (
	"crypto/sha256"
	"unicode/utf8"

	"github.com/axiomhq/hyperloglog"

	"github.com/imednetgo/imednet/internal/crowd"
	"github.com/imednetgo/imednet/internal/quantiles"
)

const (
	sampleCount  = 10  // distinct answers that are shown, as in the Python package
	topCount     = 10  // most frequent answers that are shown
	sketchedTops = 200 // answers whose counts are followed beyond the exact limit
	shownLength  = 200 // bytes of an answer that are shown
	hashedLength = 128 // bytes from which on an answer is told apart by its hash
)

// fieldTally takes the answers of one field. Up to limit distinct answers it only counts them;
// what can be said about each is worked out once. Beyond the limit the counts go into sketches
// and every further answer is looked at by itself.
type fieldTally struct {
	info   fieldInfo
	limit  int  // distinct answers
	values bool // keep answers to show them

	missing   MissingCounts // NoData and Absent follow from the form's counts
	json      TypeCounts    // its JSON counts only
	populated int64
	spellings map[string]bool
	lastSeen  int64 // the form's record that last had an answer here; of undeclared keys only

	exact   map[string]*countedValue // nil beyond the limit
	samples []string
	sketch  *hyperloglog.Sketch
	tops    *topValues

	types         TypeCounts
	holders       int64
	lengths       struct{ min, max int64 } // populated answers have at least one character
	lengthSum     float64
	lengthSquares float64
	precision     DatePrecisions
	numbers       *quantiles.Distribution
	dates         *quantiles.Distribution
	yearless      int64
	first         datedText
	last          datedText
	sites         []siteTally // by index of the site

	// Of a profile without values only, nil otherwise: what says nothing about few subjects.
	lengthCrowd, numberCrowd, dateCrowd *crowd.Crowd
	perSubject                          int64 // answers of one subject at most, known at the end
}

// fieldInfo is what the study says about a field.
type fieldInfo struct {
	name, label, declaredType  string
	declared, retired, blinded bool
	masked                     string
}

type countedValue struct {
	class valueClass
	text  string // what is shown or compared; cut short for long answers
	count int64
}

type datedText struct {
	day  float64
	text string
}

type siteTally struct {
	populated   int64
	numbers     quantiles.Moments
	subjects    fewSeen // with a number
	least, most float64 // of the numbers
}

// add takes a number of a subject.
func (s *siteTally) add(number float64, subject int64) {
	if s.numbers.Count() == 0 {
		s.least, s.most = number, number
	}
	s.least, s.most = min(s.least, number), max(s.most, number)
	s.subjects.add(subject)
	s.numbers.Add(number, 1)
}

func (s *siteTally) spread() crowd.Spread {
	return spreadOf(s.numbers.Count(), s.numbers.Mean(), s.numbers.Deviation(), s.least, s.most)
}

func spreadOf(count int64, mean, deviation, least, most float64) crowd.Spread {
	return crowd.Spread{Count: count, Mean: mean, Squares: deviation * deviation * float64(count-1), Min: least, Max: most}
}

func newFieldTally(info fieldInfo, settings *profileSettings) *fieldTally {
	limit := settings.exactValues
	t := &fieldTally{
		info: info, limit: limit, values: settings.showValues && info.masked == "", exact: map[string]*countedValue{},
		numbers: quantiles.New(limit), dates: quantiles.New(limit),
	}
	if size := settings.groupSize; size > 0 && info.masked == "" {
		t.lengthCrowd, t.numberCrowd, t.dateCrowd = crowd.New(size), crowd.New(size), crowd.New(size)
	}
	return t
}

// spelledAs notes a key that differs from the variable's name.
func (t *fieldTally) spelledAs(key []byte) {
	if t.spellings[string(key)] {
		return
	}
	if t.spellings == nil {
		t.spellings = map[string]bool{}
	}
	t.spellings[string(key)] = true
}

// add takes one populated answer of a subject. text may be overwritten afterwards.
func (t *fieldTally) add(text []byte, site int, subject int64) {
	t.populated++
	class := t.count(text)
	for len(t.sites) <= site {
		t.sites = append(t.sites, siteTally{})
	}
	t.crowds(class, subject)
	s := &t.sites[site]
	s.populated++
	if class.figure {
		s.add(class.number, subject)
	}
}

// crowds notes whose answer it was.
func (t *fieldTally) crowds(class valueClass, subject int64) {
	if t.lengthCrowd == nil {
		return
	}
	t.lengthCrowd.Add(subject, float64(class.length))
	if class.figure {
		t.numberCrowd.Add(subject, class.number)
	}
	if class.placed {
		t.dateCrowd.Add(subject, class.day)
	}
}

func (t *fieldTally) count(text []byte) valueClass {
	key := text
	if len(text) >= hashedLength {
		sum := sha256.Sum256(text)
		key = append([]byte{0}, sum[:]...)
	}
	if t.exact != nil {
		if known := t.exact[string(key)]; known != nil {
			known.count++
			return known.class
		}
	}
	class := classify(string(text), declaredAs(t.info.declaredType))
	t.sample(text)
	if t.exact == nil {
		t.beyond(key, text, class)
		return class
	}
	kept := string(key)
	shown := kept
	if len(text) >= hashedLength {
		shown = shownText(text)
	}
	t.exact[kept] = &countedValue{class: class, text: shown, count: 1}
	if len(t.exact) > t.limit {
		t.overflow()
	}
	return class
}

// sample remembers the first distinct answers. It is asked for new answers only, while exact.
func (t *fieldTally) sample(text []byte) {
	if t.values && t.exact != nil && len(t.samples) < sampleCount {
		t.samples = append(t.samples, shownText(text))
	}
}

// overflow moves everything that was counted exactly into the sketches.
func (t *fieldTally) overflow() {
	t.sketch = hyperloglog.New14()
	t.tops = newTopValues(sketchedTops)
	for _, v := range t.inOrder() {
		t.sketch.Insert([]byte(v.key))
		t.absorb(v.class, v.text, v.count)
		if t.values {
			t.tops.add(v.text, v.count)
		}
	}
	t.exact = nil
	t.numbers.Sketch()
	t.dates.Sketch()
}

func (t *fieldTally) beyond(key, text []byte, class valueClass) {
	t.sketch.Insert(key)
	shown := ""
	if t.values || class.placed {
		shown = shownText(text)
	}
	t.absorb(class, shown, 1)
	if t.values {
		t.tops.add(shown, 1)
	}
}

// absorb adds n answers of one class to everything that is told about a field's answers.
func (t *fieldTally) absorb(c valueClass, text string, n int64) {
	if t.lengths.max == 0 || c.length < t.lengths.min {
		t.lengths.min = c.length
	}
	t.lengths.max = max(t.lengths.max, c.length)
	t.lengthSum += float64(c.length * n)
	t.lengthSquares += float64(c.length * c.length * n)
	if c.placeholder {
		t.holders += n
	}
	if c.boolean {
		t.types.Boolean += n
	}
	if c.zeroOrOne {
		t.types.ZeroOrOne += n
	}
	if c.numeric {
		t.types.Numeric += n
	}
	if c.figure {
		t.numbers.Add(c.number, n)
	}
	if c.whole {
		t.types.Integers += n
	}
	if c.date != "" {
		t.absorbDate(c, text, n)
	}
	if !c.boolean && !c.numeric && c.date == "" {
		t.types.Unclassified += n
	}
}

func (t *fieldTally) absorbDate(c valueClass, text string, n int64) {
	if c.yearAlone {
		t.types.YearsAlone += n
	} else {
		t.types.Dates += n
	}
	if !c.placed {
		t.yearless += n
		return
	}
	t.precision.add(c.date, n)
	if t.dates.Count() == 0 || c.day < t.first.day || c.day == t.first.day && text < t.first.text {
		t.first = datedText{c.day, text}
	}
	if t.dates.Count() == 0 || c.day > t.last.day || c.day == t.last.day && text > t.last.text {
		t.last = datedText{c.day, text}
	}
	t.dates.Add(c.day, n)
}

// shownText cuts a long answer at a character's boundary.
func shownText(text []byte) string {
	if len(text) <= shownLength {
		return string(text)
	}
	cut := shownLength
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return string(text[:cut]) + "…"
}
