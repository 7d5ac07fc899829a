package cdisc

import (
	"fmt"
	"strings"
)

// Problems returns everything in the surveyed data that the format cannot hold.
func (s *Survey) Problems(f Format) []Problem {
	c := checker{s: s, format: f, dataset: s.dataset.Name}
	c.checkDataset()
	for i := range s.dataset.Variables {
		c.checkVariable(&s.dataset.Variables[i], &s.stats[i])
	}
	return c.problems
}

// checker gathers the problems of one dataset in one format.
type checker struct {
	s        *Survey
	format   Format
	dataset  string
	problems []Problem
}

func (c *checker) add(variable string, rule Rule, count int64, message string, args ...any) {
	if count > 0 {
		c.problems = append(c.problems, Problem{c.dataset, variable, rule, count, fmt.Sprintf(message, args...)})
	}
}

func (c *checker) flag(variable string, rule Rule, broken bool, message string, args ...any) {
	if broken {
		c.add(variable, rule, 1, message, args...)
	}
}

func (c *checker) checkDataset() {
	d := &c.s.dataset
	c.flag("", RuleDatasetName, d.Name == "", "a dataset needs a name")
	c.flag("", RuleVariableCount, len(d.Variables) == 0, "there are no variables")
	c.add("", RuleKey, c.s.sameKey, "rows with the key of an earlier row")
	c.flag("", RuleKeySequence, c.keysBroken(), "the places of the key variables are not 1, 2, 3 …")
	c.flag("", RuleUTF8, !validText(d.Name) || !validText(d.Label) || !validText(d.OID), "the name, label or OID is not UTF-8")
	c.checkNames()
	if !c.format.isXPT() {
		return
	}
	c.add("", RuleKey, c.s.sameXPT-c.s.sameKey, "rows with a key that XPORT does not tell from an earlier one's: trailing blanks, empty texts and digits do not count")
	c.flag("", RuleEncoding, !d.Encoding.known(), "the encoding is none that is known")
	l := c.format.limits()
	c.flag("", RuleDatasetName, d.Name != "" && !isSASName(d.Name, c.format), "%q is not a SAS name of at most %d letters, digits and underscores", d.Name, l.name)
	size := d.Encoding.size(d.Label)
	c.flag("", RuleLabelLength, size > l.datasetLabel, "the label has %d bytes; %d fit", size, l.datasetLabel)
	c.checkLabel("", d.Label)
	c.flag("", RuleVariableCount, len(d.Variables) > l.variables, "there are %d variables; %d fit", len(d.Variables), l.variables)
	c.flag("", RuleLastRow, c.s.lastBlank && c.s.rows > 0 && !c.anyNumber(), "the last row holds nothing and there is no numeric variable: readers take it for padding")
}

func (c *checker) anyNumber() bool {
	for _, v := range c.s.dataset.Variables {
		if v.Type.isNumeric() {
			return true
		}
	}
	return false
}

func (c *checker) keysBroken() bool {
	keyed := 0
	for _, v := range c.s.dataset.Variables {
		if v.Key != 0 {
			keyed++
		}
	}
	return keyed != len(c.s.dataset.keys())
}

// checkNames finds names that differ in the case of their letters alone. No format tells them
// apart: SAS ignores case, and the others are read into it.
func (c *checker) checkNames() {
	seen := map[string]int64{}
	for _, v := range c.s.dataset.Variables {
		seen[strings.ToUpper(v.Name)]++
	}
	for _, v := range c.s.dataset.Variables {
		name := strings.ToUpper(v.Name)
		if n := seen[name]; n > 1 {
			c.add(v.Name, RuleSameName, n, "%d columns have this name: %s", n, strings.Join(c.sourcesOf(name), ", "))
		}
		delete(seen, name)
	}
}

func (c *checker) sourcesOf(name string) (list []string) {
	for _, v := range c.s.dataset.Variables {
		if strings.EqualFold(v.Name, name) {
			list = append(list, orElse(v.Source, v.Name))
		}
	}
	return list
}

func (c *checker) checkVariable(v *Variable, st *Stats) {
	c.flag(v.Name, RuleVariableName, v.Name == "", "a variable needs a name")
	c.flag(v.Name, RuleUTF8, !validText(v.Name) || !validText(v.Label) || !validText(v.OID), "the name, label or OID is not UTF-8")
	c.flag(v.Name, RuleType, v.Type < Character || v.Type > Boolean, "the variable has no type")
	c.add(v.Name, RuleType, st.Wrong, "values of another kind than the variable's")
	c.add(v.Name, RuleUTF8, st.InvalidUTF8, "texts that are not UTF-8")
	c.add(v.Name, RuleFinite, st.NotFinite, "NaN or infinite")
	c.add(v.Name, RuleDecimal, st.NotDecimal, "no plain decimal numbers")
	c.add(v.Name, RuleCalendar, st.OutOfCalendar, "before 1582-10-15, after 9999-12-31, or no time of a day")
	c.add(v.Name, RuleCodelist, st.OffList, "values that the code list lacks")
	if v.Mandatory {
		c.add(v.Name, RuleMandatory, st.Missing, "missing values of a mandatory variable")
	}
	_, _, _, ok := displayFormat(v.Format)
	c.flag(v.Name, RuleFormat, !ok, "%q is not a SAS display format of at most 8 letters", v.Format)
	c.flag(v.Name, RuleFormat, v.Format != "" && !v.Type.isNumeric(), "only numbers, dates and times have a display format")
	if c.format.isJSON() {
		if v.Type == WholeNumber {
			c.add(v.Name, RuleExactNumber, st.Inexact, "whole numbers beyond 2^53, which most readers round")
		}
		return
	}
	c.checkXPT(v, st)
}

func (c *checker) checkXPT(v *Variable, st *Stats) {
	l := c.format.limits()
	c.flag(v.Name, RuleVariableName, v.Name != "" && !isSASName(v.Name, c.format), "no name of SAS of at most %d letters, digits and underscores", l.name)
	e := c.s.dataset.Encoding
	c.flag(v.Name, RuleLabelLength, e.size(v.Label) > l.label, "the label has %d bytes; %d fit", e.size(v.Label), l.label)
	c.checkLabel(v.Name, v.Label)
	c.flag(v.Name, RuleType, v.Type == Boolean, "XPORT has no truth values; map them to Y and N")
	c.add(v.Name, RuleExactNumber, st.Inexact, "numbers with more digits than a float64 holds")
	c.add(v.Name, RuleNumberRange, st.OutOfIBM, "numbers beyond 5.4e-79 to 7.2e75")
	if v.Type.isNumeric() {
		return
	}
	longest := st.bytesIn(e)
	c.flag(v.Name, RuleTextLength, longest > l.text, "the longest text has %d bytes; %d fit", longest, l.text)
	c.flag(v.Name, RuleTextLength, v.Length > l.text && longest <= l.text, "the length is declared as %d bytes; %d fit", v.Length, l.text)
	c.add(v.Name, RuleEncoding, st.notIn(e), "texts with a character that %s does not have", e)
	c.add(v.Name, RuleControl, st.Control, "texts with a control character, line ends included")
	c.add(v.Name, RuleHeaderText, st.HeaderLike, "texts with the words %q, which begin a header", headerMark)
}

// checkLabel finds labels that agencies and readers refuse.
func (c *checker) checkLabel(variable, label string) {
	c.flag(variable, RuleEncoding, c.s.dataset.Encoding.known() && validText(label) && !c.s.dataset.Encoding.has(label), "the label has a character that %s does not have", c.s.dataset.Encoding)
	for _, r := range label {
		if r < ' ' || r == 0x7f || c.format == XPT5 && r > 0x7f {
			c.add(variable, RuleLabelText, 1, "the label holds a control character or, for version 5, one that is not ASCII")
			return
		}
	}
}

// Losses returns the information that the format cannot express although the data fit.
func (s *Survey) Losses(f Format) []Loss {
	var list []Loss
	if f.isXPT() && strings.HasSuffix(s.dataset.Label, " ") {
		list = append(list, Loss{s.dataset.Name, "", LossLabelBlank, f, 1})
	}
	for i, v := range s.dataset.Variables {
		st := &s.stats[i]
		add := func(kind LossKind, n int64) {
			if n > 0 {
				list = append(list, Loss{s.dataset.Name, v.Name, kind, f, n})
			}
		}
		add(LossNegativeZero, st.NegativeZero)
		if !f.isXPT() {
			continue
		}
		if strings.HasSuffix(v.Label, " ") {
			add(LossLabelBlank, 1)
		}
		if v.Type.isText() {
			add(LossEmptyText, st.Empty)
			add(LossBlankText, st.BlankOnly)
			add(LossTrailingBlank, st.TrailingBlanks-st.BlankOnly)
		}
		if v.Type == Decimal {
			add(LossDigits, st.Written)
		}
	}
	return list
}
