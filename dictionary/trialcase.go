package dictionary

import (
	"cmp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/imednetgo/imednet"
)

// refused is the effect of a rule with a hard edit.
const refused = "refusal"

func queryOn(question string) string  { return "query on " + question }
func keywordSet(name string) string   { return "keyword " + name }
func clearing(question string) string { return clearingOf + question }

const clearingOf = "clearing of "

// shows lists what a rule does that the API can show.
func (o Outcome) shows() []string {
	var all []string
	if o.Refuses {
		all = append(all, refused)
	}
	for _, question := range o.Queries {
		all = appendNew(all, queryOn(question))
	}
	for _, keyword := range o.Keywords {
		all = appendNew(all, keywordSet(keyword))
	}
	for _, question := range o.Clears {
		all = appendNew(all, clearing(question))
	}
	return all
}

// draft is the answers of a form in the making: JSON values by question, "null" for none.
type draft map[string]string

func (d draft) with(more draft) draft {
	all := make(draft, len(d)+len(more))
	for _, values := range []draft{d, more} {
		for name, value := range values {
			all[name] = value
		}
	}
	return all
}

// data writes the answers in the order of the form, without those that are blank.
func (d draft) data(form *Form) (imednet.RecordData, error) {
	var b strings.Builder
	b.WriteByte('{')
	written := map[string]bool{}
	for _, q := range form.Questions {
		value := cmp.Or(d[q.Name], "null")
		if value == "null" || written[q.Name] {
			continue
		}
		name, err := json.Marshal(q.Name)
		if err != nil {
			return imednet.RecordData{}, err
		}
		if len(written) > 0 {
			b.WriteByte(',')
		}
		written[q.Name] = true
		b.Write(name)
		b.WriteString(":" + value)
	}
	return imednet.NewRecordData([]byte(b.String() + "}"))
}

// draftOf reads answers.
func draftOf(data imednet.RecordData) draft {
	d := draft{}
	for name, v := range data.All() {
		d[name] = string(jsontext.Value(v.Raw()))
	}
	return d
}

// planner makes the records of a form for a test study. In each of them the effects of one rule can be
// told from those of all others.
type planner struct {
	checker *Checker
	form    *Form
	reads   map[*Rule][]*Question
	values  map[string][]string // candidates of each question
	calming int                 // what is left of the work of calming several rules at once
	calm    draft               // answers on which as few rules as possible act
}

func (c *Checker) planner(form *Form) *planner {
	p := &planner{checker: c, form: form, reads: map[*Rule][]*Question{}, values: map[string][]string{}, calm: draft{}}
	suggested := map[string]suggestions{}
	for _, r := range c.rules[form.Key] {
		read, _, conditions := c.readBy(form, r)
		p.reads[r] = read
		for _, q := range read {
			suggested[q.Name] = suggested[q.Name].with(suggestionsOf(conditions[:1]))
		}
	}
	for _, q := range form.Questions {
		if q.Kind() == imednet.UploadVariable || c.unused[q] {
			continue // files cannot be sent
		}
		p.values[q.Name] = c.candidates(q, suggested[q.Name])
		p.calm[q.Name] = p.values[q.Name][0]
	}
	for _, r := range c.rules[form.Key] {
		p.addBoundaries(r)
	}
	p.calming = maxCalming
	p.calm = p.calmed(nil, p.calm)
	return p
}

// addBoundaries adds the numbers at which the calculations of a rule turn.
func (p *planner) addBoundaries(r *Rule) {
	if conditions := r.conditions(); conditions == nil || !conditions.calculates() || r.parts() > maxParts {
		return
	}
	all := p.checker.choose(p.form, r, p.refusing(r)...)
	for i, q := range all.questions {
		for _, value := range all.values[i] {
			if len(p.values[q.Name]) > 0 {
				p.values[q.Name] = appendNew(p.values[q.Name], value)
			}
		}
	}
}

// shown is an effect by which a rule can be recognised in a record, and whether it is expected.
type shown struct {
	Effect   string
	Expected bool
}

// look finds what a record shows of a rule, and the rules that hide the rest: those that act and do the
// same, those that refuse the record, and those of which it is not known whether they do. For no rule
// everything is hidden by all rules that show anything.
func (p *planner) look(rule *Rule, d draft) (visible []shown, hiding []*Rule) {
	data, err := d.data(p.form)
	if err != nil {
		return nil, nil
	}
	c := p.checker
	before := c.CheckData(p.form, data)
	effects := c.Effects(p.form, &imednet.Record{RecordData: data})
	rules := c.rules[p.form.Key]
	index := slices.Index(rules, rule)
	var own []string
	acts := imednet.No
	if rule != nil {
		own, acts = before[index].shows(), effects.Outcomes[index].Acts
	}
	taken := map[string]bool{}
	for i, o := range effects.Outcomes {
		if i == index || o.Acts == imednet.No && before[i].Acts == imednet.No || p.outside(rules[i]) && o.Acts == imednet.Unknown {
			continue
		}
		hides := false
		for _, effect := range o.shows() {
			if rule == nil || effect == refused || slices.Contains(own, effect) {
				hides, taken[effect] = true, true
			}
		}
		if hides {
			hiding = append(hiding, rules[i])
		}
	}
	if rule == nil || taken[refused] || acts == imednet.Unknown {
		return nil, hiding
	}
	find := c.answersOf(p.form, data)
	for _, effect := range own {
		if !p.answers(effect) {
			continue
		}
		question, clears := strings.CutPrefix(effect, clearingOf)
		if v, _ := find(question); taken[effect] || clears && v.Missing() || acts == imednet.Yes && own[0] == refused && effect != refused {
			continue
		}
		visible = append(visible, shown{effect, acts == imednet.Yes || clears && before[index].Acts == imednet.Yes})
	}
	return visible, hiding
}

// outside reports whether a rule reads what the study does not use. Such a rule that is undecided hides nothing: that the
// study takes a record of the form on which no other rule acts shows what it does then.
func (p *planner) outside(r *Rule) bool {
	return slices.ContainsFunc(p.reads[r], func(q *Question) bool { return p.checker.unused[q] })
}

// answers reports whether the study has what an effect is about.
func (p *planner) answers(effect string) bool {
	question := strings.TrimPrefix(strings.TrimPrefix(effect, clearingOf), queryOn(""))
	q, known := p.form.Question(question)
	return question == effect || !known || !p.checker.unused[q]
}

// calmed changes answers that the rule does not read until no other rule hides what it does, or until
// nothing helps any more.
func (p *planner) calmed(rule *Rule, d draft) draft {
	_, hiding := p.look(rule, d)
	if slices.ContainsFunc(hiding, func(other *Rule) bool { return p.fixed(rule, other) }) {
		return d
	}
	for range 4 * len(p.form.Questions) {
		better, left := p.less(rule, d, hiding)
		if better == nil {
			better, left = p.together(rule, d, hiding)
		}
		if better == nil {
			return d
		}
		d, hiding = better, left
	}
	return d
}

// fixed reports whether what another rule does depends on nothing but the answers that a rule reads.
func (p *planner) fixed(rule, other *Rule) bool {
	return rule != nil && !slices.ContainsFunc(p.reads[other], func(q *Question) bool { return !slices.Contains(p.reads[rule], q) })
}

// refusing are the conditions of the other rules that refuse records for answers that a rule reads.
func (p *planner) refusing(rule *Rule) (conditions []*Element) {
	for _, other := range p.checker.rules[p.form.Key] {
		shared := slices.ContainsFunc(p.reads[other], func(q *Question) bool { return slices.Contains(p.reads[rule], q) })
		if c := other.conditions(); other != rule && shared && c != nil && other.outcome().Refuses {
			conditions = append(conditions, c)
		}
	}
	return conditions
}

// less returns answers with fewer hiding rules, or nil.
func (p *planner) less(rule *Rule, d draft, hiding []*Rule) (draft, []*Rule) {
	for _, other := range hiding {
		for _, q := range p.reads[other] {
			if slices.Contains(p.reads[rule], q) {
				continue
			}
			for _, value := range p.values[q.Name] {
				if value == d[q.Name] {
					continue
				}
				changed := d.with(draft{q.Name: value})
				if _, left := p.look(rule, changed); len(left) < len(hiding) {
					return changed, left
				}
			}
		}
	}
	return nil, nil
}

// cases are records on which a rule shows that it acts and that it does not.
func (p *planner) cases(rule *Rule, most int) ruleCases {
	shows := rule.outcome().shows()
	if len(shows) == 0 {
		return ruleCases{why: "it neither refuses, queries, sets a keyword nor clears an answer"}
	}
	if !slices.ContainsFunc(shows, p.answers) {
		return ruleCases{why: "the study has no variable in use for what it queries or clears"}
	}
	hidden := ""
	seen := map[string]bool{}
	p.calming = maxCalming
	found := p.checker.casesOf(p.form, rule, p.refusing(rule), most, func(answers imednet.RecordData) (placed, bool) {
		d := p.calmed(rule, p.calm.with(draftOf(answers)))
		visible, hiding := p.look(rule, d)
		if len(visible) == 0 && len(hiding) > 0 {
			hidden = cmp.Or(hidden, hiding[0].ID)
		}
		data, err := d.data(p.form)
		if len(visible) == 0 || err != nil || seen[string(data.Raw())] {
			return placed{}, false
		}
		seen[string(data.Raw())] = true
		effects := p.checker.Effects(p.form, &imednet.Record{RecordData: data})
		return placed{entered: data, left: p.checker.without(p.form, data, effects.Cleared), shown: visible}, true
	})
	if found.why != "" && hidden != "" {
		found.why = "its effects cannot be told from those of rule " + hidden
	}
	return found
}
