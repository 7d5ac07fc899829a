package dictionary

import "strings"

// choices pairs the choices of a question: those with the same code and text first, then, without outer white space, by both, by
// code, and by text. A code that stands for another text is the gravest of changes: old answers change their
// meaning.
func (c *comparison) choices(path string, before, after []*Choice) {
	left := append([]*Choice(nil), before...)
	take := func(fits func(*Choice) bool) *Choice {
		for i, old := range left {
			if old != nil && fits(old) {
				left[i] = nil
				return old
			}
		}
		return nil
	}
	old := make([]*Choice, len(after))
	pass := func(fits func(old, now *Choice) bool) {
		for i, now := range after {
			if old[i] == nil {
				old[i] = take(func(o *Choice) bool { return fits(o, now) })
			}
		}
	}
	pass(func(o, n *Choice) bool { return o.Code == n.Code && o.Text == n.Text })
	pass(func(o, n *Choice) bool {
		return pythonStrip(o.Code) == pythonStrip(n.Code) && pythonStrip(o.Text) == pythonStrip(n.Text)
	})
	pass(func(o, n *Choice) bool {
		return pythonStrip(o.Code) == pythonStrip(n.Code) && pythonStrip(n.Code) != ""
	})
	pass(func(o, n *Choice) bool { return pythonStrip(o.Text) == pythonStrip(n.Text) })
	defer func() { c.chosen = [2]*Choice{} }()
	for i, now := range after {
		at := path + ".choices[" + choiceName(now) + "]"
		c.chosen = [2]*Choice{old[i], now}
		if old[i] == nil {
			c.add(Added, addedEffect(len(before)), at, "", now.Text)
			continue
		}
		c.field(Breaking, at+".text", old[i].Text, now.Text)
		c.field(Breaking, at+".code", old[i].Code, now.Code)
		if old[i].Position != now.Position {
			c.add(Moved, Cosmetic, at+".position", old[i].Position, now.Position)
		}
		c.options(at, old[i].Options, now.Options)
	}
	for _, gone := range left {
		if gone != nil {
			c.chosen = [2]*Choice{gone, nil}
			c.add(Removed, Breaking, path+".choices["+choiceName(gone)+"]", gone.Text, "")
		}
	}
}

// addedEffect is the effect of a choice that is added to some others. A list without any takes every answer, until it has
// its first.
func addedEffect(others int) Effect {
	if others == 0 {
		return Tightening
	}
	return Extending
}

// choiceName is a choice's code, or its text where it has none.
func choiceName(c *Choice) string {
	if strings.TrimSpace(c.Code) != "" {
		return c.Code
	}
	return c.Text
}
