package dictionary_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/imednetgo/imednet"
)

// answer is an answer as the independent evaluation reads it; nil is none.
type answer any

func answersOf(data imednet.RecordData) map[string]answer {
	all := map[string]answer{}
	decoder := json.NewDecoder(strings.NewReader(string(data.Raw())))
	decoder.UseNumber()
	if err := decoder.Decode(&all); err != nil {
		panic(err)
	}
	return all
}

// midnight is a key of records on which a day is taken for its first moment, as a study may do.
const midnight = "midnight"

// atMidnight is a record on which days are taken for their first moments.
func atMidnight(record map[string]answer) map[string]answer {
	other := maps.Clone(record)
	other[midnight] = true
	return other
}

// span is what a date or time may be, in seconds: a day lasts a day, a minute a minute.
type span struct{ from, to int64 }

func spanOf(text string) (span, bool) {
	for layout, length := range map[string]int64{time.DateOnly: 24 * 3600, "2006-01-02T15:04": 60, "2006-01-02T15:04:05": 1, "15:04": 60, "15:04:05": 1} {
		if at, err := time.Parse(layout, text); err == nil {
			return span{at.Unix(), at.Unix() + length - 1}, true
		}
	}
	return span{}, false
}

// independent evaluates a condition by the rules of the page for data managers.
func independent(n *node, record map[string]answer) imednet.YesNo {
	switch n.name {
	case "and", "or":
		decides := imednet.YesNoOf(n.name == "or")
		result := flip(decides)
		if len(n.children) == 0 {
			return imednet.Unknown
		}
		for _, c := range n.children {
			switch independent(c, record) {
			case decides:
				return decides
			case imednet.Unknown:
				result = imednet.Unknown
			}
		}
		return result
	case "not":
		return flip(independent(n.children[0], record))
	case "blank":
		return imednet.YesNoOf(isBlank(record[n.children[0].text]))
	case "true":
		return imednet.Yes
	case "checked":
		v := record[n.children[0].text]
		flag, ok := v.(bool)
		if !ok && !isBlank(v) {
			return imednet.Unknown
		}
		return imednet.YesNoOf(flag)
	case "like":
		text, _ := record[n.children[0].text].(string)
		pattern, err := regexp.Compile(n.children[1].text)
		if err != nil || pattern.MatchString(text) != pattern.MatchString(strings.TrimSpace(text)) {
			return imednet.Unknown
		}
		return imednet.YesNoOf(pattern.MatchString(text))
	}
	return independentComparison(n, record)
}

func flip(v imednet.YesNo) imednet.YesNo {
	return map[imednet.YesNo]imednet.YesNo{imednet.Yes: imednet.No, imednet.No: imednet.Yes}[v]
}

func isBlank(v answer) bool { return v == nil || v == "" }

func independentComparison(n *node, record map[string]answer) imednet.YesNo {
	a, okA := independentOperand(n.children[0], record)
	b, okB := independentOperand(n.children[1], record)
	if !okA || !okB {
		return imednet.Unknown
	}
	if isBlank(a) || isBlank(b) {
		return imednet.YesNoOf(n.name == "equals" && isBlank(a) && isBlank(b))
	}
	order := 0
	switch a := a.(type) {
	case *big.Rat:
		number, ok := ratOf(b)
		if !ok {
			return imednet.Unknown
		}
		order = a.Cmp(number)
	case span:
		other, ok := b.(span)
		switch {
		case !ok:
			return imednet.Unknown
		case record[midnight] == true:
			order = cmp.Compare(a.from, other.from)
		case a == other:
		case a.to < other.from:
			order = -1
		case a.from > other.to:
			order = 1
		default:
			return imednet.Unknown
		}
	default:
		if number, ok := b.(*big.Rat); ok {
			own, ok := ratOf(a)
			if !ok {
				return imednet.Unknown
			}
			order = own.Cmp(number)
			break
		}
		if n.name != "equals" {
			return imednet.Unknown
		}
		return imednet.YesNoOf(fmt.Sprint(a) == fmt.Sprint(b))
	}
	return imednet.YesNoOf(map[string]bool{"equals": order == 0, "gt": order > 0, "gte": order >= 0, "lt": order < 0, "lte": order <= 0}[n.name])
}

func ratOf(v answer) (*big.Rat, bool) {
	switch v := v.(type) {
	case *big.Rat:
		return v, true
	case json.Number:
		return new(big.Rat).SetString(string(v))
	case string:
		return new(big.Rat).SetString(v)
	}
	return nil, false
}

// independentOperand is a blank, a *big.Rat, a span, or a text.
func independentOperand(n *node, record map[string]answer) (answer, bool) {
	switch n.name {
	case "value":
		if s, ok := spanOf(n.text); ok {
			return s, true
		}
		return n.text, true
	case "question":
		v := record[n.text]
		if number, ok := v.(json.Number); ok {
			return ratOf(number)
		}
		if text, ok := v.(string); ok && slices.Contains(ofKind("Date/Time Precision", "Time"), n.text) {
			return spanOf(text)
		}
		return v, true
	case "current_date":
		return spanOf(today.Format("2006-01-02T15:04:05"))
	case "current_date_only":
		return spanOf(today.Format(time.DateOnly))
	case "case":
		for i := 0; i < len(n.children); i += 2 {
			switch independent(branch("and", n.children[i].children...), record) {
			case imednet.Yes:
				return independentOperand(n.children[i+1].children[0], record)
			case imednet.Unknown:
				return nil, false
			}
		}
		return nil, false
	case "trunc_date":
		v, ok := independentOperand(n.children[0], record)
		if s, is := v.(span); is {
			from := s.from - s.from%(24*3600)
			return span{from, from + 24*3600 - 1}, true
		}
		return v, ok
	}
	return independentNumber(n, record)
}

func independentNumber(n *node, record map[string]answer) (answer, bool) {
	var result *big.Rat
	blank := false
	for i, c := range n.children {
		v, ok := independentOperand(c, record)
		if !ok {
			return nil, false
		}
		value := big.NewRat(1, 1)
		if isBlank(v) {
			blank = true
		} else if value, ok = ratOf(v); !ok {
			return nil, false
		}
		switch {
		case n.name == "floor":
			result = new(big.Rat).SetInt(new(big.Int).Div(value.Num(), value.Denom()))
		case i == 0:
			result = value
		case n.name == "add":
			result = new(big.Rat).Add(result, value)
		case n.name == "sub":
			result = new(big.Rat).Sub(result, value)
		case n.name == "mul":
			result = new(big.Rat).Mul(result, value)
		case value.Sign() == 0:
			return nil, false
		default:
			result = new(big.Rat).Quo(result, value)
		}
	}
	if blank {
		return nil, true
	}
	return result, true
}

// constantsOf are the constants of some builds.
func constantsOf(builds ...*node) (all []string) {
	for _, b := range builds {
		b.all(func(n *node) {
			if n.name == "value" && !slices.Contains(all, n.text) {
				all = append(all, n.text)
			}
		})
	}
	return all
}

// differing is a record that the study can hold and on which two builds differ; "" if none of many does.
func (m ruleMaker) differing(a, b *node, samples int) string {
	for range samples {
		if record, raw := m.record(constantsOf(a, b), a, b); showsApart(a, b, record) {
			return raw
		}
	}
	return ""
}

// showsApart reports whether a record tells two builds apart, also if the second takes days for their first moments.
func showsApart(a, b *node, record map[string]answer) bool {
	acts := independent(a, record)
	return apart(acts, independent(b, record)) || acts != imednet.Unknown && apart(acts, independent(b, atMidnight(record)))
}

// bothWays is a pair of records on which a rule acts and does not; "" if such are not found.
func (m ruleMaker) bothWays(rule *node, samples int) string {
	found := map[imednet.YesNo]string{}
	for range samples {
		record, raw := m.record(constantsOf(rule), rule)
		found[independent(rule, record)] = raw
	}
	if found[imednet.Yes] == "" || found[imednet.No] == "" {
		return ""
	}
	return found[imednet.Yes] + " / " + found[imednet.No]
}

// record has an answer to each question that builds read, which its type, length and precision allow.
func (m ruleMaker) record(constants []string, builds ...*node) (map[string]answer, string) {
	var parts []string
	seen := map[string]bool{}
	for _, b := range builds {
		b.all(func(n *node) {
			if n.name == "question" && !seen[n.text] {
				seen[n.text] = true
				parts = append(parts, strconv.Quote(n.text)+":"+m.answer(n.text, constants))
			}
		})
	}
	raw := "{" + strings.Join(parts, ",") + "}"
	data, err := imednet.NewRecordData([]byte(raw))
	if err != nil {
		panic(err)
	}
	return answersOf(data), raw
}

func (m ruleMaker) answer(name string, constants []string) string {
	if m.one(12) {
		return "null"
	}
	q := randomQuestions[slices.IndexFunc(randomQuestions, func(q struct{ kind, name, whole, length, time string }) bool { return q.name == name })]
	switch q.kind {
	case "Checkbox":
		return m.of([]string{"true", "false"})
	case "Radio":
		return strconv.Quote(m.of(randomChoices))
	case "Number":
		for {
			n := m.near(constants)
			whole := !strings.Contains(n, ".")
			if length, err := strconv.Atoi(q.length); (whole || q.whole == "No") && (err != nil || len(n) <= length) {
				return n
			}
		}
	case "Date/Time Precision":
		at := today.AddDate(0, 0, -m.IntN(720))
		if text := m.of(append(constants, "")); m.one(2) {
			for _, layout := range []string{time.DateOnly, "2006-01-02T15:04"} {
				if c, err := time.Parse(layout, text); err == nil {
					at = c
				}
			}
		} else if m.one(2) {
			at = today
		}
		at = at.AddDate(0, m.IntN(5)/4, m.IntN(3)-1)
		if q.time != "No" && m.one(2) {
			return strconv.Quote(at.Add(time.Duration(m.IntN(3)-1) * time.Minute).Add(time.Duration(m.IntN(4)/3*m.IntN(600)) * time.Minute).Format("2006-01-02T15:04"))
		}
		return strconv.Quote(at.Format(time.DateOnly))
	case "Time":
		if at, err := time.Parse("15:04", m.of(append(constants, ""))); err == nil {
			return strconv.Quote(at.Add(time.Duration(m.IntN(3)-1) * time.Minute).Format("15:04"))
		}
		return strconv.Quote(m.clock())
	}
	if text := m.of(append(constants, "other")); m.one(3) {
		if _, err := spanOf(text); !err && len(text) <= 12 && text != "" {
			return strconv.Quote(m.of([]string{text, strings.ToLower(text), text + "s"}))
		}
	}
	const alphabet = "09aAbcZx8yesnoF-_ é"
	letters, text := []rune(alphabet), ""
	for range 1 + m.IntN(6) {
		text += string(letters[m.IntN(len(letters))])
	}
	if m.one(3) {
		text = m.of([]string{"12", "1a", "A123", "AB-1", "AB-12", "yes", "no", "abc", "ABC", "12ab", "FF00", "x1", "a", "abcd", "abcdef", "a b", "123", "a_"})
	}
	if text = strings.TrimSpace(text); text == "" {
		text = "a"
	}
	return strconv.Quote(text)
}

// near is a number around a constant, or around what two constants give together, or any.
func (m ruleMaker) near(constants []string) string {
	number := func() float64 {
		n, err := strconv.ParseFloat(m.of(append(constants, "0")), 64)
		if err != nil {
			n = float64(m.IntN(30))
		}
		return n
	}
	n := number()
	switch m.IntN(8) {
	case 0:
		n *= number()
	case 1:
		n += number()
	case 2:
		n -= number()
	case 3:
		if by := number(); by != 0 {
			n /= by
		}
	case 4:
		n = float64(m.IntN(200))
	}
	n += []float64{0, 0, 0, 1, -1, 0.1, -0.1, 0.5, 0.01, -0.01, 2, 10}[m.IntN(12)]
	return strconv.FormatFloat(n, 'f', m.IntN(3), 64)
}
