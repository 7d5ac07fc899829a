package policy

// RequiresSignature reports whether what is done to a store must be signed: purges of the mirror.
func (p *Policy) RequiresSignature(store string) bool { return p.signatures[store] }

func (p *Policy) readSignatures(written map[string]string) error {
	for store, rule := range written {
		switch {
		case store != "mirror":
			return at("signatures names something other than mirror", "signatures", store)
		case rule != "required":
			return at("signatures has a rule other than required; leave mirror out to let purges be unsigned", "signatures", store)
		}
		p.signatures[store] = true
	}
	return nil
}
