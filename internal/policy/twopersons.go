package policy

// RequiresTwoPersons reports whether decisions in a store need two persons who are both identified.
func (p *Policy) RequiresTwoPersons(store string) bool { return p.twoPersons[store] }

func (p *Policy) readTwoPersons(written map[string]string) error {
	for store, rule := range written {
		switch {
		case store != "config" && store != "triage":
			return at("twoPersons names something other than config and triage", "twoPersons", store)
		case rule != "required":
			return at("twoPersons has a rule other than required; leave a store out to let one person decide", "twoPersons", store)
		}
		p.twoPersons[store] = true
	}
	return nil
}
