package cdisc

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Remedies selects changes to data that do not fit. None is made unless requested, and the manifest
// counts each.
type Remedies struct {
	// CutLabels truncates labels to the length that the format can hold, between characters.
	CutLabels bool `json:"cutLabels,omitempty"`
	// SplitTexts splits texts that are longer than XPORT can hold, 200 bytes in version 5 and
	// 32,767 in version 8, into numbered variables, as SDTM does: COVAL, COVAL1, COVAL2 and so on.
	// Concatenating the parts gives the text; if possible, they break before a blank.
	SplitTexts bool `json:"splitTexts,omitempty"`
	// EscapeControls writes control characters as text such as \u000a.
	EscapeControls bool `json:"escapeControls,omitempty"`
	// NumbersAsText makes text of a numeric variable in which a number has more digits than a
	// float64 holds, or is a decimal that is not in plain digits, such as .5.
	NumbersAsText bool `json:"numbersAsText,omitempty"`
}

// splitBytes and splitBytes8 are what a part of a text holds at most in the versions of XPORT.
const (
	splitBytes  = 200
	splitBytes8 = 32767
)

// remedied is a source with remedies applied.
type remedied struct {
	Source
	dataset Dataset
	columns []remedy
}

// remedy is what is done to the values of one variable of the source.
type remedy struct {
	parts    int // the number of variables that the value becomes
	size     int // the most bytes of a part
	encoding Encoding
	escape   bool
	text     Type // what becomes text; 0 for nothing
}

// remedies returns the source with what the options ask for and the survey found necessary, and what
// was done; nil when there is nothing to do. A text that is escaped grows, so it is split in the
// next round, by the survey of what this one returns.
func (s *Survey) remedies(src Source, o Remedies, formats []Format) (Source, []Loss) {
	r := &remedied{Source: src, dataset: s.dataset}
	r.dataset.Variables = nil
	label, losses := s.cutLabel("", s.dataset.Label, o, formats, limits.forDataset)
	r.dataset.Label = label
	changed := len(losses) > 0
	for i, v := range s.dataset.Variables {
		what := s.remedyFor(i, o, formats)
		cut, loss := s.cutLabel(v.Name, v.Label, o, formats, limits.forVariable)
		v.Label, losses = cut, append(losses, loss...)
		if what.escape {
			losses = append(losses, Loss{s.dataset.Name, v.Name, LossEscaped, "", s.stats[i].Control})
		}
		if what.text != 0 {
			losses = append(losses, Loss{s.dataset.Name, v.Name, LossNumber, "", s.stats[i].Values})
			v.Type, v.Format = Character, ""
		}
		if what.parts > 1 {
			n := s.stats[i].Split
			if what.size == splitBytes8 {
				n = s.stats[i].LongSplit
			}
			losses = append(losses, Loss{s.dataset.Name, v.Name, LossSplit, "", n})
		}
		changed = changed || len(loss) > 0 || what != remedy{parts: 1}
		r.columns = append(r.columns, what)
		r.dataset.Variables = append(r.dataset.Variables, numbered(v, what.parts)...)
	}
	if !changed {
		return nil, nil
	}
	return r, losses
}

// remedyFor decides what is done to the values of a variable.
func (s *Survey) remedyFor(i int, o Remedies, formats []Format) remedy {
	v, st := &s.dataset.Variables[i], &s.stats[i]
	what := remedy{parts: 1}
	what.escape = o.EscapeControls && st.Control > 0 && v.Type.isText()
	if o.NumbersAsText && st.Inexact+st.NotDecimal > 0 {
		what.text = v.Type
	}
	if !o.SplitTexts || v.Type != Character || what.escape {
		return what
	}
	switch {
	case slices.Contains(formats, XPT5) && st.Parts > 1:
		what.parts, what.size, what.encoding = st.Parts, splitBytes, s.dataset.Encoding
	case slices.Contains(formats, XPT8) && st.LongParts > 1:
		what.parts, what.size, what.encoding = st.LongParts, splitBytes8, s.dataset.Encoding
	}
	return what
}

func (l limits) forDataset() int  { return l.datasetLabel }
func (l limits) forVariable() int { return l.label }

// cutLabel cuts a label to what the strictest of the formats holds.
func (s *Survey) cutLabel(variable, label string, o Remedies, formats []Format, size func(limits) int) (string, []Loss) {
	if !o.CutLabels {
		return label, nil
	}
	cut := label
	for _, f := range formats {
		if f.isXPT() {
			cut = s.dataset.Encoding.cut(cut, size(f.limits()))
		}
	}
	if cut == label {
		return label, nil
	}
	return strings.TrimRight(cut, " "), []Loss{{s.dataset.Name, variable, LossLabel, "", 1}}
}

// numbered is the variables that the parts of a text stand in.
func numbered(v Variable, parts int) []Variable {
	list := []Variable{v}
	for n := 1; n < parts; n++ {
		part := v
		part.Name, part.Source, part.OID, part.Key, part.Length = v.Name+strconv.Itoa(n), fmt.Sprintf("%s, part %d", v.source(), n+1), "", 0, 0
		part.Mandatory, part.Codelist = false, nil
		list = append(list, part)
	}
	return list
}

func (r *remedied) Dataset() Dataset { return r.dataset }

// Rows yields the rows with the remedies applied.
func (r *remedied) Rows(ctx context.Context) iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		out := make(Row, len(r.dataset.Variables))
		for row, err := range r.Source.Rows(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			at := 0
			for i, what := range r.columns {
				what.apply(out[at:at+what.parts], row[i])
				at += what.parts
			}
			if !yield(out, nil) {
				return
			}
		}
	}
}

func (what remedy) apply(out Row, v Value) {
	clear(out)
	if what.text != 0 {
		v = numberText(v, what.text)
	}
	if v.kind == textValue && what.escape {
		v.text = escapeControls(v.text)
	}
	out[0] = v
	if v.kind != textValue || what.parts == 1 {
		return
	}
	rest := v.text
	for i := range out {
		end := len(rest)
		if what.encoding.size(rest) > what.size {
			end = splitPoint(what.encoding, rest, what.size)
		}
		out[i] = Text(rest[:end])
		if rest = rest[end:]; rest == "" {
			return
		}
	}
	out[len(out)-1].text += rest // longer than surveyed: the next survey or writer refuses it
}

func numberText(v Value, t Type) Value {
	switch v.kind {
	case integerValue:
		n, _ := v.Integer()
		if t != WholeNumber {
			return Text(string(appendISO(nil, t, n)))
		}
		return Text(strconv.FormatInt(n, 10))
	case floatValue:
		x, _ := v.Float()
		return Text(strconv.FormatFloat(x, 'f', -1, 64))
	}
	return v
}

// splitPoint is where a part of a longer text ends: before a blank in its second half, so that no
// part ends in one unless it has nothing else, else between two characters.
func splitPoint(e Encoding, text string, size int) int {
	end := len(e.cut(text, size))
	for at := end; at > size/2; at-- {
		if text[at] == ' ' && text[at-1] != ' ' {
			return at
		}
	}
	words := len(strings.TrimRight(text[:end], " "))
	if words == 0 { // blanks alone, which no break keeps: the survey of the parts counts them
		return end
	}
	return words
}

// splitParts is the number of parts of a text.
func splitParts(e Encoding, text string, size int) int {
	parts := 1
	for e.size(text) > size {
		text = text[splitPoint(e, text, size):]
		parts++
	}
	return parts
}

// escapeControls writes control characters as their code.
func escapeControls(text string) string {
	return escapeIf(text, func(r rune) bool { return r < ' ' || r == 0x7f })
}

// escapeForbidden writes what XML cannot hold as its code.
func escapeForbidden(text string) string { return escapeIf(text, isForbiddenInXML) }

// escapeIf leaves bytes that are not UTF-8 as they are: they are a problem of their own.
func escapeIf(text string, escaped func(rune) bool) string {
	var b strings.Builder
	for rest := text; rest != ""; {
		r, size := utf8.DecodeRuneInString(rest)
		if escaped(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteString(rest[:size])
		}
		rest = rest[size:]
	}
	return b.String()
}
